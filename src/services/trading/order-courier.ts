import type { EventBus, Unsubscribe } from '../platform/event-bus/event-bus.ts';
import type { Ids } from '../platform/ids.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Timers } from '../platform/timers.ts';
import { encodeOrderMessage, newsChannel, ORDER_CHANNEL } from './order-messages.ts';
import type { PaperEngine } from './paper-engine.ts';

/** Brings orders, after their commit, to whoever fills them: this process or another. */
export interface OrderCourier {
  /** Listens for answers. Until then nobody answers from elsewhere. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The engine's `accept`. With undefined when another process tried it, whose answer is that there
   * may be news in the database; also when nobody answers in time.
   */
  accept(order: Order): Promise<Order | undefined>;
  /** The engine's `drop`. */
  drop(order: Pick<Order, 'id' | 'instrumentId'>): void;
}

/** Who placed the order has long stopped to wait. */
const ANSWER_MS = 1_000;

/**
 * A message that the bus loses costs time alone: the holder of an instrument looks for new orders
 * with each renewal of its leases, and finds in the database that an order is over.
 */
export function createOrderCourier({
  bus,
  ids,
  timers,
  engine,
  isAlone,
}: {
  readonly bus: EventBus;
  readonly ids: Ids;
  readonly timers: Timers;
  /** This process's own, if it has one. */
  readonly engine: Pick<PaperEngine, 'holds' | 'accept' | 'drop' | 'renewSoon'> | undefined;
  /** Whether there are no other processes. */
  readonly isAlone: boolean;
}): OrderCourier {
  const replyTo = newsChannel(ids.next());
  const waiting = new Map<string, () => void>();
  let unsubscribe: Unsubscribe | undefined;

  const answerOf = (orderId: string): Promise<undefined> =>
    new Promise((resolve) => {
      const end = (): void => {
        stop();
        waiting.delete(orderId);
        resolve(undefined);
      };
      const stop = timers.after(ANSWER_MS, end);
      waiting.set(orderId, end);
    });

  return {
    async start() {
      unsubscribe ??= await bus.subscribe(replyTo, (orderId) => waiting.get(orderId)?.());
    },
    async stop() {
      unsubscribe?.();
      unsubscribe = undefined;
      for (const end of [...waiting.values()]) end();
    },
    async accept(order) {
      const { id: orderId, instrumentId } = order;
      if (engine?.holds(instrumentId)) return engine.accept(order);
      // Where nobody else could hold the instrument, its lease is still to be made.
      if (isAlone) engine?.renewSoon();
      if (isAlone || !unsubscribe) return undefined;
      // Listening first: the answer may be here before the publisher is told that it was sent.
      const answer = answerOf(orderId);
      const told = { kind: 'accepted', orderId, instrumentId, replyTo } as const;
      void bus.publish(ORDER_CHANNEL, encodeOrderMessage(told));
      return answer;
    },
    drop({ id: orderId, instrumentId }) {
      if (engine?.holds(instrumentId)) {
        engine.drop({ id: orderId, instrumentId });
        return;
      }
      const told = { kind: 'ended', orderId, instrumentId } as const;
      void bus.publish(ORDER_CHANNEL, encodeOrderMessage(told));
    },
  };
}
