import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { createDatabase, type Database } from '../../../src/services/platform/database.ts';
import { roleUrl } from '../../../src/services/platform/migrations/roles.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import { until } from '../../support/until.ts';
import type { Orders, Report, Request } from './messages.ts';

export interface KillOptions {
  readonly ownerUrl: string;
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What was found wrong, and how much was looked at. */
export interface KillResult {
  readonly problems: readonly string[];
  readonly answered: number;
  readonly orders: number;
  readonly fills: number;
  /** Kills that hit while the process was at work: requests were unanswered. */
  readonly hits: number;
}

const ACCOUNTS = 3;
const INSTRUMENTS = 6;
/** Orders that a round answers before the kill, at least. */
const ANSWERS_MIN = 10;
/** Every price has to come by, on a machine that may have much else to do. */
const WORK_OFF_MS = 240_000;
const PROCESS = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
const OPTIONS = {
  poolSize: 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
};

type Answer = Extract<Report, { kind: 'answered' }>;

/** What the test has heard, over all rounds. */
export interface Memory {
  readonly unanswered: Map<string, Request>;
  readonly answers: Map<string, Answer>;
  readonly problems: string[];
}

/**
 * Kills the engine with SIGKILL at random moments while clients trade, starts it again, and looks
 * after each kill whether the books are clean and every answered order is there. At the end the last
 * process works off what is open, and every order must have ended.
 */
export async function killRounds({
  ownerUrl,
  rounds,
  seed,
  say,
}: KillOptions): Promise<KillResult> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const query = async (sql: string, values: readonly unknown[] = []): Promise<never[]> =>
    (await client.query(sql, [...values])).rows as never[];
  const server = createDatabase({ ...OPTIONS, url: roleUrl(ownerUrl, 'tradegraph_server') });
  const worker = createDatabase({ ...OPTIONS, url: roleUrl(ownerUrl, 'tradegraph_worker') });
  const memory: Memory = { unanswered: new Map(), answers: new Map(), problems: [] };
  const random = createRandom(seed);
  let hits = 0;
  try {
    const scene = await setScene({ server, worker, query }, ownerUrl);
    for (let round = 1; round <= rounds; round += 1) {
      const unanswered = [...memory.unanswered.values()];
      const child = start({ ...scene, unanswered, seed: seed + round, isTrading: true }, memory);
      const before = memory.answers.size;
      await until('a round answers', () => memory.answers.size >= before + ANSWERS_MIN);
      await delay(random.next() * 500);
      await kill(child);
      if (memory.unanswered.size > 0) hits += 1;
      await look(worker, query, memory);
      const [open, answered] = [String(memory.unanswered.size), String(memory.answers.size)];
      say(`kill ${String(round)}: ${answered} answered so far, ${open} open; books looked at`);
    }
    await workOff(
      { ...scene, seed, isTrading: false, unanswered: [...memory.unanswered.values()] },
      {
        memory,
        query,
      },
    );
    await look(worker, query, memory);
    const [counts] = (await query(
      'SELECT (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM trades) AS fills',
    )) as { orders: number; fills: number }[];
    if (!counts) throw new Error('Nothing could be counted.');
    return { ...counts, hits, problems: memory.problems, answered: memory.answers.size };
  } finally {
    await Promise.all([server.close(), worker.close(), client.end()]);
  }
}

type Query = (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;

export async function setScene(
  databases: { readonly server: Database; readonly worker: Database; readonly query: Query },
  ownerUrl: string,
): Promise<Omit<Orders, 'unanswered' | 'seed' | 'isTrading'>> {
  const floor = createTradingFloor(databases);
  const owner = await floor.addPerson();
  const accountIds: string[] = [];
  for (let index = 0; index < ACCOUNTS; index += 1) {
    accountIds.push((await floor.openAccount(owner, '100000')).id);
  }
  const instruments: { id: string; symbol: string }[] = [];
  for (let index = 0; index < INSTRUMENTS; index += 1) {
    const { id, symbol } = await floor.addInstrument({ feeBps: decimal(10) });
    instruments.push({ id, symbol });
  }
  return { ownerUrl, ownerId: owner.userId, accountIds, instruments };
}

export function start(orders: Orders, memory: Memory): ChildProcess {
  const child = fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (report: Report) => {
    if (report.kind === 'sent') memory.unanswered.set(report.request.clientOrderId, report.request);
    if (report.kind === 'failed') memory.problems.push(report.message);
    if (report.kind !== 'answered') return;
    memory.unanswered.delete(report.clientOrderId);
    const earlier = memory.answers.get(report.clientOrderId);
    if (earlier && earlier.orderId !== report.orderId) {
      memory.problems.push(`${report.clientOrderId} was answered with two orders.`);
    }
    memory.answers.set(report.clientOrderId, report);
  });
  child.send(orders);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** The books must be clean at any moment, and what was answered must be there. */
export async function look(worker: Database, query: Query, memory: Memory): Promise<void> {
  const { checks } = await auditLedger(worker);
  for (const { name, brokenCount, findings } of checks) {
    if (brokenCount > 0) memory.problems.push(`${name}: ${JSON.stringify(findings[0])}`);
  }
  const rows = (await query('SELECT id, client_order_id, status FROM orders')) as {
    id: string;
    client_order_id: string;
    status: string;
  }[];
  const stored = new Map(rows.map((row) => [row.client_order_id, row]));
  for (const { clientOrderId, orderId, answer } of memory.answers.values()) {
    const row = stored.get(clientOrderId);
    const wasFinal = answer === 'FILLED' || answer === 'REJECTED';
    if (row?.id !== orderId || (wasFinal && row.status !== answer)) {
      memory.problems.push(
        `${clientOrderId} was answered ${answer}; it is ${row?.status ?? 'gone'}.`,
      );
    }
  }
}

/** Starts the process once more to fill what is open, and ends it in good order. */
export async function workOff(
  orders: Orders,
  { memory, query }: { readonly memory: Memory; readonly query: Query },
): Promise<void> {
  const child = start(orders, memory);
  const closed = once(child, 'close');
  const open = `SELECT 1 FROM orders WHERE status IN ('PENDING', 'SUBMITTED', 'ACCEPTED',
    'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN') LIMIT 1`;
  await until(
    'all requests are answered and all orders have ended',
    async () => memory.unanswered.size === 0 && (await query(open)).length === 0,
    WORK_OFF_MS,
  );
  child.send(orders);
  const [code] = (await closed) as [number | null];
  if (code !== 0) memory.problems.push(`The last process ended with ${String(code)}.`);
}
