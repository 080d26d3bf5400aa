import { requireCapability } from '../accounts/capabilities.ts';
import { useOfKey } from '../platform/idempotency.ts';
import type { Viewer } from '../platform/viewer.ts';
import { admit, type AdmissionOutcome, type AdmissionPorts } from './admission.ts';
import { createClosings, type Closings } from './closings.ts';
import {
  createOrderCancellations,
  type CancellationPorts,
  type OrderCancellations,
} from './order-cancellations.ts';
import type { DirectFills } from './direct-fills.ts';
import { createOrderLists, type OrderLists } from './order-lists.ts';
import { createOrderReplacements, type OrderReplacements } from './order-replacements.ts';
import { commandOf, parsePlacement, type PlaceOrder } from './placement.ts';
import { QUOTE_FRESHNESS_MS } from './quote-source.ts';
import { denialOf } from './refusal.ts';
import { isFillable } from './engine/order-state.ts';
import type { Order } from '../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';

export interface OrdersPorts extends Omit<AdmissionPorts, 'quoteFreshnessMs'>, CancellationPorts {
  /**
   * Hears of each accepted order after the commit: the engine's `accept`. Answers with the order once
   * it has tried to fill it, or with undefined when it has nothing to tell. Never rejects.
   */
  readonly onAccepted: (order: Order) => Promise<Order | undefined>;
  /** Learns what an order at a broker is judged by, before it is; others cost nothing. */
  readonly beforePlacing?: (
    viewer: Viewer,
    order: Pick<PlaceOrder, 'accountId' | 'symbol'>,
  ) => Promise<void>;
  /** Where this process may fill by itself: fills what it can while it is placed. */
  readonly directFills?: DirectFills;
  readonly timers?: Timers;
  readonly quoteFreshnessMs?: number;
  /** How long `place` waits for the first news of its order. */
  readonly firstNewsMs?: number;
}

/** An order that is stored, and may be filled next. */
interface Submitted {
  /** The order after its first news, or as it is when there is none in time. */
  readonly newest: () => Promise<Order>;
}

export interface Orders extends Closings, OrderReplacements, OrderCancellations, OrderLists {
  /**
   * Places an order: gate, order, history, reserved cash and events in one transaction; then
   * the engine has it, and the answer waits a moment for its first fill. Returns its newest state.
   *
   * The same client order id with the same body returns the same order, with another body throws
   * IdempotencyConflict. An order that the gate refuses is stored as DENIED, and the named
   * OrderDenied is thrown with its id; the same request again gets the same error. Throws NotFound
   * for an account that is not the viewer's and for a symbol that is not there, InvalidInput and
   * InvalidQuantity for what cannot be stored, Forbidden for a viewer below USER.
   */
  place(viewer: Viewer, command: PlaceOrder): Promise<Order>;
  /** The same without the wait: resolves when the order is stored and the engine has it. */
  submit(viewer: Viewer, command: PlaceOrder): Promise<Submitted>;
}

const FIRST_NEWS_MS = 50;

export function createOrders(ports: OrdersPorts): Orders {
  const { db, clock, onAccepted } = ports;
  const { timers = systemTimers, firstNewsMs = FIRST_NEWS_MS } = ports;
  const admission = { ...ports, quoteFreshnessMs: ports.quoteFreshnessMs ?? QUOTE_FRESHNESS_MS };

  const newest = (viewer: Viewer, orderId: string): Promise<Order> =>
    db.snapshot(viewer, (tx) => tx.order.findUniqueOrThrow({ where: { id: orderId } }));

  /**
   * The order after its first news, or as it was stored when there is none in time: to read it again
   * would cost as much as to place it. Undefined when there may be news in the database.
   */
  const firstNews = async (order: Order): Promise<Order | undefined> => {
    const tooLate = Promise.withResolvers<Order>();
    const stop = timers.after(firstNewsMs, () => {
      tooLate.resolve(order);
    });
    try {
      return await Promise.race([onAccepted(order), tooLate.promise]);
    } finally {
      stop();
    }
  };

  const orders: Pick<Orders, 'place' | 'submit'> = {
    async place(viewer, command) {
      const submitted = await orders.submit(viewer, command);
      return submitted.newest();
    },

    async submit(viewer, command) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const placement = parsePlacement(command);
      await ports.beforePlacing?.(viewer, placement);
      const key = useOfKey<AdmissionOutcome>({
        ownerId,
        operation: 'placeOrder',
        key: placement.clientOrderId,
        scope: placement.accountId,
        command: commandOf(placement),
        now: clock.now(),
      });
      const request = { viewer, placement, key };
      const { outcome, order, legs, isTried } =
        (await ports.directFills?.place(admission, request)) ??
        (await db.pipeline(viewer, (pipeline) => admit(pipeline, admission, request)));
      if (outcome.refusal) throw denialOf(outcome.refusal, outcome.orderId);
      // Legs that wait for their entry are the engine's when it fills.
      for (const leg of legs) if (isFillable(leg.status)) void onAccepted(leg);
      if (order && isTried && isFillable(order.status)) void onAccepted(order);
      const news = order && (isTried ? order : firstNews(order));
      return { newest: async () => (await news) ?? newest(viewer, outcome.orderId) };
    },
  };

  return {
    ...orders,
    ...createClosings({ ...admission, begin: firstNews }),
    ...createOrderReplacements({ ...admission, begin: firstNews }),
    ...createOrderCancellations(ports),
    ...createOrderLists(ports),
  };
}
