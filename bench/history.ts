/**
 * How many trades a second history books, in batches and one by one, beside a floor: a plain insert of
 * the same rows from arrays, by the tables' owner, in one transaction.
 *
 *     node bench/history.ts [trades] [rounds]
 */
import { Client } from 'pg';
import { openBenchCluster } from './bench-cluster.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { createRandom } from '../src/services/platform/random.ts';
import { systemViewer } from '../src/services/platform/viewer.ts';
import {
  createHistoryBooking,
  type HistoryTrade,
} from '../src/services/portfolio/history-booking.ts';
import { createTradingFloor, decimal } from '../tests/support/trading-floor.ts';
import type { Account, Instrument } from '../src/services/platform/prisma/client.ts';

const FLUSH_TRADES = 2_000;
const INSTRUMENTS = 100;
/** One by one is slow: a part of the trades tells. */
const SINGLE_TRADES = 500;
const TABLES = ['trades', 'positions', 'ledger_transfers', 'ledger_entries'];
const OPTIONS = {
  poolSize: 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 600_000,
  statementTimeoutMs: 600_000,
};

const [trades = 8_000, rounds = 5] = process.argv.slice(2).map(Number);
const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  const server = createDatabase({
    ...OPTIONS,
    url: roleUrl(cluster.ownerUrl, 'tradegraph_server'),
  });
  const worker = createDatabase({
    ...OPTIONS,
    url: roleUrl(cluster.ownerUrl, 'tradegraph_worker'),
  });
  const query = async (sql: string, values: readonly unknown[] = []) =>
    (await owner.query<Record<string, unknown>>(sql, [...values])).rows;
  const floor = createTradingFloor({ server, worker, query });
  const histories = createHistoryBooking(floor);
  const person = await floor.addPerson();
  const instruments: Instrument[] = [];
  while (instruments.length < INSTRUMENTS) instruments.push(await floor.addInstrument());

  const bookInBatches = async (account: Account): Promise<void> => {
    await worker.withViewer(systemViewer(), async (tx) => {
      const book = await histories.open(tx, account);
      for (const [index, trade] of tradesOf(instruments, trades).entries()) {
        book.trade(trade);
        if (index % FLUSH_TRADES === FLUSH_TRADES - 1) await book.flush();
      }
      await book.flush();
    });
  };
  const bookOneByOne = async (account: Account): Promise<void> => {
    await worker.withViewer(systemViewer(), async (tx) => {
      for (const { flags: _flags, ...trade } of tradesOf(instruments, SINGLE_TRADES)) {
        const given = { account, fee: decimal(0), isAnnounced: false };
        await floor.booking.bookTrade(tx, { ...trade, ...given });
      }
    });
  };
  const timed = async (count: number, book: (account: Account) => Promise<void>) => {
    const account = await floor.openAccount(person, '1000000');
    const startedMs = performance.now();
    await book(account);
    return (count / (performance.now() - startedMs)) * 1_000;
  };

  const [floors, batches, singles] = [[] as number[], [] as number[], [] as number[]];
  // In turns, so that what else the machine does falls on all.
  for (let round = 0; round < rounds; round += 1) {
    batches.push(await timed(trades, bookInBatches));
    floors.push(await insertAgain(owner));
    await empty(owner);
    singles.push(await timed(SINGLE_TRADES, bookOneByOne));
    await empty(owner);
  }
  await Promise.all([server.close(), worker.close(), owner.end()]);
  print({ floors, batches, singles });
}

/** Purchases and sales of many instruments, the same every time. */
function tradesOf(instruments: readonly Instrument[], count: number): HistoryTrade[] {
  const random = createRandom(1);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const held = new Map<Instrument, number>();
  const startMs = Date.parse('2025-01-02T14:30:00Z');
  return Array.from({ length: count }, (_, index) => {
    const instrument = instruments[below(instruments.length)];
    if (!instrument) throw new Error('There are no instruments.');
    const quantity = 1 + below(20);
    const before = held.get(instrument) ?? 0;
    const isSale = before >= quantity && below(2) === 0;
    held.set(instrument, before + (isSale ? -quantity : quantity));
    const price = decimal(10_000 + below(5_000)).dividedBy(100);
    const notional = price.times(quantity);
    return {
      instrument,
      side: isSale ? 'SELL' : 'BUY',
      quantity: decimal(quantity),
      price,
      cashAmount: isSale ? notional : notional.negated(),
      importKey: `position.jsonl:${index + 1}`,
      source: 'IMPORTED',
      executedAt: new Date(startMs + index * 60_000),
    };
  });
}

/** Inserts all that is stored once more, after it was taken away; answers with trades a second. */
async function insertAgain(owner: Client): Promise<number> {
  const inserts = [];
  for (const table of TABLES) inserts.push(await insertOf(owner, table));
  await empty(owner);
  const startedMs = performance.now();
  await owner.query('BEGIN');
  for (const { text, values } of inserts) await owner.query(text, values);
  await owner.query('COMMIT');
  return (trades / (performance.now() - startedMs)) * 1_000;
}

/** One statement that inserts the rows that a table has now. */
async function insertOf(owner: Client, table: string): Promise<{ text: string; values: string[] }> {
  const { rows: columns } = await owner.query<{ name: string; type: string; isList: boolean }>(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, atttypmod) AS type,
       typcategory = 'A' AS "isList"
     FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  const lists = columns.map(
    ({ name, isList }) => `array_agg(${name}${isList ? '::text' : ''})::text`,
  );
  const { rows } = await owner.query<string[]>({
    text: `SELECT ${lists.join(', ')} FROM ${table}`,
    rowMode: 'array',
  });
  const names = columns.map(({ name }) => name).join(', ');
  const read = columns.map(({ name, type, isList }) => (isList ? `${name}::${type}` : name));
  const parameters = columns.map(
    ({ type, isList }, index) => `$${index + 1}::${isList ? 'text' : type}[]`,
  );
  return {
    text: `INSERT INTO ${table} (${names}) SELECT ${read.join(', ')}
      FROM unnest(${parameters.join(', ')}) AS row (${names})`,
    values: rows[0] ?? [],
  };
}

async function empty(owner: Client): Promise<void> {
  await owner.query(`SET session_replication_role = replica`);
  await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
  await owner.query(`SET session_replication_role = origin`);
}

function print(of: Record<'floors' | 'batches' | 'singles', readonly number[]>): void {
  const [floor, batch] = [medianOf(of.floors), medianOf(of.batches)];
  console.log(`${trades} trades of ${INSTRUMENTS} instruments, median of ${rounds} rounds`);
  console.log(`floor       ${floor.toFixed(0)} trades/s   ${rangeOf(of.floors)}`);
  console.log(`in batches  ${batch.toFixed(0)} trades/s   ${rangeOf(of.batches)}`);
  console.log(`one by one  ${medianOf(of.singles).toFixed(0)} trades/s   ${rangeOf(of.singles)}`);
  console.log(`batches reach ${((batch / floor) * 100).toFixed(0)}% of the floor`);
}

function medianOf(sample: readonly number[]): number {
  return sample.toSorted((one, other) => one - other)[Math.floor(sample.length / 2)] ?? 0;
}

function rangeOf(sample: readonly number[]): string {
  return `(${Math.min(...sample).toFixed(0)} to ${Math.max(...sample).toFixed(0)})`;
}
