import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../src/services/platform/random.ts';
import { createGraphClient, type GraphClient } from '../../support/graph-client.ts';
import {
  cancelOrder,
  placeOrder,
  type OrderAnswer,
  type WantedOrder,
} from '../../support/paper-accounts.ts';
import { wantOrder, type Prices } from './wanted-orders.ts';

/** An order that was sent, and what came back, if anything did. */
export interface SentOrder {
  readonly wanted: WantedOrder;
  /** Undefined when the server was gone before it answered, or could not say what it did. */
  answer: OrderAnswer | undefined;
  /** Whether a cancel of it was answered with success. */
  isCanceled: boolean;
}

export interface Load {
  /** Everything that was sent so far. */
  readonly sent: readonly SentOrder[];
  /** Lets no client send any more, and waits for those that still hope for an answer. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  /** One client for each; an account that is named twice is traded by two clients at once. */
  readonly accountIds: readonly string[];
  readonly prices: Prices;
  readonly round: number;
  readonly random: Random;
}

const PAUSE_MAX_MS = 10;
const CANCEL_CHANCE = 0.3;

/** Clients that place and cancel orders, one after the other, until they are stopped or cut off. */
export function startLoad({ url, token, accountIds, prices, round, random }: LoadOptions): Load {
  const sent: SentOrder[] = [];
  const end = new AbortController();
  const graph = createGraphClient({ url, token });

  const run = async (accountId: string, client: number): Promise<void> => {
    for (let number = 1; !end.signal.aborted; number += 1) {
      const clientOrderId = `round-${String(round)}-client-${String(client)}-${String(number)}`;
      const wanted = wantOrder(prices, { accountId, clientOrderId }, random);
      const order: SentOrder = { wanted, answer: undefined, isCanceled: false };
      sent.push(order);
      try {
        await send(graph, order, random.next() < CANCEL_CHANCE);
      } catch {
        // Gone, or about to be: what it did with the order is asked after the restart.
        return;
      }
      await delay(random.next() * PAUSE_MAX_MS);
    }
  };
  const clients = accountIds.map(run);

  return {
    sent,
    async stop() {
      end.abort();
      await Promise.all(clients);
    },
  };
}

async function send(graph: GraphClient, order: SentOrder, isToCancel: boolean): Promise<void> {
  order.answer = await placeOrder(graph, order.wanted);
  if (!isToCancel || order.answer.kind !== 'placed') return;
  const { id: orderId } = order.answer.order;
  order.isCanceled = await cancelOrder(graph, { orderId, key: order.wanted.clientOrderId });
}
