import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../src/services/platform/random.ts';
import { createGraphClient, type GraphClient } from '../../support/graph-client.ts';
import { closeAll, closePosition, replaceOrder } from '../../support/order-changes.ts';
import { cancelOrder, placeOrder, type OrderAnswer } from '../../support/paper-accounts.ts';
import { wantOrder, type Prices } from './wanted-orders.ts';

/** An order that was asked for, in whatever way, and what came back, if anything did. */
export interface SentOrder {
  readonly clientOrderId: string;
  /** In the same words, whenever and however often. */
  readonly send: (graph: GraphClient) => Promise<OrderAnswer>;
  /** Whether a refusal leaves a denied order behind. */
  readonly isStoredWhenRefused: boolean;
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
const CANCEL_CHANCE = 0.25;
const REPLACE_CHANCE = 0.35;
const CLOSE_CHANCE = 0.08;
const CLOSE_ALL_CHANCE = 0.02;

/** Clients that place, replace, cancel and close, until they are stopped or cut off. */
export function startLoad({ url, token, accountIds, prices, round, random }: LoadOptions): Load {
  const sent: SentOrder[] = [];
  const end = new AbortController();
  const graph = createGraphClient({ url, token });

  const ask = async (given: Omit<SentOrder, 'answer' | 'isCanceled'>): Promise<SentOrder> => {
    const order: SentOrder = { ...given, answer: undefined, isCanceled: false };
    sent.push(order);
    order.answer = await order.send(graph);
    return order;
  };

  const play = async (accountId: string, clientOrderId: string): Promise<void> => {
    const wanted = wantOrder(prices, { accountId, clientOrderId }, random);
    const { symbol } = wanted;
    const place = { send: (client: GraphClient) => placeOrder(client, wanted) };
    const order = await ask({ clientOrderId, ...place, isStoredWhenRefused: true });
    const luck = random.next();
    if (order.answer?.kind === 'placed') {
      const { id: orderId } = order.answer.order;
      const [low, high] = [CANCEL_CHANCE, CANCEL_CHANCE + REPLACE_CHANCE];
      if (luck < low) order.isCanceled = await cancelOrder(graph, { orderId, key: clientOrderId });
      else if (luck < high) {
        const change = changeOf(wanted, orderId);
        const send = (client: GraphClient) => replaceOrder(client, change);
        const { clientOrderId: id, ...terms } = change;
        // Of a market order with legs nothing can be otherwise.
        if (Object.keys(terms).length > 1)
          await ask({ clientOrderId: id, send, isStoredWhenRefused: false });
      }
    }
    if (random.next() < CLOSE_CHANCE) {
      const closing = { accountId, symbol, clientOrderId: `${clientOrderId}-close` };
      const send = (client: GraphClient) => closePosition(client, closing);
      await ask({ clientOrderId: closing.clientOrderId, send, isStoredWhenRefused: false });
    }
    if (random.next() < CLOSE_ALL_CHANCE) await closeAll(graph, { accountId, key: clientOrderId });
  };

  const run = async (accountId: string, client: number): Promise<void> => {
    for (let number = 1; !end.signal.aborted; number += 1) {
      try {
        await play(accountId, `round-${String(round)}-client-${String(client)}-${String(number)}`);
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

type Wanted = ReturnType<typeof wantOrder>;

/** The same a little worse for its owner, or for one more. */
function changeOf(
  { side, limitPrice, stopPrice, orderClass, clientOrderId }: Wanted,
  orderId: string,
) {
  const by = side === 'BUY' ? 1.0005 : 0.9995;
  const moved = (price: string) => (Number(price) * by).toFixed(2);
  return {
    ...{ orderId, clientOrderId: `${clientOrderId}-again` },
    ...(limitPrice !== undefined && { limitPrice: moved(limitPrice) }),
    ...(limitPrice === undefined && stopPrice !== undefined && { stopPrice: moved(stopPrice) }),
    ...(orderClass === undefined && { quantity: '4' }),
  };
}
