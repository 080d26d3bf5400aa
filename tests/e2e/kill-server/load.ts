import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../src/services/platform/random.ts';
import { createGraphClient } from '../../support/graph-client.ts';
import { placeOrder, type OrderAnswer, type WantedOrder } from '../../support/paper-accounts.ts';

/** An order that was sent, and what came back, if anything did. */
export interface SentOrder {
  readonly wanted: WantedOrder;
  /** Undefined when the server was gone before it answered, or could not say what it did. */
  answer: OrderAnswer | undefined;
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
  readonly round: number;
  readonly random: Random;
}

const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'DELV.SIM', 'GLIM.SIM', 'EMBR.SIM'];
const PAUSE_MAX_MS = 10;

/** Clients that place market orders, one after the other, until they are stopped or cut off. */
export function startLoad({ url, token, accountIds, round, random }: LoadOptions): Load {
  const sent: SentOrder[] = [];
  const end = new AbortController();
  const graph = createGraphClient({ url, token });

  const run = async (accountId: string, client: number): Promise<void> => {
    for (let number = 1; !end.signal.aborted; number += 1) {
      const order: SentOrder = {
        wanted: {
          accountId,
          symbol: SYMBOLS[Math.floor(random.next() * SYMBOLS.length)] ?? '',
          // More is bought than sold; what cannot be sold is an answer as well.
          side: random.next() < 0.7 ? 'BUY' : 'SELL',
          quantity: String(1 + Math.floor(random.next() * 3)),
          clientOrderId: `round-${String(round)}-client-${String(client)}-${String(number)}`,
        },
        answer: undefined,
      };
      sent.push(order);
      try {
        order.answer = await placeOrder(graph, order.wanted);
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
