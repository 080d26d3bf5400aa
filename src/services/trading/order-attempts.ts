import { isFillable, remainingOf } from './engine/order-state.ts';
import { createKnownModels, type KnownModels } from './known-models.ts';
import { isArmed, isImmediate } from './engine/order-terms.ts';
import type { FillCommand } from './fill.ts';
import type { FillOutcome } from './fill-decision.ts';
import type { FillModels, Offers, QuotedMatch } from './offers.ts';
import type { OrderQueue } from './order-queue.ts';
import type { OpenOrder } from './resting-orders.ts';
import type { Clock } from '../platform/clock.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Lease } from './leases.ts';

export interface OrderAttemptsPorts {
  readonly clock: Clock;
  readonly queue: OrderQueue;
  readonly offers: Offers;
  /** One fill transaction. */
  readonly fill: (command: FillCommand) => Promise<FillOutcome>;
}

export interface OrderAttempts {
  /** Does what is to be done with an order now. Rejects as the fill does. */
  attempt(open: OpenOrder, lease: Lease): Promise<void>;
  /** What fills the rest of an order now. */
  readonly match: (order: Order, by: FillModels, lease: Lease) => QuotedMatch | undefined;
  /** A transaction that began at a time told how an account fills. */
  readonly learn: KnownModels['learn'];
  /** A fill takes what it fills with off what is offered, where its account counts that. */
  readonly take: (models: FillModels | undefined, fill: Taken) => () => void;
}

interface Taken {
  readonly order: Pick<Order, 'side'>;
  readonly quantity: Decimal;
}

/** Tries the orders of one desk, and spares the database what would find nothing. */
export function createOrderAttempts(ports: OrderAttemptsPorts): OrderAttempts {
  const { clock, queue, offers } = ports;
  const models = createKnownModels({ clock });

  const match: OrderAttempts['match'] = (order, by, lease) =>
    offers.match(demandOf({ ...order, remaining: remainingOf(order) }, lease), by);

  const take: OrderAttempts['take'] = (by, { order, quantity }) =>
    by?.liquidityModel === 'UNLIMITED' ? () => undefined : offers.take(order.side, quantity);

  /** What a fill took that was committed without our hearing of it: less is left than the desk knows. */
  const takeUnseen = (open: OpenOrder, order: Order, by: FillModels | undefined): void => {
    const quantity = new Decimal(open.remaining).minus(remainingOf(order));
    if (quantity.greaterThan(ZERO)) take(by, { order, quantity });
  };

  const settle = (outcome: FillOutcome): void => {
    const { order } = outcome;
    if (outcome.kind === 'FILLED') take(outcome.models, outcome);
    if (outcome.kind === 'CLOSED' || !isFillable(order.status)) queue.remove(order.id, order);
    else queue.tried(order.id, { order, remaining: remainingOf(order) });
    for (const other of outcome.others ?? []) {
      if (isFillable(other.status)) queue.put({ ...other, remaining: remainingOf(other) });
      else queue.remove(other.id, other);
    }
  };

  /** Whether a transaction would find something to fill it with; true where only that can tell. */
  const isOffered = (open: OpenOrder, lease: Lease): boolean => {
    const known = models.stillOf(open);
    return !known || offers.isOffered({ ...demandOf(open, lease), ...known });
  };

  /** Puts an order off that has not arrived: what is sent takes the latency of its account. */
  const isUnderWay = ({ id, accountId, createdAt }: OpenOrder): boolean => {
    const arrivesMs = createdAt.getTime() + (models.of(accountId)?.latencyMs ?? 0);
    if (arrivesMs <= clock.now().getTime()) return false;
    queue.postpone(id, arrivesMs);
    return true;
  };

  /** Whether its row changes with this try, even if nothing fills it: its stop goes off, or it ends. */
  const isOwedAChange = (open: OpenOrder): boolean =>
    isArmed(open) || isImmediate(open.timeInForce);

  return {
    ...{ match, take, learn: models.learn },
    async attempt(open, lease) {
      const { id, accountId, stopPrice, expiresAt } = open;
      const isOver = expiresAt !== null && expiresAt <= clock.now();
      if (!isOver && isUnderWay(open)) return;
      // What the quote has nothing for costs no transaction.
      const isUnsure = queue.isUnsure(id);
      const isSpared = !isOver && !isOwedAChange(open) && !isUnsure;
      if (isSpared && !isOffered(open, lease)) {
        queue.tried(id, undefined);
        return;
      }
      // One that somebody else gave us late may have less left than we were told: we have seen that.
      let mustLook = isUnsure;
      const look = (order: Order, by: FillModels | undefined): void => {
        if (mustLook) takeUnseen(open, order, by);
        mustLook = false;
      };
      const terms = {
        prices: () => offers.prices(),
        touchedAt: () => queue.touchedAt(id),
        match: (order: Order, by: FillModels) => {
          look(order, by);
          return match(order, by, lease);
        },
      };
      const askedAt = clock.now();
      const outcome = await ports.fill({ orderId: id, accountId, lease, stopPrice, ...terms });
      if (outcome.models) models.learn(accountId, outcome.models, askedAt);
      if (outcome.kind === 'CLOSED') look(outcome.order, outcome.models);
      settle(outcome);
      isUnderWay(open);
    },
  };
}

type Terms = Pick<OpenOrder, 'side' | 'limitPrice' | 'timeInForce' | 'remaining'>;

function demandOf(
  { side, limitPrice, timeInForce, remaining }: Terms,
  { instrument: { lotSize, tickSize } }: Lease,
) {
  const isAllOrNone = timeInForce === 'FOK';
  return { side, remaining, lotSize, tickSize, limitPrice, isAllOrNone };
}
