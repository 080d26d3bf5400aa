import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';

/** What is kept in memory of an order that can be filled; its row in the database decides. */
export type OpenOrder = Pick<Order, 'id' | 'accountId' | 'instrumentId' | 'side' | 'createdAt'> & {
  /** What is left to fill. */
  readonly remaining: Decimal;
};

type Listener = (order: Order | undefined) => void;

interface Entry {
  order: OpenOrder;
  failures: number;
  /** Not tried before this time of the clock. */
  notBeforeMs: number;
  readonly listeners: Listener[];
}

/** The open orders of one instrument, and who waits for news of them. */
export interface OrderQueue {
  /** Takes an order; one that is there already stays as it is. False when it was given up. */
  add(order: OpenOrder): boolean;
  /** The next news of an order that was added. */
  newsOf(orderId: string): Promise<Order | undefined>;
  /** Those to try now, the oldest first. */
  due(): readonly OpenOrder[];
  /** What the last try left of an order; undefined when there was nothing to try it with. */
  tried(
    orderId: string,
    after: { readonly order: Order; readonly remaining: Decimal } | undefined,
  ): void;
  /** The order is not to be filled any more. */
  remove(orderId: string, order: Order | undefined): void;
  /** A try failed unexpectedly: it is logged, and repeated later; the twentieth gives it up. */
  failed(orderId: string, error: unknown): void;
  /** Forgets all of them, and lets nobody wait. */
  clear(): void;
}

const FAILURES_MAX = 20;
const BACK_OFF_MS = 100;
const BACK_OFF_MAX_MS = 30_000;

export function createOrderQueue({
  clock,
  logger,
}: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}): OrderQueue {
  const entries = new Map<string, Entry>();
  /** Left alone until the process starts anew, when they are read from the database again. */
  const givenUp = new Set<string>();

  const tell = (entry: Entry | undefined, order: Order | undefined): void => {
    for (const listener of entry?.listeners.splice(0) ?? []) listener(order);
  };
  const remove = (orderId: string, order: Order | undefined): void => {
    const entry = entries.get(orderId);
    entries.delete(orderId);
    tell(entry, order);
  };

  return {
    add(order) {
      if (givenUp.has(order.id)) return false;
      if (!entries.has(order.id)) {
        entries.set(order.id, { order, failures: 0, notBeforeMs: 0, listeners: [] });
      }
      return true;
    },
    newsOf: (orderId) =>
      new Promise((resolve) => {
        const entry = entries.get(orderId);
        if (entry) entry.listeners.push(resolve);
        else resolve(undefined);
      }),
    due() {
      const nowMs = clock.now().getTime();
      const due = [...entries.values()].filter(({ notBeforeMs }) => notBeforeMs <= nowMs);
      return due.map(({ order }) => order).sort(byTime);
    },
    tried(orderId, after) {
      const entry = entries.get(orderId);
      if (entry && after) {
        entry.failures = 0;
        entry.order = { ...entry.order, remaining: after.remaining };
      }
      tell(entry, after?.order);
    },
    remove,
    failed(orderId, error) {
      const entry = entries.get(orderId);
      if (!entry) return;
      entry.failures += 1;
      const backOffMs = Math.min(BACK_OFF_MS * 2 ** entry.failures, BACK_OFF_MAX_MS);
      entry.notBeforeMs = clock.now().getTime() + backOffMs;
      const isGivenUp = entry.failures >= FAILURES_MAX;
      const { failures } = entry;
      logger.error({ err: error, orderId, failures, isGivenUp }, 'An order could not be filled.');
      tell(entry, undefined);
      if (!isGivenUp) return;
      givenUp.add(orderId);
      entries.delete(orderId);
    },
    clear() {
      for (const orderId of [...entries.keys()]) remove(orderId, undefined);
    },
  };
}

function byTime(one: OpenOrder, other: OpenOrder): number {
  const apart = one.createdAt.getTime() - other.createdAt.getTime();
  if (apart !== 0) return apart;
  return one.id < other.id ? -1 : 1;
}
