import { describe, expect, test } from 'vitest';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import type { EventBus } from '../../../src/services/platform/event-bus/event-bus.ts';
import { encodeHead } from '../../../src/services/platform/event-log/head-message.ts';
import { createHeadWatch } from '../../../src/services/platform/event-log/head-watch.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

async function createHouse(readHead: () => Promise<bigint>) {
  const time = createManualTime(new Date('2026-11-20T12:00:00Z'));
  const log = createSilentLogger();
  const gaps = new Set<() => void>();
  const bus: EventBus = {
    ...createInProcessBus({ log }),
    onGap(listener) {
      gaps.add(listener);
      return () => void gaps.delete(listener);
    },
  };
  let reads = 0;
  const watch = createHeadWatch({
    ...{ bus, log, ...time },
    readHead: () => {
      reads += 1;
      return readHead();
    },
  });
  const heard: bigint[] = [];
  const subscription = watch.join('account:1', ({ position }) => void heard.push(position));
  await subscription.ready;
  const tell = (position: bigint) =>
    bus.publish('head', encodeHead({ position, since: position, channels: new Map() }));
  /** Moves the time in steps, and lets what was started end between them. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      time.advance(100);
      await new Promise(setImmediate);
    }
  };
  return { watch, heard, log, gaps, tell, pass, subscription, readCount: () => reads };
}

describe('the watch on the head', () => {
  test('tells each what the news says of its channel, until it leaves', async () => {
    const log = createSilentLogger();
    const bus = createInProcessBus({ log });
    const time = createManualTime(new Date('2026-11-20T12:00:00Z'));
    const watch = createHeadWatch({ ...time, bus, log, readHead: async () => 0n });
    const told: string[] = [];
    const listen = (name: string, channel: string) =>
      watch.join(channel, ({ last }) => void told.push(`${name} ${String(last)}`));
    const [first, second, third] = [listen('a', 'x'), listen('b', 'x'), listen('c', 'y')];
    await Promise.all([first.ready, second.ready, third.ready]);
    const channels = new Map([['x', 7n]]);
    const news = encodeHead({ position: 9n, since: 5n, channels });
    await bus.publish('head', news);
    expect(told.splice(0)).toEqual(['a 7', 'b 7', 'c undefined']);
    await first.leave();
    await third.leave();
    await bus.publish('head', news);
    expect(told).toEqual(['b 7']);
  });

  test('hears the relay and leaves the database alone', async () => {
    const { heard, tell, pass, readCount, watch } = await createHouse(async () => 0n);
    for (const position of [1n, 2n, 3n, 4n]) {
      await tell(position);
      await pass(1_000);
    }
    expect([heard, readCount(), watch.isConfirmed()]).toEqual([[1n, 2n, 3n, 4n], 0, true]);
  });

  test('asks the database when the relay is silent, and so stays confirmed', async () => {
    const { heard, tell, pass, watch } = await createHouse(async () => 9n);
    await tell(1n);
    await pass(1_900);
    expect([heard, watch.isConfirmed()]).toEqual([[1n, 9n], true]);
  });

  test('asks at once when messages were missed', async () => {
    const { heard, tell, pass, gaps } = await createHouse(async () => 9n);
    await tell(1n);
    for (const tellGap of gaps) tellGap();
    await pass(100);
    expect(heard).toEqual([1n, 9n]);
  });

  test('is not confirmed after two seconds without relay and database, and is when one is back', async () => {
    let isAway = true;
    const { heard, tell, pass, watch, log } = await createHouse(async () => {
      if (isAway) throw new Error('no database');
      return 9n;
    });
    await tell(1n);
    await pass(2_000);
    expect(watch.isConfirmed()).toBe(true);
    await pass(100);
    expect(watch.isConfirmed()).toBe(false);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    isAway = false;
    await pass(500);
    expect([heard, watch.isConfirmed()]).toEqual([[1n, 9n], true]);
  });

  test('is confirmed as of when the database was asked, however late it answers', async () => {
    const answer = Promise.withResolvers<bigint>();
    const { heard, tell, pass, watch } = await createHouse(() => answer.promise);
    await tell(1n);
    await pass(3_500);
    answer.resolve(9n);
    await pass(100);
    // It was asked after a second and a half, and shows nothing that came since.
    expect([heard, watch.isConfirmed()]).toEqual([[1n, 9n], false]);
  });

  test('stops with its last listener', async () => {
    const { heard, tell, pass, gaps, subscription, readCount } = await createHouse(async () => 9n);
    await subscription.leave();
    await subscription.leave();
    await tell(1n);
    await pass(5_000);
    expect([heard, gaps.size, readCount()]).toEqual([[], 0, 0]);
  });
});
