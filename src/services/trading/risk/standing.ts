import { DateTime } from 'luxon';
import { closesFrom, lastClosesOf } from '../../market/last-prices.ts';
import { Decimal, ZERO } from '../../platform/money.ts';
import type { Account } from '../../platform/prisma/client.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';
import type { Query } from '../../platform/query.ts';
import type { QuoteSource } from '../quote-source.ts';
import type { Halt, Risk, Standing } from './judge-limits.ts';
import { NO_LIMITS, strictestOf, type ScopedLimits } from './limits.ts';

type Standpoint = Pick<Account, 'id' | 'ownerId' | 'cash' | 'zone'>;

interface StandingPorts {
  /** Runs a statement in the transaction that judges the order. */
  readonly ask: <Row extends object>(query: Query<Row>) => Promise<readonly Row[]>;
  readonly quotes: Pick<QuoteSource, 'latest'>;
  readonly now: Date;
  /** Whether nothing is to come of it, so that it need not wait for those whose turn it is. */
  readonly isPreview?: boolean;
}

const NOTHING_READ: Standing = { equity: null, dailyLoss: null, rate: null };

/**
 * What the gate judges the risk of an account's order by. The account's lock is held, so that its
 * own orders and cash do not change.
 */
export async function readRisk(
  account: Standpoint,
  {
    circumstances: { limits, halt },
    ...ports
  }: StandingPorts & {
    readonly circumstances: {
      readonly limits: readonly ScopedLimits[];
      readonly halt: Halt | null;
    };
  },
): Promise<Risk> {
  if (limits.length === 0 || halt) return { limits: NO_LIMITS, halt, standing: NOTHING_READ };
  const standing = await readStanding(account, { ...ports, limits });
  return { limits: strictestOf(limits), halt, standing };
}

/** How the account stands, as far as limits ask for it; what none asks for costs no statement. */
async function readStanding(
  account: Standpoint,
  { limits, ...ports }: StandingPorts & { readonly limits: readonly ScopedLimits[] },
): Promise<Standing> {
  const isLossLimited = limits.some(({ dailyLossLimit }) => dailyLossLimit !== null);
  const isShareLimited = limits.some(({ maxPositionShare }) => maxPositionShare !== null);
  const rate = await reachedRate(account, ports, limits);
  if (!isLossLimited && !isShareLimited) return rate ? { ...NOTHING_READ, rate } : NOTHING_READ;
  const equity = await equityOf(account, ports);
  const dailyLoss = isLossLimited ? (await worthOfDayBegin(account, ports)).minus(equity) : null;
  return { equity, dailyLoss, rate };
}

interface Held {
  readonly instrumentId: string;
  readonly quantity: Decimal;
  readonly traded: Decimal | null;
}

const HELD = `SELECT p.instrument_id AS "instrumentId", p.quantity, (
    SELECT t.price FROM trades t
    WHERE t.account_id = p.account_id AND t.instrument_id = p.instrument_id
    ORDER BY t.executed_at DESC, t.id DESC LIMIT 1) AS traded
  FROM positions p WHERE p.account_id = $1::uuid AND p.closed_at IS NULL`;

/**
 * Cash and positions at the newest quote, or else at the newest close, or at the last price traded.
 */
async function equityOf(
  { id, cash }: Standpoint,
  { ask, quotes, now }: StandingPorts,
): Promise<Decimal> {
  const held = await ask<Held>({ text: HELD, values: [id] });
  const ids = held.map(({ instrumentId }) => instrumentId);
  const unquoted = ids.filter((instrumentId) => !quotes.latest(instrumentId));
  const closes = closesFrom(unquoted.length > 0 ? await ask(lastClosesOf(unquoted, now)) : []);
  return held.reduce((sum, { instrumentId, quantity, traded }) => {
    const price = quotes.latest(instrumentId)?.last ?? closes.get(instrumentId)?.price ?? traded;
    return sum.plus(new Decimal(quantity).times(price ?? ZERO));
  }, new Decimal(cash));
}

const WORTH_OF_DAY_BEGIN = `WITH reset AS (
    SELECT max(e.occurred_at) AS at
    FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
    WHERE e.account_id = $1::uuid AND e.occurred_at >= $2 AND t.cause = 'RESET'
  ), base AS (
    SELECT reset.at AS reset_at, point.at AS recorded_at, coalesce(point.equity, 0) AS equity
    FROM reset LEFT JOIN LATERAL (
      SELECT at, equity FROM equity_points
      WHERE reset.at IS NULL AND account_id = $1::uuid AND at <= $2 ORDER BY at DESC LIMIT 1
    ) point ON true
  )
  SELECT base.equity + coalesce((
      SELECT sum(e.amount) FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
      WHERE e.account_id = $1::uuid AND CASE
        WHEN e.occurred_at <= base.reset_at THEN true
        WHEN e.occurred_at < base.recorded_at THEN false
        ELSE t.cause IN ('DEPOSIT', 'WITHDRAWAL', 'CORRECTION', 'RESET') END), 0) AS worth
  FROM base`;

/**
 * What the account would be worth had it neither won nor lost since its trading day began: its
 * equity as it was recorded last before that, and what was paid in since, less what was paid out.
 * After a reset, from the reset; without a record, since it was opened.
 */
async function worthOfDayBegin(
  { id, zone }: Standpoint,
  { ask, now }: StandingPorts,
): Promise<Decimal> {
  const began = DateTime.fromJSDate(now, { zone }).startOf('day').toJSDate();
  const [row] = await ask<{ worth: Decimal }>({ text: WORTH_OF_DAY_BEGIN, values: [id, began] });
  if (!row) throw new Error(`Nothing tells what account ${id} was worth.`);
  return new Decimal(row.worth);
}

const MINUTE_MS = 60_000;
const busySince = (name: string) =>
  `SELECT ${name}($1::risk_scope, $2::uuid, $3::uuid, $4::int, $5) AS since`;
const BUSY_SINCE = busySince('busy_since');
const BUSY_SINCE_IN_TURN = busySince('busy_since_in_turn');

/** From the narrowest on: in this order are turns taken. */
const SCOPES: readonly RiskScope[] = ['ACCOUNT', 'USER', 'DEPLOYMENT'];

/**
 * Which limit of orders a minute is reached, and when the oldest of them is a minute ago. An order
 * that was denied counts, since it cost as much as another one; one that was denied for this very
 * reason does not, so that waiting helps. Under a limit over several accounts, orders are judged in
 * turn.
 */
async function reachedRate(
  { id, ownerId }: Standpoint,
  { ask, now, isPreview = false }: StandingPorts,
  limits: readonly ScopedLimits[],
): Promise<Standing['rate']> {
  let longest: Standing['rate'] = null;
  const text = isPreview ? BUSY_SINCE : BUSY_SINCE_IN_TURN;
  const inOrder = SCOPES.flatMap((scope) => limits.filter((each) => each.scope === scope));
  for (const { scope, ordersPerMinute: maximum } of inOrder) {
    if (maximum === null) continue;
    const values = [scope, ownerId, id, maximum, now];
    const [row] = await ask<{ since: Date | null }>({ text, values });
    if (!row?.since) continue;
    const waitMs = row.since.getTime() + MINUTE_MS - now.getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
    if (!longest || retryAfterSeconds > longest.retryAfterSeconds) {
      longest = { maximum, retryAfterSeconds };
    }
  }
  return longest;
}
