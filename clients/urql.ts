import { subscriptionExchange, type Exchange } from '@urql/core';
import type { Client } from 'graphql-ws';
import { subscribeResuming } from './resuming.ts';

/** The exchange for subscriptions, whose streams resume. */
export function createResumingExchange(client: Client): Exchange {
  return subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: subscribeResuming(
          client,
          { query, variables: variables as Record<string, unknown> },
          {
            next: (result) => {
              sink.next(result as Parameters<typeof sink.next>[0]);
            },
            error: (error) => {
              sink.error(error);
            },
            complete: () => {
              sink.complete();
            },
          },
        ),
      }),
    }),
  });
}
