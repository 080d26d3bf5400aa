import type { Order } from '../platform/prisma/client.ts';

type Listener = (order: Order | undefined) => void;

/** Who waits for what becomes of an order. */
export interface OrderNews {
  /** The next news of it. */
  of(orderId: string): Promise<Order | undefined>;
  /** Tells all who wait for it; undefined when there is nothing to tell. */
  tell(orderId: string, order: Order | undefined): void;
  /** Who waits now. Calling the answer tells those of them who still wait that there is no news. */
  waiting(): () => void;
}

export function createOrderNews(): OrderNews {
  const listeners = new Map<string, Listener[]>();
  const tell: OrderNews['tell'] = (orderId, order) => {
    const all = listeners.get(orderId);
    listeners.delete(orderId);
    for (const listener of all ?? []) listener(order);
  };
  return {
    of: (orderId) =>
      new Promise((resolve) => {
        listeners.set(orderId, [...(listeners.get(orderId) ?? []), resolve]);
      }),
    tell,
    waiting() {
      const now = [...listeners];
      return () => {
        for (const [orderId, all] of now) {
          // Others came since: they wait for the next look.
          if (listeners.get(orderId) === all) tell(orderId, undefined);
        }
      };
    },
  };
}
