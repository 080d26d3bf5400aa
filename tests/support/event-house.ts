import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/services/platform/clock.ts';
import type { EventBus } from '../../src/services/platform/event-bus/event-bus.ts';
import { createInProcessBus } from '../../src/services/platform/event-bus/in-process.ts';
import type { DurableItem } from '../../src/services/platform/event-log/event-sequence.ts';
import { createRelay, type Relay } from '../../src/services/platform/event-log/relay.ts';
import type { EventSource } from '../../src/services/platform/event-log/stored-event.ts';
import {
  createStreams,
  type StreamLimits,
  type Streams,
} from '../../src/services/platform/event-log/streams.ts';
import type { NewEvent } from '../../src/services/platform/outbox.ts';
import { afterwards } from './afterwards.ts';
import type { TestDatabase } from './database.ts';
import { commitEvents, eventually, newEvent } from './outbox.ts';
import { createSilentLogger } from './silent-logger.ts';

type Message = { readonly channel: string; readonly text: string };

/** A bus that counts its subscribers and drops the messages that the test tells it to. */
interface LeakyBus extends EventBus {
  readonly subscriberCount: () => number;
  drops: (message: Message) => boolean;
}

function createLeakyBus(inner: EventBus): LeakyBus {
  let subscribers = 0;
  const bus: LeakyBus = {
    ...inner,
    drops: () => false,
    subscriberCount: () => subscribers,
    async publish(channel, text) {
      if (!bus.drops({ channel, text })) await inner.publish(channel, text);
    },
    async subscribe(channel, onMessage) {
      const unsubscribe = await inner.subscribe(channel, onMessage);
      subscribers += 1;
      let isSubscribed = true;
      return () => {
        if (isSubscribed) subscribers -= 1;
        isSubscribed = false;
        unsubscribe();
      };
    },
  };
  return bus;
}

/** Relay and bus over the file's database, stopped after its last test, or the one that calls this. */
export async function openRelay(database: TestDatabase, inner?: EventBus) {
  const log = createSilentLogger();
  const bus = createLeakyBus(inner ?? createInProcessBus({ log }));
  const relay = createRelay({ url: database.workerUrl, bus, clock: systemClock, log });
  await relay.start();
  afterwards(() => relay.stop());
  return { bus, relay, log };
}

/** The streams of a process, ended after the file's last test, or the one that calls this. */
export function openStreams(
  database: TestDatabase,
  bus: EventBus,
  limits: Partial<StreamLimits> = {},
): Streams {
  const streams = createStreams({
    db: database.server,
    bus,
    clock: systemClock,
    log: createSilentLogger(),
    limits: { queueEvents: 1_000, ...limits },
  });
  afterwards(() => streams.close());
  return streams;
}

/** Ada's events in a topic of one test, and streams of them. */
export function createTopicHouse(database: TestDatabase, relay: Relay, ownerId: string) {
  const topic = `account:${randomUUID()}`;
  return {
    topic,
    /** Commits so many events, each in a transaction of its own. */
    async write(count: number, event: Partial<NewEvent> = {}): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        await commitEvents(database, newEvent({ topic, ownerId, payload: { n }, ...event }));
        relay.wake();
      }
    },
    /** Commits so many events of another owner, in turns in this topic and in one of his own. */
    async writeOf(owner: string, count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const topics = [topic, `model:${owner}`];
        await commitEvents(
          database,
          ...topics.map((name) => newEvent({ topic: name, ownerId: owner, payload: { n } })),
        );
        relay.wake();
      }
    },
    /** The positions that the log holds of a source, past all walls. */
    async positionsOf(source: EventSource = { topic }): Promise<bigint[]> {
      const [column, value] =
        'topic' in source ? ['topic', source.topic] : ['owner_id', source.ownerId];
      const rows = await database.query<{ position: string }>(
        `SELECT position FROM event_log WHERE ${column} = $1 AND type = 'Counted' ORDER BY position`,
        [value],
      );
      return rows.map(({ position }) => BigInt(position));
    },
    async untilRelayed(): Promise<void> {
      const left = () => database.query('SELECT 1 FROM outbox LIMIT 1');
      await eventually('the outbox is empty', async () => (await left()).length === 0);
    },
  };
}

/** Reads until `count` events came, and expects nothing else between them. */
export async function readEvents(
  stream: AsyncIterableIterator<DurableItem, undefined>,
  count: number,
): Promise<bigint[]> {
  const positions: bigint[] = [];
  while (positions.length < count) {
    const { done, value: item } = await stream.next();
    if (done) throw new Error(`The stream ended after ${positions.length} events.`);
    if (item.kind !== 'event') throw new Error(`A gap came after ${positions.length} events.`);
    positions.push(item.event.position);
  }
  return positions;
}
