import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { derivedId } from '../platform/derived-id.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal, toBookedCash, toColumn, toText, ZERO } from '../platform/money.ts';
import type { Logger } from '../platform/logger.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Account, CorporateAction, Instrument, Order } from '../platform/prisma/client.ts';
import type { Booking } from './booking.ts';
import { actionRefused, balanceChanged } from './events.ts';
import type { Ledger } from './ledger.ts';
import { lockAccount } from './locks.ts';
import type { OrderClearance } from './order-clearance.ts';
import { bookSplitChange } from './split-booking.ts';
import { splitOf } from './split.ts';

export interface ActionBookingPorts {
  readonly booking: Booking;
  readonly ledger: Ledger;
  readonly clearance: Pick<OrderClearance, 'cancel' | 'cover'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'error'>;
}

export interface DueAction {
  readonly action: CorporateAction;
  readonly instrument: Instrument;
  /** The newest price that was known just before; undefined when there was none. */
  readonly priceBefore: Decimal | undefined;
}

const REASON = {
  code: 'CORPORATE_ACTION',
  message: 'The instrument was split: prices and quantities mean something else now.',
};
const UNCOVERED = {
  code: 'INSUFFICIENT_FUNDS',
  message: 'A dividend on what is short took the cash that the order held back.',
};

/**
 * Gives one account its part in an action, in the caller's transaction; answers with the orders
 * that it canceled. It does nothing that was done before: the effect is stored in the same
 * transaction, under the account's lock. A part that no column can hold is refused: the effect is
 * stored as one of nothing.
 */
export async function bookAction(
  tx: Tx,
  ports: ActionBookingPorts,
  { accountId, ...due }: DueAction & { readonly accountId: string },
): Promise<readonly Order[]> {
  const { action } = due;
  const account = await lockAccount(tx, accountId);
  if (account?.status !== 'ACTIVE') return [];
  const canceled =
    action.kind === 'SPLIT' ? await cancelOrders(tx, ports, { account, action }) : [];
  const key = { actionId_accountId: { actionId: action.id, accountId } };
  if (await tx.corporateActionEffect.findUnique({ where: key })) return canceled;
  const held = await heldBefore(tx, { accountId, action });
  if (held.isZero()) return canceled;
  const effect = !isStorable({ ...due, account, held })
    ? await refuseEffect(tx, ports, { action, account, held })
    : action.kind === 'SPLIT'
      ? await bookSplit(tx, ports, { ...due, account, held })
      : await bookDividend(tx, ports, { action, account, held });
  const { ownerId } = account;
  await tx.corporateActionEffect.create({
    data: {
      ...{ actionId: action.id, accountId, ownerId, quantityBefore: held, ...effect },
      appliedAt: ports.clock.now(),
    },
  });
  if (action.kind === 'SPLIT' || !held.isNegative()) return canceled;
  return ports.clearance.cover(tx, { accountId, reason: UNCOVERED });
}

/** What waits at prices and in quantities of before the split; what was placed since stays. */
function cancelOrders(
  tx: Tx,
  { clearance }: ActionBookingPorts,
  { account, action }: { readonly account: Account; readonly action: CorporateAction },
): Promise<readonly Order[]> {
  return clearance.cancel(tx, {
    accountId: account.id,
    instrumentId: action.instrumentId,
    placedBefore: action.effectiveAt,
    reason: REASON,
  });
}

/** With what splits of before brought since then, had they been applied at their times. */
async function heldBefore(
  tx: Tx,
  given: { readonly accountId: string; readonly action: CorporateAction },
): Promise<Decimal> {
  const { accountId, action } = given;
  const { id, instrumentId, effectiveAt } = action;
  const newest = await tx.trade.findFirst({
    where: { accountId, instrumentId, executedAt: { lt: effectiveAt } },
    orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
    select: { positionQuantity: true },
  });
  const late = await tx.corporateActionEffect.findMany({
    where: {
      ...{ accountId, appliedAt: { gte: effectiveAt }, actionId: { not: id } },
      action: { instrumentId, effectiveAt: { lte: effectiveAt } },
    },
  });
  return late.reduce(
    (held, { quantityBefore, quantityAfter }) => held.plus(quantityAfter).minus(quantityBefore),
    new Decimal(newest?.positionQuantity ?? ZERO),
  );
}

interface Effect {
  readonly quantityAfter: Decimal;
  readonly cash: Decimal;
}

interface Holder {
  readonly account: Account;
  readonly held: Decimal;
}

async function bookDividend(
  tx: Tx,
  { ledger, clock }: ActionBookingPorts,
  { action, account, held }: Holder & { readonly action: CorporateAction },
): Promise<Effect> {
  if (!action.amount) throw new Error(`The dividend ${action.id} has no amount.`);
  const cash = toBookedCash(new Decimal(held).times(action.amount), account.currency);
  const occurredAt = clock.now();
  await ledger.post(tx, {
    ownerId: account.ownerId,
    cause: 'DIVIDEND',
    causeId: derivedId([action.id, account.id]),
    currency: account.currency,
    occurredAt,
    lines: [
      { ledgerAccount: 'CASH', accountId: account.id, amount: cash },
      { ledgerAccount: 'EXTERNAL', amount: ZERO.minus(cash) },
    ],
  });
  const after = { ...account, cash: new Decimal(account.cash).plus(cash) };
  if (!cash.isZero()) await appendEvents(tx, [balanceChanged(after, occurredAt)]);
  return { quantityAfter: held, cash };
}

/** What is booked stays a digit below what numeric(38, 18) holds. */
const STORABLE_MAX = new Decimal('1e19');

/** Whether the account can hold what its part in the action makes of it. */
function isStorable({ action, account, held }: Holder & DueAction): boolean {
  const { ratioFrom, ratioTo, amount } = action;
  const after =
    ratioFrom && ratioTo
      ? new Decimal(held).times(ratioTo).dividedBy(ratioFrom)
      : new Decimal(held).times(amount ?? ZERO).plus(account.cash);
  return after.abs().lessThanOrEqualTo(STORABLE_MAX);
}

/**
 * The account stays as it is; its owner is told, since their books are not what the market's are
 * now.
 */
async function refuseEffect(
  tx: Tx,
  { logger, clock }: ActionBookingPorts,
  { action, account, held }: Holder & Pick<DueAction, 'action'>,
): Promise<Effect> {
  logger.error(
    { actionId: action.id, accountId: account.id, held: toText(held) },
    'An action would make more of an account than can be stored, and is refused.',
  );
  await appendEvents(tx, [actionRefused({ action, account, held }, clock.now())]);
  return { quantityAfter: held, cash: ZERO };
}

/** A price above zero that a column can keep. */
const LEAST_PRICE = new Decimal('1e-18');

async function bookSplit(
  tx: Tx,
  ports: ActionBookingPorts,
  { action, instrument, priceBefore, account, held }: Holder & DueAction,
): Promise<Effect> {
  const { ratioFrom, ratioTo } = action;
  if (!ratioFrom || !ratioTo) throw new Error(`The split ${action.id} has no ratio.`);
  const { change, quantityAfter, fraction } = splitOf(held, {
    ...{ ratioFrom: new Decimal(ratioFrom), ratioTo: new Decimal(ratioTo) },
    lotSize: new Decimal(instrument.lotSize),
  });
  const newest = await tx.trade.findFirstOrThrow({
    where: { accountId: account.id, instrumentId: instrument.id },
    orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
  });
  const before = priceBefore ?? newest.price;
  const exact = toColumn(new Decimal(before).times(ratioFrom).dividedBy(ratioTo));
  const price = Decimal.max(exact, LEAST_PRICE);
  const now = ports.clock.now();
  // A fill elsewhere may have been told with a time that is a little ahead of ours.
  const executedAt = newest.executedAt > now ? newest.executedAt : now;
  const left = await bookSplitChange(tx, ports, {
    ...{ account, instrument, change, price, executedAt },
    isGain: change.isPositive() === held.isPositive(),
  });
  const quantity = Decimal.min(fraction.abs(), left.abs());
  if (quantity.isZero()) return { quantityAfter, cash: ZERO };
  const { trade } = await ports.booking.bookTrade(tx, {
    ...{ account, instrument, quantity, price, executedAt },
    side: held.isPositive() ? 'SELL' : 'BUY',
    fee: ZERO,
    source: 'SPLIT',
  });
  return { quantityAfter, cash: trade.cashAmount };
}
