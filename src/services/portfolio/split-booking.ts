import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import { runOf } from '../platform/query.ts';
import type { Account, Instrument, Position } from '../platform/prisma/client.ts';
import { balanceChanged, positionChanged, tradeExecuted } from './events.ts';
import { lockAccount, lockOpenPosition, reserveMore } from './locks.ts';
import { shortReserveChange } from './short-reserve.ts';
import { changeHolding, type ChangedHolding } from './split.ts';
import { closedAtOf, numbersOf } from './trade-amounts.ts';

export interface SplitChange {
  /** Locked. */
  readonly account: Account;
  readonly instrument: Instrument;
  /** What comes in, or goes when it is negative, for nothing. */
  readonly change: Decimal;
  /** Whether the holding, long or short, grows by it. */
  readonly isGain: boolean;
  /** Of one after the split; it is told beside the trade and moves nothing. */
  readonly price: Decimal;
  readonly executedAt: Date;
}

/**
 * Books what a split brings or takes as a trade for nothing, so that the past of the position, the
 * sums over trades and the curves, which all read trades, stay right across it. Answers with the
 * quantity that is held then.
 */
export async function bookSplitChange(
  tx: Tx,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  given: SplitChange,
): Promise<Decimal> {
  const { account, instrument, executedAt } = given;
  const where = { accountId: account.id, instrumentId: instrument.id };
  const before = await lockOpenPosition(tx, where);
  const held = before ?? { quantity: ZERO, totalCost: ZERO, realizedPnl: ZERO };
  // Nothing is left of what the split would take away: nobody goes short, or long, by it.
  if (!before && !given.isGain) return ZERO;
  const after = changeHolding(held, given.change);
  if (after.change.isZero()) return new Decimal(held.quantity);
  const owned = { ...where, ownerId: account.ownerId };
  // What ends at zero holds nothing back any more.
  const change = shortReserveChange(account.kind, before, { held: after, opened: undefined });
  for (const query of reserveMore(account.id, change)) await runOf(tx, query);
  const position = before
    ? await tx.position.update({
        where: { id: before.id },
        data: {
          ...numbersOf(after),
          ...{ closedAt: closedAtOf(after, executedAt), updatedAt: executedAt },
        },
      })
    : await tx.position.create({ data: openedBy(ids, { after, owned, executedAt }) });
  const trade = await tx.trade.create({
    data: {
      ...{ ...owned, id: ids.next(), source: 'SPLIT', price: given.price },
      side: after.change.isPositive() ? 'BUY' : 'SELL',
      quantity: after.change.abs(),
      ...{ fee: ZERO, cashAmount: ZERO, realizedGross: after.realizedGross },
      ...{ positionQuantity: after.quantity, positionCost: after.totalCost },
      ...{ positionRealized: after.realizedPnl, executedAt, recordedAt: clock.now() },
    },
  });
  // As it is by now: its orders may have been canceled in this transaction.
  const changed = change.isZero() ? undefined : await lockAccount(tx, account.id);
  await appendEvents(tx, [
    ...[tradeExecuted(trade), positionChanged(position, executedAt)],
    ...(changed ? [balanceChanged(changed, executedAt)] : []),
  ]);
  return after.quantity;
}

interface Opened {
  readonly after: ChangedHolding;
  readonly owned: Pick<Position, 'ownerId' | 'accountId' | 'instrumentId'>;
  readonly executedAt: Date;
}

function openedBy(ids: Ids, { after, owned, executedAt }: Opened): Position {
  const times = { openedAt: executedAt, closedAt: null, updatedAt: executedAt };
  return { id: ids.next(), ...owned, ...numbersOf(after), ...times };
}
