import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { BenchCluster } from './bench-cluster.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { createInProcessBus } from '../src/services/platform/event-bus/in-process.ts';
import { createRelay } from '../src/services/platform/event-log/relay.ts';
import { createLogger } from '../src/services/platform/logger.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';

const SECONDS = 15;
const WRITERS = 8;
const ACCOUNTS = 200;
const TICK_MS = 10;
const PAYLOAD = JSON.stringify({ quantity: '12.5', price: '101.37', note: 'x'.repeat(200) });

interface Pace {
  /** Events a second that are offered. */
  readonly pace: number;
  /** Events in one transaction, all of one account. */
  readonly together: number;
}

/** Runs the relay beside writers, and prints what came through, what it cost and how late it was. */
export async function relayBesideWriter(
  cluster: BenchCluster,
  { pace, together }: Pace,
): Promise<void> {
  const writers = Array.from(
    { length: WRITERS },
    () => new Client({ connectionString: cluster.ownerUrl }),
  );
  await Promise.all(writers.map((client) => client.connect()));
  const [writer] = writers;
  if (!writer) throw new Error('There is no writer.');
  await writer.query('TRUNCATE outbox, event_log, event_topics');
  await writer.query('UPDATE event_head SET position = 0');
  const log = createLogger('error');
  const bus = createInProcessBus({ log });
  const lagsMs: number[] = [];
  const hear = (message: string): void => {
    const { occurredAt } = JSON.parse(message) as { occurredAt: string };
    lagsMs.push(Date.now() - Date.parse(occurredAt));
  };
  for (let n = 0; n < ACCOUNTS; n += 1) await bus.subscribe(`account:${n}`, hear);
  const url = roleUrl(cluster.ownerUrl, 'tradegraph_worker');
  const relay = createRelay({ url, bus, clock: systemClock, log });
  await relay.start();
  const { rows } = await writer.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'tradegraph-relay'",
  );
  const pid = rows[0]?.pid;
  const [startedMs, cpuMs] = [performance.now(), backendCpuMs(pid)];
  let written = 0;
  /** One writer of several: takes what is due, a transaction at a time. */
  const keepWriting = async (client: Client): Promise<void> => {
    for (let ms = 0; ms < SECONDS * 1_000; ms = performance.now() - startedMs) {
      if (written > (ms / 1_000) * pace) {
        await delay(TICK_MS);
        continue;
      }
      written += together;
      await write(client, written, together);
      relay.wake();
    }
  };
  await Promise.all(writers.map(keepWriting));
  while (lagsMs.length < written) await delay(TICK_MS);
  const seconds = (performance.now() - startedMs) / 1_000;
  const usAnEvent = ((backendCpuMs(pid) - cpuMs) * 1_000) / written;
  await relay.stop();
  await Promise.all(writers.map((client) => client.end()));
  const sorted = lagsMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  console.log(
    `beside writers of ${together} events a transaction, ${pace}/s offered: ` +
      `${Math.round(written / seconds)} events/s through, ` +
      `${usAnEvent.toFixed(1)} µs of the relay's database CPU an event, ` +
      `told after ${at(0.5)} ms (p50), ${at(0.99)} ms (p99)`,
  );
}

async function write(writer: Client, from: number, together: number): Promise<void> {
  const account = from % ACCOUNTS;
  await writer.query({
    name: 'write',
    text: `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
           SELECT $1, $2, 'TradeExecuted', 1, $3::jsonb, $4 FROM generate_series(1, $5::int)`,
    values: [
      `account:${account}`,
      `00000000-0000-7000-8000-${String(account).padStart(12, '0')}`,
      PAYLOAD,
      new Date(),
      together,
    ],
  });
}

/** Processor time so far of one connection's process, as Linux tells it; 0 elsewhere. */
function backendCpuMs(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${String(pid)}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}
