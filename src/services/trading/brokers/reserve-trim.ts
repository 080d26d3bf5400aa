import { Decimal, ZERO } from '../../platform/money.ts';
import { appendEvents } from '../../platform/outbox.ts';
import { askOf, runOf } from '../../platform/query.ts';
import { balanceChanged } from '../../portfolio/events.ts';
import { lockAccount, reserveMore } from '../../portfolio/locks.ts';
import { reservingOrdersLock } from '../order-rows.ts';
import type { Tx } from '../../platform/database.ts';

/**
 * A fill at a venue may cost more than was held back for it, and that cash is gone. So that an
 * account holds back no more than it has, its other orders hold back less, the newest first. They
 * stay as they are: whether they can be paid is the venue's to say.
 */
export async function trimReserves(tx: Tx, accountId: string, now: Date): Promise<void> {
  const account = await lockAccount(tx, accountId);
  if (!account) return;
  const missing = new Decimal(account.reserved).minus(Decimal.max(account.cash, ZERO));
  if (!missing.greaterThan(ZERO)) return;
  const orders = await askOf(tx, reservingOrdersLock(accountId));
  let rest = missing;
  for (const { id, reserved } of orders.toSorted((a, b) => +b.createdAt - +a.createdAt)) {
    const cut = Decimal.min(rest, reserved);
    if (cut.isZero()) break;
    const left = new Decimal(reserved).minus(cut);
    await tx.order.update({ where: { id }, data: { reserved: left } });
    rest = rest.minus(cut);
  }
  const freed = missing.minus(rest);
  for (const query of reserveMore(accountId, freed.negated())) await runOf(tx, query);
  const after = new Decimal(account.reserved).minus(freed);
  await appendEvents(tx, [balanceChanged({ ...account, reserved: after }, now)]);
}
