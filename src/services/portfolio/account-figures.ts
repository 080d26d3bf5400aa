import { DateTime } from 'luxon';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import type { Account, Position } from '../platform/prisma/client.ts';
import type { AssetClass } from '../platform/prisma/enums.ts';
import type { Query } from '../platform/query.ts';
import type { Viewer } from '../platform/viewer.ts';
import { readAccountDays, type AccountDay } from './account-days.ts';
import { shareOf, type PositionMark, type Valuation } from './valuation.ts';

/** What is held of one class of assets. */
export interface AssetClassTotal {
  readonly assetClass: AssetClass;
  /** Sum of quantity × price; shorts count negative. */
  readonly marketValue: Decimal;
  readonly unrealizedPnl: Decimal;
  /** Of the account's equity; null when that is not above zero. */
  readonly share: Decimal | null;
  readonly positions: number;
}

/** What an account is worth at the prices of now. */
export interface AccountFigures {
  readonly asOf: Date;
  /** Time of the oldest price in it; undefined when nothing is held. */
  readonly oldestMarkAt: Date | undefined;
  /** Whether a price in it is too old to fill an order at. */
  readonly isStale: boolean;
  readonly marketValue: Decimal;
  /** cash + market value */
  readonly equity: Decimal;
  /** market value − booked cost */
  readonly unrealizedPnl: Decimal;
  /** In the order of the classes' names. */
  readonly byAssetClass: readonly AssetClassTotal[];
}

/** What all trades of an account booked. */
export interface AccountTotals {
  /** Before fees. */
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
}

/**
 * Figures of many accounts at once, which whoever asks has in hand: row-level security shows
 * nothing of others. A position without any price counts at the price of its newest trade, which is
 * stale.
 */
export interface AccountFiguresReader {
  figures(viewer: Viewer, accountIds: readonly string[]): Promise<Map<string, AccountFigures>>;
  /** Reads all trades of the accounts. */
  totals(viewer: Viewer, accountIds: readonly string[]): Promise<Map<string, AccountTotals>>;
  days(
    viewer: Viewer,
    accounts: readonly Pick<Account, 'id' | 'zone'>[],
  ): Promise<Map<string, AccountDay>>;
}

interface HeldRow extends Pick<Position, 'instrumentId' | 'quantity' | 'totalCost'> {
  readonly accountId: string;
  readonly assetClass: AssetClass;
}

interface AccountRow {
  readonly id: string;
  readonly cash: Decimal;
  /** Null of an account that holds nothing. */
  readonly instrumentId: string | null;
}

export function createAccountFigures({
  db,
  valuation,
  clock,
}: {
  readonly db: Database;
  readonly valuation: Pick<Valuation, 'marks'>;
  readonly clock: Clock;
}): AccountFiguresReader {
  return {
    async figures(viewer, accountIds) {
      const rows = await db.read(viewer, (ask) =>
        ask<AccountRow>({ text: HELD, values: [accountIds] }),
      );
      const held = rows.filter((row): row is AccountRow & HeldRow => row.instrumentId !== null);
      const marks = await marksOf(viewer, held);
      const now = clock.now();
      const byAccount = Map.groupBy(rows, ({ id }) => id);
      const heldBy = Map.groupBy(held, ({ accountId }) => accountId);
      return new Map(
        [...byAccount].map(([id, [first]]) => [
          id,
          figuresOf({
            cash: first?.cash ?? ZERO,
            held: heldBy.get(id) ?? [],
            marks,
            now,
          }),
        ]),
      );
    },

    async totals(viewer, accountIds) {
      const rows = await db.read(viewer, (ask) =>
        ask<{ id: string } & AccountTotals>({ text: TOTALS, values: [accountIds] }),
      );
      const found = new Map(rows.map(({ id, realizedPnl, fees }) => [id, { realizedPnl, fees }]));
      const nothing = { realizedPnl: ZERO, fees: ZERO };
      return new Map(accountIds.map((id) => [id, found.get(id) ?? nothing]));
    },

    async days(viewer, accounts) {
      const now = DateTime.fromJSDate(clock.now());
      const starts = accounts.map(({ zone }) => now.setZone(zone).startOf('day').toJSDate());
      const ids = accounts.map(({ id }) => id);
      const rows = await db.snapshot(viewer, (tx) => readAccountDays(tx, ids, starts));
      return new Map(rows.map(({ id, ...day }) => [id, day]));
    },
  };

  /** The marks of what is held; by account too where only its own trades tell a price. */
  async function marksOf(viewer: Viewer, held: readonly HeldRow[]): Promise<Marks> {
    const instrumentIds = [...new Set(held.map(({ instrumentId }) => instrumentId))];
    const marks =
      instrumentIds.length === 0
        ? new Map<string, PositionMark>()
        : await valuation.marks(viewer, instrumentIds);
    const unpriced = held.filter(({ instrumentId }) => !marks.has(instrumentId));
    const traded =
      unpriced.length === 0 ? [] : await db.read(viewer, (ask) => ask(tradedPricesOf(unpriced)));
    const ownMarks = new Map(traded.map((row) => [`${row.accountId} ${row.instrumentId}`, row]));
    return ({ accountId, instrumentId }) => {
      const mark = marks.get(instrumentId);
      if (mark) return mark;
      const own = ownMarks.get(`${accountId} ${instrumentId}`);
      if (!own) throw new Error(`A position in ${instrumentId} has no trade.`);
      return { ...own, isStale: true };
    };
  }
}

type Mark = Pick<PositionMark, 'price' | 'time' | 'isStale'>;
type Marks = (row: HeldRow) => Mark;

interface Priced extends HeldRow {
  readonly mark: Mark;
}

function figuresOf(given: {
  readonly cash: Decimal;
  readonly held: readonly HeldRow[];
  readonly marks: Marks;
  readonly now: Date;
}): AccountFigures {
  const priced = given.held.map((row) => ({ ...row, mark: given.marks(row) }));
  const marketValue = sum(priced, valueOf);
  const equity = marketValue.plus(given.cash);
  const times = priced.map(({ mark }) => mark.time.getTime());
  const classes = Map.groupBy(priced, ({ assetClass }) => assetClass);
  return {
    asOf: given.now,
    oldestMarkAt: times.length === 0 ? undefined : new Date(Math.min(...times)),
    isStale: priced.some(({ mark }) => mark.isStale),
    marketValue,
    equity,
    unrealizedPnl: sum(priced, unrealizedOf),
    byAssetClass: [...classes]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([assetClass, rows]) => {
        const value = sum(rows, valueOf);
        return {
          assetClass,
          marketValue: value,
          unrealizedPnl: sum(rows, unrealizedOf),
          share: shareOf(value, equity),
          positions: rows.length,
        };
      }),
  };
}

const valueOf = ({ quantity, mark }: Priced): Decimal => new Decimal(quantity).times(mark.price);
const unrealizedOf = (row: Priced): Decimal => valueOf(row).minus(row.totalCost);

function sum<Row>(rows: readonly Row[], amountOf: (row: Row) => Decimal): Decimal {
  return rows.reduce((total, row) => total.plus(amountOf(row)), ZERO);
}

/** A row for each open position, and one for an account without any. */
const HELD = `SELECT a.id, a.id AS "accountId", a.cash, p.instrument_id AS "instrumentId",
    i.asset_class AS "assetClass", p.quantity, p.total_cost AS "totalCost"
  FROM accounts a
    LEFT JOIN positions p ON p.account_id = a.id AND p.closed_at IS NULL
    LEFT JOIN instruments i ON i.id = p.instrument_id
  WHERE a.id = ANY($1::uuid[])`;

const TOTALS = `SELECT account_id AS id, sum(realized_gross) AS "realizedPnl", sum(fee) AS fees
  FROM trades WHERE account_id = ANY($1::uuid[]) GROUP BY 1`;

interface TradedPrice {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly price: Decimal;
  readonly time: Date;
}

const TRADED_PRICES = `SELECT h.account_id AS "accountId", h.instrument_id AS "instrumentId",
    t.price, t.time
  FROM unnest($1::uuid[], $2::uuid[]) AS h (account_id, instrument_id)
  CROSS JOIN LATERAL (
    SELECT price, executed_at AS time FROM trades
    WHERE account_id = h.account_id AND instrument_id = h.instrument_id
    ORDER BY executed_at DESC, id DESC LIMIT 1) t`;

const tradedPricesOf = (held: readonly HeldRow[]): Query<TradedPrice> => ({
  text: TRADED_PRICES,
  values: [held.map(({ accountId }) => accountId), held.map(({ instrumentId }) => instrumentId)],
});
