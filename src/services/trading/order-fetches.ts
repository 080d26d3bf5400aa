import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { readOpenOrders } from './open-orders.ts';
import type { OpenOrder } from './resting-orders.ts';
import { createSerialWork } from './serial-work.ts';

/** Reads open orders by their ids: those that are asked for during one read share the next. */
export interface OrderFetches {
  /** Undefined when it is not open any more, or could not be read. Never rejects. */
  read(orderId: string): Promise<OpenOrder | undefined>;
}

/** One statement reads so many; what is above waits for the next. */
const AT_ONCE_MAX = 500;

export function createOrderFetches(
  workerDb: Database,
  logger: Pick<Logger, 'error'>,
): OrderFetches {
  type Listener = (order: OpenOrder | undefined) => void;
  const waiting = new Map<string, Listener[]>();

  const readSome = async (): Promise<void> => {
    const some = [...waiting].slice(0, AT_ONCE_MAX);
    for (const [id] of some) waiting.delete(id);
    const orders = await readOpenOrders(workerDb, { orderIds: some.map(([id]) => id) }).catch(
      (error: unknown) => {
        // The next renewal finds them.
        logger.error({ err: error }, 'Orders that were accepted elsewhere could not be read.');
        return [];
      },
    );
    const byId = new Map(orders.map((order) => [order.id, order]));
    for (const [id, listeners] of some) for (const tell of listeners) tell(byId.get(id));
  };
  const serial = createSerialWork(async () => {
    while (waiting.size > 0) await readSome();
  });

  return {
    read: (orderId) =>
      new Promise((resolve) => {
        waiting.set(orderId, [...(waiting.get(orderId) ?? []), resolve]);
        serial.ask();
      }),
  };
}
