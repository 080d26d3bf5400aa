import { expect, test } from 'vitest';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import { createStateFeed } from '../../../src/services/platform/event-log/state-feed.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

interface Price {
  readonly key: string;
  readonly price: number;
}

function openFeed() {
  const time = createManualTime(new Date('2026-11-20T12:00:00Z'));
  const bus = createInProcessBus({ log: createSilentLogger() });
  const calls: string[] = [];
  const feed = createStateFeed<Price>({
    keyOf: ({ key }) => key,
    parse(message) {
      calls.push('read');
      return JSON.parse(message) as Price;
    },
    bus: {
      async subscribe(channel, onMessage) {
        calls.push(`+${channel}`);
        const unsubscribe = await bus.subscribe(channel, onMessage);
        return () => {
          calls.push(`-${channel}`);
          unsubscribe();
        };
      },
    },
    ...time,
  });
  const publish = (key: string, price: number) =>
    bus.publish('prices', JSON.stringify({ key, price }));
  return { ...time, feed, publish, calls };
}

test('a message is read once for all who follow its channel, and they get one object', async () => {
  const { feed, publish, calls } = openFeed();
  const heard: Price[] = [];
  for (let count = 0; count < 100; count += 1) {
    await feed.follow('prices', (value) => void heard.push(value));
  }
  await publish('A', 1);
  expect(heard).toHaveLength(100);
  expect(new Set(heard).size).toBe(1);
  expect(calls).toEqual(['+prices', 'read']);
});

test('each key comes four times a second at most, its newest value last', async () => {
  const { feed, publish, advance } = openFeed();
  const heard: string[] = [];
  await feed.follow('prices', ({ key, price }) => void heard.push(`${key}${price}`));
  for (let price = 1; price <= 10; price += 1) {
    await publish('A', price);
    if (price % 5 === 0) await publish('B', price);
    advance(100);
  }
  advance(250);
  // A: 1 at 0 ms, then what is newest at 250, 500 and 750 ms, and 10 (of 900 ms) at 1,000. B: at once.
  expect(heard.filter((text) => text.startsWith('A'))).toEqual(['A1', 'A3', 'A5', 'A8', 'A10']);
  expect(heard.filter((text) => text.startsWith('B'))).toEqual(['B5', 'B10']);
});

test('the channel is let go with the last who follows it, and taken again', async () => {
  const { feed, publish, calls } = openFeed();
  const heard: number[] = [];
  const one = await feed.follow('prices', ({ price }) => void heard.push(price));
  const other = await feed.follow('prices', ({ price }) => void heard.push(price));
  one();
  one();
  await publish('A', 1);
  expect(heard).toEqual([1]);
  other();
  await Promise.resolve();
  await publish('A', 2);
  expect(calls).toEqual(['+prices', 'read', '-prices']);
  await feed.follow('prices', ({ price }) => void heard.push(price));
  await publish('A', 3);
  expect(heard).toEqual([1, 3]);
});
