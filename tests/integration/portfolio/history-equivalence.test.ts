import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBookedCash } from '../../../src/services/platform/money.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import {
  createHistoryBooking,
  type CashCorrection,
  type HistoryTrade,
} from '../../../src/services/portfolio/history-booking.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Tx } from '../../../src/services/platform/database.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';

const HISTORIES = Number(process.env['HISTORIES'] ?? 40);

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const histories = createHistoryBooking(floor);
const owner = await floor.addPerson();

/** The units that quantities come in: whole shares, and parts as crypto has them. */
const UNITS = ['1', '0.1458', '0.00000001'];
const instrumentsOf = new Map<string, readonly Instrument[]>();
for (const currency of ['USD', 'USDT']) {
  const instruments = [];
  for (const _unit of UNITS) instruments.push(await floor.addInstrument({ currency }));
  instrumentsOf.set(currency, instruments);
}

/** What happens next: after so many minutes, and then perhaps a flush, or another transaction. */
const step = fc.record({
  minutes: fc.constantFrom(0, 0, 1, 1_440),
  end: fc.constantFrom('NONE', 'NONE', 'NONE', 'FLUSH', 'COMMIT'),
  event: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('TRADE' as const),
        which: fc.nat(UNITS.length - 1),
        // What is held after it, in units: so positions close, cross zero and open again.
        target: fc.integer({ min: -3, max: 3 }),
        price: fc.integer({ min: 1, max: 500_000_000 }),
        // In millionths of the price: cash from records is not quantity × price, and may be nothing.
        paid: fc.constantFrom(1_000_000, 1_000_000, 999_137, 0),
        source: fc.constantFrom('IMPORTED' as const, 'CORRECTION' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('CASH' as const),
        millionths: fc.integer({ min: -9_999_999, max: 9_999_999 }),
      }),
    },
  ),
});

type Step = typeof step extends fc.Arbitrary<infer Given> ? Given : never;
type Entry =
  | { readonly kind: 'TRADE'; readonly trade: HistoryTrade }
  | { readonly kind: 'CASH'; readonly correction: CashCorrection };
interface Chapter {
  readonly entry: Entry;
  readonly end: string;
}

/** What the steps come to, in one currency. */
function chaptersOf(steps: readonly Step[], currency: string): Chapter[] {
  const instruments = instrumentsOf.get(currency) ?? [];
  const held = new Map<number, number>();
  let timeMs = Date.parse('2025-10-01T13:30:00Z');
  return steps.flatMap(({ minutes, event, end }, index): Chapter[] => {
    timeMs += minutes * 60_000;
    const occurredAt = new Date(timeMs);
    if (event.kind === 'CASH') {
      const amount = toBookedCash(decimal(event.millionths).dividedBy(1e6), currency);
      return [{ entry: { kind: 'CASH', correction: { amount, occurredAt } }, end }];
    }
    const instrument = instruments[event.which];
    const change = event.target - (held.get(event.which) ?? 0);
    if (!instrument || change === 0) return [];
    held.set(event.which, event.target);
    const quantity = decimal(UNITS[event.which] ?? '').times(Math.abs(change));
    const price = decimal(event.price).dividedBy(1e4);
    const paid = quantity.times(price).times(event.paid).dividedBy(1e6);
    const trade: HistoryTrade = {
      instrument,
      side: change > 0 ? 'BUY' : 'SELL',
      ...{ quantity, price, source: event.source },
      cashAmount: change > 0 ? paid.negated() : paid,
      importKey: `position.jsonl:${index}`,
      executedAt: occurredAt,
    };
    return [{ entry: { kind: 'TRADE', trade }, end }];
  });
}

const inTransaction = <T>(work: (tx: Tx) => Promise<T>) =>
  database.worker.withViewer(systemViewer(), work);

/** Each as a person's trade is booked, in its own right. */
async function bookOneByOne(account: Account, chapters: readonly Chapter[]): Promise<void> {
  await inTransaction(async (tx) => {
    for (const { entry } of chapters) {
      if (entry.kind === 'TRADE') {
        const given = { account, fee: decimal(0), isAnnounced: false };
        await floor.booking.bookTrade(tx, { ...entry.trade, ...given });
        continue;
      }
      const { amount, occurredAt } = entry.correction;
      await floor.ledger.post(tx, {
        ownerId: owner.userId,
        cause: 'CORRECTION',
        causeId: floor.ids.next(),
        currency: account.currency,
        occurredAt,
        lines: [
          { ledgerAccount: 'CASH', accountId: account.id, amount },
          { ledgerAccount: 'EXTERNAL', amount: amount.negated() },
        ],
      });
    }
  });
}

/** In sets, which end where the chapters say; what the book says of itself is what is stored then. */
async function bookInSets(account: Account, chapters: readonly Chapter[]): Promise<void> {
  const left = [...chapters];
  while (left.length > 0) {
    await inTransaction(async (tx) => {
      const book = await histories.open(tx, account);
      for (let next = left.shift(); next; next = left.shift()) {
        const { entry, end } = next;
        if (entry.kind === 'TRADE') book.trade(entry.trade);
        else book.correctCash(entry.correction);
        if (end === 'FLUSH') await book.flush();
        if (end === 'COMMIT') break;
      }
      await book.flush();
      const stored = await tx.account.findUniqueOrThrow({ where: { id: account.id } });
      expect(book.cash.toFixed()).toBe(stored.cash.toFixed());
      const open = await tx.position.findMany({ where: { accountId: account.id, closedAt: null } });
      const quantities = new Map(open.map((row) => [row.instrumentId, row.quantity.toFixed()]));
      for (const { id } of instrumentsOf.get(account.currency) ?? []) {
        expect(book.quantityOf(id).toFixed()).toBe(quantities.get(id) ?? '0');
      }
    });
  }
}

const BOOKS = [
  `SELECT cash, reserved FROM accounts WHERE id = $1`,
  `SELECT to_jsonb(t) - '{id,account_id,recorded_at}'::text[] AS trade
   FROM trades t WHERE account_id = $1 ORDER BY executed_at, id`,
  `SELECT to_jsonb(p) - '{id,account_id}'::text[] AS position
   FROM positions p WHERE account_id = $1 ORDER BY opened_at, id`,
  `SELECT l.cause, l.currency, l.occurred_at, l.owner_id, t.import_key, e.line, e.owner_id,
     e.ledger_account, e.amount, e.account_id IS NOT NULL AS is_cash
   FROM ledger_transfers l JOIN ledger_entries e ON e.transfer_id = l.id
   LEFT JOIN trades t ON t.id = l.cause_id
   WHERE l.id IN (SELECT transfer_id FROM ledger_entries WHERE account_id = $1)
     AND l.cause <> 'DEPOSIT'
   ORDER BY l.occurred_at, l.id, e.line`,
  `SELECT count(*) FROM outbox WHERE topic = 'account:' || $1::text`,
];

/** All that is stored of an account, in the order in which the past is read, without ids. */
async function booksOf({ id }: Account): Promise<unknown[]> {
  const books = [];
  for (const sql of BOOKS) books.push(await database.query(sql, [id]));
  return books;
}

test(
  'a history booked in sets is the same as one booked trade by trade, wherever the sets end',
  { timeout: 300_000 },
  async () => {
    const currencies = fc.constantFrom('USD', 'USDT');
    const steps = fc.array(step, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(currencies, steps, async (currency, taken) => {
        const chapters = chaptersOf(taken, currency);
        const single = await floor.openAccount(owner, '100000', currency);
        const inSets = await floor.openAccount(owner, '100000', currency);
        await bookOneByOne(single, chapters);
        await bookInSets(inSets, chapters);
        expect(await booksOf(inSets)).toEqual(await booksOf(single));
      }),
      { numRuns: HISTORIES },
    );
    // Not a test of nothing: positions closed, opened anew and went short.
    const [ways] = await database.query(
      `SELECT bool_or(closed_at IS NOT NULL) AS closed, bool_or(quantity < 0) AS short,
         count(*) > count(DISTINCT (account_id, instrument_id)) AS reopened FROM positions`,
    );
    expect(ways).toEqual({ closed: true, short: true, reopened: true });
    const audit = await auditLedger(database.worker);
    expect(audit.checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
  },
);
