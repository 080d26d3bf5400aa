import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { balance, quote } from './fan-out-floor.ts';
import type { FanOutServer } from './fan-out-messages.ts';

const TYPES = `
        type Query { hello: String! }
        type Quote { symbol: String! bid: String! ask: String! last: String! bidSize: String!
          askSize: String! time: String! source: String! }
        type Account { id: ID! name: String! cash: String! buyingPower: String! }
        type BalanceChanged { cursor: String! occurredAt: String! account: Account! }
        type StreamGap { reason: String! }
        union BalanceChangedPayload = BalanceChanged | StreamGap
        type Subscription {
          quotes(symbols: [String!]!): Quote!
          balanceChanged(accountId: ID!): BalanceChangedPayload!
        }`;

/** Yoga with graphql-ws as its documentation has it, each subscription executing for itself. */
export async function startRecipe(): Promise<FanOutServer> {
  // A listener for each client: Node would warn of a leak.
  const eventTarget = new EventTarget();
  setMaxListeners(0, eventTarget);
  const pubSub = createPubSub<{
    quote: [payload: ReturnType<typeof quote>];
    balance: [id: string, payload: ReturnType<typeof balance>];
  }>({ eventTarget: eventTarget as never });
  const yoga = createYoga({
    logging: false,
    schema: createSchema({
      typeDefs: TYPES,
      resolvers: {
        Quote: { time: ({ time }: { time: Date }) => time.toISOString() },
        BalanceChanged: {
          occurredAt: ({ occurredAt }: { occurredAt: Date }) => occurredAt.toISOString(),
        },
        BalanceChangedPayload: { __resolveType: () => 'BalanceChanged' },
        Subscription: {
          quotes: {
            subscribe: () => pubSub.subscribe('quote'),
            resolve: (payload: object) => payload,
          },
          balanceChanged: {
            subscribe: (_root: unknown, { accountId }: { accountId: string }) =>
              pubSub.subscribe('balance', accountId),
            resolve: (payload: object) => payload,
          },
        },
      },
    }),
  });
  const server = createServer((request, response) => void yoga(request, response));
  const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });
  // From the documentation of Yoga, with types that fit.
  useServer(
    {
      execute: (args) => (args as unknown as Enveloped).rootValue.execute(args),
      subscribe: (args) => (args as unknown as Enveloped).rootValue.subscribe(args),
      onSubscribe: async (context, _id, params) => {
        const enveloped = yoga.getEnveloped({ ...context, params } as never);
        const document = enveloped.parse(params.query) as never;
        const args = {
          schema: enveloped.schema as never,
          operationName: params.operationName,
          document,
          variableValues: params.variables,
          contextValue: (await enveloped.contextFactory()) as unknown,
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
        };
        const errors = enveloped.validate(args.schema, document) as never[];
        return errors.length > 0 ? errors : args;
      },
    },
    sockets,
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tellQuote(symbol, stamp) {
      pubSub.publish('quote', quote(symbol, stamp));
    },
    tellBalance(account, stamp) {
      pubSub.publish('balance', String(account), balance(account, stamp));
    },
  };
}

interface Enveloped {
  readonly rootValue: Record<'execute' | 'subscribe', (args: unknown) => never>;
}
