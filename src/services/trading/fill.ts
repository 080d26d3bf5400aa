import { accountLock, openPositionLock } from '../portfolio/locks.ts';
import { newestTrade } from '../portfolio/trade-times.ts';
import { isFillable } from './engine/order-state.ts';
import { decideFill, writesOfFill } from './fill-decision.ts';
import { fillLock, type Lease } from './leases.ts';
import { courseOf } from './order-course.ts';
import { groupLock, orderLock } from './order-rows.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { FillOutcome, FillPorts, FillTerms } from './fill-decision.ts';

export interface FillCommand extends FillTerms {
  readonly orderId: string;
  readonly accountId: string;
  readonly lease: Lease;
}

/** Another process fills this instrument's orders now; nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Does what is to be done with an order now, in one transaction or not at all: ends it when its time is
 * over, sets off its stop when the prices have touched it, and fills it once: trade, position, cash,
 * fee, the order with its history, and all events. What is left of an order that fills at once is
 * canceled with it.
 *
 * All that decides is locked and read at once, in the order account → order → position → lease; then
 * {@link decideFill} says what comes of it. The trade is numbered by the order's version, so that no version
 * is ever filled twice; the lease is checked last and held until the commit, so that a process whose
 * instruments were taken over cannot write. What begins after a kill switch was committed is canceled by it.
 */
export async function fillOrder(
  pipeline: Pipeline,
  ports: FillPorts,
  command: FillCommand,
): Promise<FillOutcome> {
  const { orderId, accountId, lease } = command;
  const traded = { accountId, instrumentId: lease.instrument.id };
  const [[account], [order], [position], [newest], [held]] = await pipeline.ask(
    accountLock(accountId),
    orderLock(orderId),
    openPositionLock(traded),
    newestTrade(traded),
    fillLock(lease, accountId),
  );
  if (!account || !order) throw new Error(`Order ${orderId} or its account is gone.`);
  if (!isFillable(order.status)) {
    // Its last fill may have been committed without our hearing of it, and with that its group changed.
    return { kind: 'CLOSED', order, others: await othersOf(pipeline, order), models: account };
  }
  if (!held) {
    throw new LeaseLost(`Epoch ${String(lease.epoch)} of ${lease.instrument.symbol} is over.`);
  }
  const decision = decideFill(ports, command, {
    course: courseOf(account, order),
    position,
    others: await othersOf(pipeline, order),
    lastTradeAt: newest?.executedAt,
    isHalted: held.isHalted,
    now: ports.clock.now(),
  });
  pipeline.store(...writesOfFill(decision));
  return { ...decision.outcome, models: account };
}

/** The other orders of its group that work. */
async function othersOf(pipeline: Pipeline, order: Order): Promise<readonly Order[]> {
  if (order.groupId === null) return [];
  const [others] = await pipeline.ask(groupLock(order));
  return others;
}
