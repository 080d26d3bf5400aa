import { IdempotencyConflict, NotFound } from '../platform/errors.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import type { KeyUse } from '../platform/idempotency.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import type { OrderStatus } from '../platform/prisma/enums.ts';
import type { Writes } from '../platform/writes.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { accountLock } from '../portfolio/locks.ts';
import type { AdmissionPorts } from './admission.ts';
import {
  isReplaceableThere,
  judgeReplacementAt,
  standBeside,
  successorOf,
} from './broker-replacement.ts';
import type { VenueRefusal } from './brokers/venue-gate.ts';
import { isWorking, transition } from './engine/order-state.ts';
import { orderChanged } from './events.ts';
import { judge, type Verdict } from './gate.ts';
import { newOrder, type NewOrder } from './new-orders.ts';
import { courseOf, move, writesOf } from './order-course.ts';
import { orderInsert } from './order-inserts.ts';
import {
  circumstancesFrom,
  circumstancesOf,
  groupLock,
  orderLock,
  type Circumstances,
} from './order-rows.ts';
import { expiryOf } from './placement-terms.ts';
import { quoteToJudgeBy } from './quote-source.ts';
import type { Refusal } from './refusal.ts';
import { withoutOrder } from './replacement-input.ts';
import { isReplaceable, isTimed, placementAfter, type ReplaceOrder } from './replacement-terms.ts';
import { readRisk } from './risk/standing.ts';
import type { Risk } from './risk/judge-limits.ts';

/**
 * Why an order was not replaced: where it stood, or what the gate said; or the order in its place.
 */
export type ReplacementOutcome =
  | { readonly orderId: string }
  | {
      readonly status: OrderStatus;
      readonly filledQuantity: string;
      readonly replacedById?: string | null;
    }
  | { readonly refusal: Refusal };

export interface Replaced {
  readonly outcome: ReplacementOutcome;
  /** The one whose place was taken and the one that took it; undefined when it was done before. */
  readonly orders: { readonly old: Order; readonly new: Order } | undefined;
}

interface Replacement {
  readonly command: ReplaceOrder;
  readonly accountId: string;
  readonly symbol: string;
  /** Its scope is the account. */
  readonly key: KeyUse<ReplacementOutcome>;
}

/**
 * Puts another order in the place of one, in one transaction: what the old one held back is judged
 * as if it were free, so that the gate looks at the difference; when it refuses, the old one stands
 * as it was. What is filled stays with the old order, and the new one is for the rest. A fill at
 * the same time waits for the same locks: whoever has them first decides. At a broker the new one
 * is stored beside the old one, which works until the broker says that its place is taken
 * (brokers/succession.ts).
 */
export async function replace(
  pipeline: Pipeline,
  ports: AdmissionPorts,
  { command, accountId, symbol, key }: Replacement,
): Promise<Replaced> {
  const { orderId, clientOrderId } = command;
  const [[account], [order], [earlier], [row]] = await pipeline.ask(
    accountLock(accountId),
    orderLock(orderId),
    key.lookUp,
    circumstancesOf({ accountId, symbol, clientOrderId }),
  );
  if (!account || !order || !row) throw new NotFound('Order');
  if (earlier) return { outcome: key.outcomeOf(earlier), orders: undefined };
  const circumstances = circumstancesFrom(row);
  if (circumstances.isTaken) throw new IdempotencyConflict(clientOrderId);
  const refuse = (outcome: ReplacementOutcome): Replaced => {
    pipeline.store({ queries: [key.keep(outcome)], events: [] });
    return { outcome, orders: undefined };
  };
  const isThere = account.kind === 'LIVE';
  const { instrument } = circumstances;
  const venueRefusal = isThere
    ? await judgeReplacementAt(async (query) => (await pipeline.ask(query))[0], {
        ...{ account, instrument, isLiveTrading: ports.isLiveTrading ?? false },
      })
    : undefined;
  const [[successor]] = isThere ? await pipeline.ask(successorOf(order)) : [[]];
  const rest = new Decimal(command.quantity ?? order.quantity).minus(order.filledQuantity);
  const isPossible = isReplaceable(order) && (!isThere || isReplaceableThere(order));
  if (!isPossible || successor || !rest.greaterThan(ZERO)) {
    const { status, filledQuantity } = order;
    const replacedById = successor?.id ?? order.replacedById;
    return refuse({ status, filledQuantity: filledQuantity.toFixed(), replacedById });
  }
  const [others] = order.groupId === null ? [[]] : await pipeline.ask(groupLock(order));
  const now = ports.clock.now();
  const risk = await readRisk(account, {
    ...{ circumstances, quotes: ports.quotes, now },
    ask: async (query) => (await pipeline.ask(query))[0],
  });
  const situation = { account, order, rest, others, circumstances, risk, venueRefusal, now };
  const { verdict, placed } = decide(ports, command, situation);
  if (!verdict.isAllowed) return refuse({ refusal: verdict.refusal });
  const outcome = { orderId: placed.order.id };
  if (isThere) {
    const beside = standBeside({ account, order, placed }, now);
    pipeline.store(beside.writes, { queries: [key.keep(outcome)], events: [] });
    return { outcome, orders: { old: order, new: beside.placed.order } };
  }
  const { old, writes } = swap({ account, order, placed, now });
  pipeline.store(writes, { queries: [key.keep(outcome)], events: [] });
  return { outcome, orders: { old, new: placed.order } };
}

interface Situation {
  readonly account: Account;
  readonly order: Order;
  /** What the new one is to fill. */
  readonly rest: Decimal;
  /** The others of its group that work. */
  readonly others: readonly Order[];
  readonly circumstances: Circumstances;
  readonly risk: Risk;
  /** Why it cannot go where the account is. */
  readonly venueRefusal: VenueRefusal | undefined;
  readonly now: Date;
}

/** What the gate says of the new order, and the order as it is if it may be. */
function decide(
  { ids, quotes, quoteFreshnessMs: freshnessMs }: AdmissionPorts,
  command: ReplaceOrder,
  { account, order, rest, others, circumstances, risk, venueRefusal, now }: Situation,
): { readonly verdict: Verdict; readonly placed: NewOrder } {
  const { instrument, holding } = circumstances;
  const quote = quoteToJudgeBy(quotes, instrument, { now, freshnessMs });
  const placement = placementAfter(order, command, { rest, quote, instrument });
  const input = withoutOrder({ account, holding, order, others, placement });
  const verdict = judge({ ...input, instrument, quote, risk, venueRefusal, now });
  const { orderClass, leg, groupId, ownerId, instrumentId } = order;
  const placed = newOrder({
    ...{ id: ids.next(), ownerId, instrumentId, placement, verdict, now },
    expiresAt: isTimed(command)
      ? expiryOf(placement, { timetable: instrument, now })
      : order.expiresAt,
    isWaiting: order.status === 'PENDING' || account.kind === 'LIVE',
  });
  const isLeg = leg !== null && leg !== 'ENTRY';
  const reserved = isLeg ? ZERO : placed.order.reserved;
  const place = { orderClass, leg, groupId, replacesId: order.id, reserved };
  return { verdict, placed: { ...placed, order: { ...placed.order, ...place } } };
}

/** The old order ends and the new one begins; what they hold back changes by the difference. */
function swap({
  account,
  order,
  placed,
  now,
}: Pick<Situation, 'account' | 'order' | 'now'> & { readonly placed: NewOrder }): {
  readonly old: Order;
  readonly writes: Writes;
} {
  if (!isWorking(order.status)) throw new Error(`Order ${order.id} has ended.`);
  const given = { reserved: ZERO, updatedAt: now, replacedById: placed.order.id };
  const moved = move(courseOf(account, order), transition(order, { type: 'replaced' }), given);
  const difference = new Decimal(placed.order.reserved).minus(order.reserved);
  const after = { ...account, reserved: new Decimal(account.reserved).plus(difference) };
  const { queries, events } = writesOf({ ...moved, account: after });
  return {
    old: moved.order,
    writes: {
      queries: [...queries, ...orderInsert(placed.order, placed.history)],
      events: [
        ...events,
        orderChanged(placed.order),
        ...(difference.isZero() ? [] : [balanceChanged(after, now)]),
      ],
    },
  };
}
