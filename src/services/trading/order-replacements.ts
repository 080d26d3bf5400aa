import { requireCapability } from '../accounts/capabilities.ts';
import { NotFound } from '../platform/errors.ts';
import { useOfKey } from '../platform/idempotency.ts';
import { Decimal } from '../platform/money.ts';
import { inAccountsOf } from '../platform/owner-filter.ts';
import type { Database } from '../platform/database.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { AdmissionPorts } from './admission.ts';
import { isFillable, isWorking } from './engine/order-state.ts';
import { OrderNotReplaceable } from './errors.ts';
import { denialOf } from './refusal.ts';
import { replace, type ReplacementOutcome } from './replacement.ts';
import { commandOfReplacement, parseReplacement, type ReplaceOrder } from './replacement-terms.ts';

export interface ReplacementPorts extends AdmissionPorts {
  /** The server's. */
  readonly db: Database;
  /** Gives an order to the engine, and answers with its first news, if they come soon. */
  readonly begin: (order: Order) => Promise<Order | undefined>;
  /** Hears of an order that has ended after the commit. */
  readonly onCanceled?: (order: Order) => void;
  /** Learns what an order at a broker is judged by, before it is; others cost nothing. */
  readonly beforePlacing?: (
    viewer: Viewer,
    order: { readonly accountId: string; readonly symbol: string },
  ) => Promise<void>;
}

export interface OrderReplacements {
  /**
   * Puts another order in the place of one that works, with other terms, and returns it: the old
   * one is REPLACED and keeps what was filled, the new one is for the rest of the new total. All at
   * once, or not at all: throws OrderNotReplaceable for an order that has ended or gone off, or of
   * which so much is filled, and what the gate has against the new one as an OrderDenied without an
   * order; the old one stands then. The same client order id again gets the same answer. Throws
   * NotFound for an order that is not the viewer's, and InvalidInput for terms that it cannot have.
   *
   * At a broker the new order is sent to take the place of the old one, which works until the
   * broker says that it is over; what the broker has against the new one leaves that REJECTED.
   * Throws ReplacementUnsupported where the venue has no such thing.
   */
  replace(viewer: Viewer, command: ReplaceOrder): Promise<Order>;
}

export function createOrderReplacements(ports: ReplacementPorts): OrderReplacements {
  const { db, clock, begin, onCanceled } = ports;
  return {
    async replace(viewer, wanted) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const command = parseReplacement(wanted);
      const { orderId } = command;
      const found = await db.snapshot(viewer, (tx) =>
        tx.order.findFirst({
          where: { id: orderId, ...inAccountsOf(viewer) },
          select: { accountId: true, instrument: { select: { symbol: true } } },
        }),
      );
      if (!found) throw new NotFound('Order');
      const { accountId, instrument } = found;
      const key = useOfKey<ReplacementOutcome>({
        ...{ ownerId, operation: 'replaceOrder', key: command.clientOrderId, scope: accountId },
        ...{ command: commandOfReplacement(command), now: clock.now() },
      });
      await ports.beforePlacing?.(viewer, { accountId, symbol: instrument.symbol });
      const replacement = { command, accountId, symbol: instrument.symbol, key };
      const { outcome, orders } = await db.pipeline(viewer, (pipeline) =>
        replace(pipeline, ports, replacement),
      );
      if ('refusal' in outcome) throw denialOf(outcome.refusal, null);
      if ('status' in outcome) {
        const { status, filledQuantity, replacedById } = outcome;
        throw new OrderNotReplaceable(orderId, {
          ...{ status, replacedById },
          filledQuantity: new Decimal(filledQuantity),
        });
      }
      if (orders && !isWorking(orders.old.status)) onCanceled?.(orders.old);
      const news = orders && isToBegin(orders.new) ? await begin(orders.new) : undefined;
      return news ?? (await newest(db, viewer, outcome.orderId));
    },
  };
}

/**
 * What waits for its entry is the engine's when that fills; what waits alone is to be sent to a
 * broker.
 */
const isToBegin = ({ status, groupId }: Order): boolean =>
  isFillable(status) || (status === 'PENDING' && groupId === null);

const newest = (db: Database, viewer: Viewer, id: string): Promise<Order> =>
  db.snapshot(viewer, (tx) => tx.order.findUniqueOrThrow({ where: { id } }));
