import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Database } from '../../../src/services/platform/database.ts';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import { encodeHead } from '../../../src/services/platform/event-log/head-message.ts';
import { encodeMoved } from '../../../src/services/platform/event-log/event-message.ts';
import { createStreams } from '../../../src/services/platform/event-log/streams.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { eventually, newEvent } from '../../support/outbox.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const database = await createTestDatabase();
const viewer = userViewer({ userId: randomUUID(), role: 'USER' });
const START = new Date('2026-11-20T12:00:00Z');

/** A process that hears of the log what the test tells it, and whose database may go away. */
function openProcess() {
  const time = createManualTime(START);
  const log = createSilentLogger();
  const bus = createInProcessBus({ log });
  let isAway = false;
  const db: Database = {
    ...database.server,
    snapshot: (...call: Parameters<Database['snapshot']>) =>
      isAway ? Promise.reject(new Error('no database')) : database.server.snapshot(...call),
  } as Database;
  const streams = createStreams({ db, bus, log, ...time, limits: { queueEvents: 100 } });
  /** Lets what was started come to its end. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 100));
  return {
    ...{ bus, streams, settle },
    setAway: (value: boolean) => (isAway = value),
    /** In steps, so that what falls due has its turn. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) {
        time.advance(100);
        await new Promise(setImmediate);
      }
      await settle();
    },
    tellHead: (position: bigint) =>
      bus.publish('head', encodeHead({ position, since: position, channels: new Map() })),
    /** An event as the relay tells it, live. */
    async tell(topic: string, position: bigint, previousPosition: bigint) {
      const moved = encodeMoved({
        event: {
          ...newEvent({ topic, ownerId: viewer.userId }),
          ...{ position, previousPosition, payload: '{}', recordedAt: START },
        },
        ownerPreviousPosition: previousPosition,
      });
      await bus.publish(topic, moved);
    },
  };
}

/** Asks for the next item; `got` tells whether it has come. */
function ask<Item>(stream: AsyncIterator<Item>) {
  const asked = { got: undefined as Item | undefined };
  void stream.next().then(({ value }) => (asked.got = value as Item));
  return asked;
}

test('a durable stream holds back what comes while its process may be cut off', async () => {
  const { streams, settle, setAway, pass, tellHead, tell } = openProcess();
  const topic = `account:${randomUUID()}`;
  const stream = streams.durable(viewer, { topic }, { types: ['Counted'] });
  const first = ask(stream);
  await tell(topic, 1n, 0n);
  await eventually('the first has come', () => first.got);
  expect(first.got).toMatchObject({ kind: 'event', event: { position: 1n } });

  setAway(true);
  const second = ask(stream);
  await pass(2_200);
  // It comes over the bus all right, but a revocation before it may not have come.
  await tell(topic, 2n, 1n);
  await settle();
  expect(second.got).toBeUndefined();
  await tellHead(2n);
  await eventually('the second has come', () => second.got);
  expect(second.got).toMatchObject({ kind: 'event', event: { position: 2n } });
  await streams.close();
});

test('a private state stream is silent while its process may be cut off', async () => {
  const { streams, setAway, pass, tellHead, tell } = openProcess();
  // What it stands on is followed by a durable stream, as the live figures of an account are.
  const topic = `account:${randomUUID()}`;
  const base = ask(streams.durable(viewer, { topic }, { types: ['Counted'] }));
  await tell(topic, 1n, 0n);
  await eventually('it has begun', () => base.got);
  let change = (): void => undefined;
  let value = 1;
  const stream = streams.conflated<number>(async (onChange) => {
    change = onChange;
    return { read: () => value, close: () => undefined };
  });
  const first = ask(stream);
  await eventually('the first has come', () => first.got);
  expect(first.got).toBe(1);

  setAway(true);
  const second = ask(stream);
  await pass(2_200);
  value = 2;
  change();
  await pass(2_000);
  expect(second.got).toBeUndefined();
  // It gives what is true when it may, and not what was.
  value = 3;
  await tellHead(1n);
  await pass(300);
  await eventually('the third has come', () => second.got);
  expect(second.got).toBe(3);
  await streams.close();
});
