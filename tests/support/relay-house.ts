import { afterEach, beforeEach, expect } from 'vitest';
import { systemClock } from '../../src/services/platform/clock.ts';
import { createInProcessBus } from '../../src/services/platform/event-bus/in-process.ts';
import {
  createEventDecoder,
  type LiveEvent,
} from '../../src/services/platform/event-log/event-message.ts';
import { createRelay, type Relay } from '../../src/services/platform/event-log/relay.ts';
import type { Timers } from '../../src/services/platform/timers.ts';
import type { TestDatabase } from './database.ts';
import { eventually } from './outbox.ts';
import { createSilentLogger } from './silent-logger.ts';

interface HouseOptions {
  readonly batchSize?: number;
  readonly timers?: Timers;
  readonly url?: string;
}

interface LogRow {
  readonly position: string;
  readonly topic: string;
  readonly payload: { n: number };
}

/** Relays over the file's database, whose log is emptied before each test. */
export function createRelays(database: TestDatabase) {
  const started: Relay[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((relay) => relay.stop()));
  });
  beforeEach(async () => {
    await database.query('TRUNCATE outbox, event_log, event_topics');
    await database.query('UPDATE event_head SET position = 0');
  });

  const countOf = async (table: 'outbox' | 'event_log'): Promise<number> => {
    const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row?.n ?? -1;
  };

  return {
    countOf,
    /** A relay, not started, with a bus of its own, and what it publishes there. */
    create(options: HouseOptions = {}) {
      const log = createSilentLogger();
      const bus = createInProcessBus({ log });
      const decode = createEventDecoder();
      const published: LiveEvent[] = [];
      const relay = createRelay({
        url: database.workerUrl,
        ...{ bus, clock: systemClock, log },
        ...options,
      });
      started.push(relay);
      const listenTo = async (channel: string): Promise<LiveEvent[]> => {
        await bus.subscribe(channel, (message) => void published.push(decode(message)));
        return published;
      };
      return { relay, bus, log, published, listenTo };
    },
    readLog: () => database.query<LogRow>('SELECT * FROM event_log ORDER BY position'),
    untilLogged: (count: number) =>
      eventually(`${count} events are logged`, async () => (await countOf('event_log')) === count),

    /** What must hold of every log, whatever happened to its relays. */
    async expectSoundLog(count: number): Promise<void> {
      const [sums] = await database.query(
        `WITH chained AS (
           SELECT *, lag(position, 1, 0) OVER (PARTITION BY topic ORDER BY position) AS before
           FROM event_log)
         SELECT count(*)::int AS n, count(DISTINCT position)::int AS positions,
           min(position)::int AS first, max(position)::int AS last,
           count(*) FILTER (WHERE before <> previous_position)::int AS broken_links,
           (SELECT position::int FROM event_head WHERE id = 1) AS head,
           (SELECT count(*)::int FROM event_topics t WHERE t.position IS DISTINCT FROM
             (SELECT max(e.position) FROM event_log e
              WHERE e.topic = t.topic OR 'owner:' || e.owner_id = t.topic)) AS wrong_topics
         FROM chained`,
      );
      expect(sums).toEqual({
        n: count,
        positions: count,
        first: 1,
        last: count,
        broken_links: 0,
        head: count,
        wrong_topics: 0,
      });
      expect(await countOf('outbox')).toBe(0);
    },
  };
}
