import { describe, expect, test } from 'vitest';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import { createLatestValues } from '../../../src/services/platform/event-log/latest-values.ts';
import { createStreamFlow } from '../../../src/services/platform/event-log/stream-flow.ts';
import { createStateFeed } from '../../../src/services/platform/event-log/state-feed.ts';
import { createStateStream } from '../../../src/services/platform/event-log/state-stream.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

interface Quote {
  readonly symbol: string;
  readonly price: number;
}

describe('the latest values of a reader', () => {
  const create = () => createLatestValues<string>({ intervalMs: 250, keysMax: 2 });

  test('keep the newest of a key in its place', () => {
    const values = create();
    values.put('A', 'a1', 0);
    values.put('B', 'b1', 1);
    values.put('A', 'a2', 2);
    expect([values.take(3), values.take(3), values.take(3)]).toEqual(['a2', 'b1', undefined]);
  });

  test('give a key at most once in its interval, and say when it is due', () => {
    const values = create();
    values.put('A', 'a1', 0);
    expect([values.dueInMs(0), values.take(0)]).toEqual([0, 'a1']);
    values.put('A', 'a2', 100);
    expect([values.take(100), values.dueInMs(100)]).toEqual([undefined, 150]);
    expect([values.take(249), values.take(250)]).toEqual([undefined, 'a2']);
    expect(values.dueInMs(250)).toBe(undefined);
  });

  test('are bounded: beyond the limit the one that waited longest goes', () => {
    const values = create();
    for (const key of ['A', 'B', 'C']) values.put(key, key.toLowerCase(), 0);
    expect([values.take(0), values.take(0), values.take(0)]).toEqual(['b', 'c', undefined]);
  });
});

describe('a state stream', () => {
  const openStream = () => {
    const time = createManualTime(new Date('2026-11-20T12:00:00Z'));
    const bus = createInProcessBus({ log: createSilentLogger() });
    const ended: string[] = [];
    const stream = createStateStream<Quote>({
      channels: ['quotes:AAA.SIM', 'quotes:BBB.SIM', 'quotes:AAA.SIM'],
      feed: createStateFeed<Quote>({
        keyOf: ({ symbol }) => symbol,
        parse: (message) => JSON.parse(message) as Quote,
        bus,
        ...time,
      }),
      flow: createStreamFlow(),
      life: { onBegin: () => undefined, onEnd: () => void ended.push('ended') },
    });
    const publish = (symbol: string, price: number) =>
      bus.publish(`quotes:${symbol}`, JSON.stringify({ symbol, price }));
    return { ...time, stream, publish, ended };
  };
  const values = (results: readonly IteratorResult<Quote>[]) =>
    results.map(({ value }) => (value as Quote | undefined)?.price);

  test('gives a quick reader each value at once, and no key more than four times a second', async () => {
    const { stream, publish, advance } = openStream();
    const first = stream.next();
    await publish('AAA.SIM', 1);
    await first;
    const second = stream.next();
    // Value n comes at (n - 1) × 100 ms; 2 to 11 in the next second.
    const seen: Promise<number>[] = [second.then(({ value }) => (value as Quote).price)];
    for (let price = 2; price <= 11; price += 1) {
      advance(100);
      await publish('AAA.SIM', price);
      if (price === 4 || price === 6 || price === 9) {
        seen.push(stream.next().then(({ value }) => (value as Quote).price));
      }
    }
    // The newest at 250 ms is 3; just before 500 ms it is 5, at 750 ms 8, just before 1,000 ms 10.
    expect(await Promise.all(seen)).toEqual([3, 5, 8, 10]);
  });

  test('gives a slow reader the newest of each key', async () => {
    const { stream, publish, advance } = openStream();
    const first = stream.next();
    await publish('AAA.SIM', 1);
    await first;
    for (let price = 10; price < 500; price += 1) await publish('BBB.SIM', price);
    // 10 came at once; after it, the newest of a quarter of a second.
    advance(250);
    expect(values([await stream.next()])).toEqual([499]);
  });

  test('ends while its reader waits, and hears nothing more', async () => {
    const { stream, publish, ended } = openStream();
    const waiting = stream.next();
    await stream.return?.();
    await publish('AAA.SIM', 1);
    expect([await waiting, await stream.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(ended).toEqual(['ended']);
  });
});
