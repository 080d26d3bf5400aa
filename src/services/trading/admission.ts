import { IdempotencyConflict, NotFound } from '../platform/errors.ts';
import { Decimal } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { orderChanged } from './events.ts';
import { judge } from './gate.ts';
import { insertOrder, readCircumstances } from './order-rows.ts';
import { expiryOf } from './placement-terms.ts';
import { newOrder, type Placement } from './placement.ts';
import { freshQuote, type QuoteSource } from './quote-source.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import type { Ids } from '../platform/ids.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Refusal } from './refusal.ts';

export interface AdmissionPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotes: Pick<QuoteSource, 'latest'>;
  readonly quoteFreshnessMs: number;
}

/** An order as it was stored: accepted, or denied with the refusal. */
export interface Admitted {
  readonly order: Order;
  readonly refusal: Refusal | null;
}

/**
 * Judges an order and stores it with its history, the cash that it holds back, and its events. All
 * under the account's lock, so that no two orders count on the same cash or the same shares. Throws
 * NotFound for an account that is not the viewer's or is out of their reach, and for a symbol that is
 * not there, and InvalidInput for an end in the past.
 */
export async function admit(
  tx: Tx,
  { clock, ids, quotes, quoteFreshnessMs: freshnessMs }: AdmissionPorts,
  { viewer, placement }: { readonly viewer: Viewer; readonly placement: Placement },
): Promise<Admitted> {
  const { userId: ownerId } = requireUser(viewer);
  const account = await lockAccount(tx, placement.accountId);
  if (account?.ownerId !== ownerId) throw new NotFound('Account');
  if (isOnPaper(viewer) && account.kind !== 'PAPER') throw new NotFound('Account');
  const circumstances = await readCircumstances(tx, placement);
  if (!circumstances) throw new NotFound('Instrument');
  // An order outlives its idempotency key, and its client order id stays taken.
  if (circumstances.isTaken) throw new IdempotencyConflict(placement.clientOrderId);
  const { instrument, sellable } = circumstances;
  const now = clock.now();
  const quote = freshQuote(quotes, instrument.id, { now, freshnessMs });
  const expiresAt = expiryOf(placement, { zone: instrument.zone, now });
  const verdict = judge({ account, instrument, order: placement, quote, sellable });
  const identity = { id: ids.next(), ownerId, instrumentId: instrument.id };
  const { order, history } = newOrder({ ...identity, placement, expiresAt, verdict, now });
  await insertOrder(tx, order, history);
  const reserved = new Decimal(account.reserved).plus(order.reserved);
  await appendEvents(tx, [
    orderChanged(order),
    ...(order.reserved.isZero() ? [] : [balanceChanged({ ...account, reserved }, now)]),
  ]);
  return { order, refusal: verdict.isAllowed ? null : verdict.refusal };
}
