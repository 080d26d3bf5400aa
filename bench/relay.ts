/**
 * What the relay costs, beside a floor: a plain delete and insert of the same rows, without positions,
 * links, head or messages. First over a full outbox: events a second, and the database's processor time
 * an event. Then beside a writer who commits events at a pace, some in a transaction, as orders do: how
 * many come through, what the relay's own connection costs, and how old an event is when it is told.
 *
 *     node bench/relay.ts [events] [rounds] [events a second] [events a transaction]
 */
import { join } from 'node:path';
import { Client } from 'pg';
import { openBenchCluster } from './bench-cluster.ts';
import { databaseCpuMs } from './bench-cpu.ts';
import { relayBesideWriter } from './relay-pace.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { createInProcessBus } from '../src/services/platform/event-bus/in-process.ts';
import { createRelay, type Relay } from '../src/services/platform/event-log/relay.ts';
import { createLogger } from '../src/services/platform/logger.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';

const BATCH_SIZE = 1_000;
const TOPICS = 200;

const [events = 50_000, rounds = 5, pace = 5_000, together = 6] = process.argv.slice(2).map(Number);
const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  const floors: Measured[] = [];
  const relays: Measured[] = [];
  // In turns, so that what else the machine does falls on both.
  for (let round = 0; round < rounds; round += 1) {
    floors.push(await measure(owner, () => moveByFloor(owner)));
    relays.push(await measure(owner, () => moveByRelay(owner)));
  }
  await owner.end();
  console.log(`${events} events in batches of ${BATCH_SIZE}, median of ${rounds} rounds`);
  console.log(`floor  ${report(floors)}`);
  console.log(`relay  ${report(relays)}`);
  const share = medianOf(relays.map(({ rate }) => rate)) / medianOf(floors.map(({ rate }) => rate));
  console.log(`the relay reaches ${(share * 100).toFixed(0)}% of the floor`);
  await relayBesideWriter(cluster, { pace, together });
}

interface Measured {
  /** Events a second. */
  readonly rate: number;
  /** Of the database, for one event. */
  readonly cpuUs: number;
}

function report(rounds: readonly Measured[]): string {
  const rates = rounds.map(({ rate }) => rate);
  const cpuUs = medianOf(rounds.map((round) => round.cpuUs)).toFixed(1);
  return `${perSecond(medianOf(rates))} events/s   ${rangeOf(rates)}, ${cpuUs} µs of CPU an event`;
}

/** What `move` does with a full outbox. */
async function measure(owner: Client, move: () => Promise<Relay | undefined>): Promise<Measured> {
  await owner.query('TRUNCATE outbox, event_log, event_topics');
  await owner.query(
    `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
     SELECT 'account:' || n % $2::int, ('00000000-0000-7000-8000-' || lpad((n % $2::int)::text, 12, '0'))::uuid,
       'TradeExecuted', 1, jsonb_build_object('id', n, 'quantity', '12.5', 'price', '101.37',
         'note', repeat('x', 200)), now()
     FROM generate_series(1, $1::int) AS n`,
    [events, TOPICS],
  );
  await owner.query('VACUUM ANALYZE outbox');
  const [startedMs, cpuMs] = [performance.now(), databaseCpuMs(join(cluster.folder, 'postgres'))];
  const relay = await move();
  const measured = {
    rate: (events / (performance.now() - startedMs)) * 1_000,
    cpuUs: ((databaseCpuMs(join(cluster.folder, 'postgres')) - cpuMs) * 1_000) / events,
  };
  // Only now: what a connection took is not counted any more once it is closed.
  await relay?.stop();
  return measured;
}

async function moveByFloor(owner: Client): Promise<undefined> {
  for (let position = 0; position < events; position += BATCH_SIZE) {
    await owner.query(
      `WITH taken AS (DELETE FROM outbox WHERE id = ANY (ARRAY(
           SELECT id FROM outbox ORDER BY id LIMIT $1)) RETURNING *)
       INSERT INTO event_log (position, recorded_at, topic, previous_position, owner_id, type, version,
         payload, occurred_at)
       SELECT id, now(), topic, 0, owner_id, type, version, payload, occurred_at FROM taken`,
      [BATCH_SIZE],
    );
  }
}

/** Until the last message was published; one subscriber hears them all. */
async function moveByRelay(owner: Client): Promise<Relay> {
  await owner.query('UPDATE event_head SET position = 0');
  const log = createLogger('error');
  const bus = createInProcessBus({ log });
  const { promise: finished, resolve } = Promise.withResolvers<undefined>();
  let heard = 0;
  for (let topic = 0; topic < TOPICS; topic += 1) {
    await bus.subscribe(`account:${topic}`, () => {
      heard += 1;
      if (heard === events) resolve(undefined);
    });
  }
  const url = roleUrl(cluster.ownerUrl, 'tradegraph_worker');
  const relay = createRelay({ url, bus, clock: systemClock, log, batchSize: BATCH_SIZE });
  await relay.start();
  await finished;
  return relay;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function perSecond(rate: number): string {
  return Math.round(rate).toLocaleString('en').padStart(9);
}

function rangeOf(values: readonly number[]): string {
  return `(${perSecond(Math.min(...values)).trim()} to ${perSecond(Math.max(...values)).trim()})`;
}
