import { requireCapability } from '../accounts/capabilities.ts';
import { DomainError, InvalidInput } from '../platform/errors.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { Orders } from './orders.ts';
import { parsePlacement, type PlaceOrder } from './placement.ts';

export interface PlaceOrders {
  readonly accountId: string;
  /** 1 to {@link ORDERS_MAX}, each with a client order id of its own. */
  readonly orders: readonly Omit<PlaceOrder, 'accountId'>[];
}

const ORDERS_MAX = 50;

export interface OrderBatches {
  /**
   * Places orders one after the other, and answers for each, in their order, with the order or with
   * the refusal that `place` would have thrown. Not atomic: a refusal ends none of the others. The
   * same client order id twice is the same order twice, as if it had come again.
   *
   * Throws InvalidInput, and places none, where one of them is no order at all.
   */
  placeAll(viewer: Viewer, command: PlaceOrders): Promise<readonly (Order | DomainError)[]>;
}

export function createOrderBatches({
  orders,
}: {
  readonly orders: Pick<Orders, 'submit'>;
}): OrderBatches {
  return {
    async placeAll(viewer, { accountId, orders: wanted }) {
      requireCapability(viewer, 'TRADE');
      if (wanted.length < 1 || wanted.length > ORDERS_MAX) {
        throw new InvalidInput('orders', `There are 1 to ${ORDERS_MAX} orders.`);
      }
      const commands = wanted.map((order) => ({ ...order, accountId }));
      for (const [at, command] of commands.entries()) refuseWhatIsNone(command, at);
      const submissions = [];
      for (const command of commands) {
        // The next is placed as soon as this one is stored: none waits for what fills another.
        submissions.push(await orders.submit(viewer, command).catch(refusalOf));
      }
      // Read when all are written: a viewer's reads end when they write.
      return Promise.all(
        submissions.map(async (each) => (each instanceof DomainError ? each : each.newest())),
      );
    },
  };
}

/**
 * Refuses what is no order at all, and says which one. What is named otherwise is that order's own.
 */
function refuseWhatIsNone(command: PlaceOrder, at: number): void {
  try {
    parsePlacement(command);
  } catch (error) {
    if (!(error instanceof InvalidInput)) return;
    throw new InvalidInput(`orders.${at}.${error.field}`, error.message);
  }
}

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  throw error;
}
