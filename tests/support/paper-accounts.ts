import type { GraphClient } from './graph-client.ts';

/** What a client asks for; the same `clientOrderId` and body is the same order. */
export interface WantedOrder {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity?: string;
  /** Of a market order, in its place. */
  readonly notional?: string;
  readonly clientOrderId: string;
  /** A market order when they are left out. */
  readonly type?: 'LIMIT' | 'STOP' | 'STOP_LIMIT' | 'TRAILING_STOP';
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK';
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly trailPercent?: string;
  readonly orderClass?: 'BRACKET' | 'OCO' | 'OTO';
  readonly takeProfit?: { readonly limitPrice: string };
  readonly stopLoss?: { readonly stopPrice: string };
}

/** The order as the server answered it, or the name of its refusal. */
export type OrderAnswer =
  | { readonly kind: 'placed'; readonly order: AnsweredOrder }
  | { readonly kind: 'refused'; readonly error: string; readonly message: string };

export interface AnsweredOrder {
  readonly id: string;
  readonly status: string;
  readonly filledQuantity: string;
  readonly version: number;
}

const PLACE_ORDER = `
  mutation Place($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess { order { id status filledQuantity version } }
      ... on Error { message }
    }
  }`;

export async function placeOrder(graph: GraphClient, input: WantedOrder): Promise<OrderAnswer> {
  const { placeOrder: answer } = await graph.request<{
    placeOrder: { __typename: string; order?: AnsweredOrder; message?: string };
  }>(PLACE_ORDER, { input });
  return answer.order
    ? { kind: 'placed', order: answer.order }
    : { kind: 'refused', error: answer.__typename, message: answer.message ?? '' };
}

/** Cancels an order; false when it was over before. */
export async function cancelOrder(
  graph: GraphClient,
  { orderId, key }: { readonly orderId: string; readonly key: string },
): Promise<boolean> {
  const { cancelOrder: answer } = await graph.request<{ cancelOrder: { __typename: string } }>(
    'mutation Cancel($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }',
    { input: { orderId, idempotencyKey: key } },
  );
  return answer.__typename === 'CancelOrderSuccess';
}

/** Cancels all that works in an account. */
export async function cancelAllOrders(
  graph: GraphClient,
  { accountId, key }: { readonly accountId: string; readonly key: string },
): Promise<void> {
  const { cancelAllOrders: answer } = await graph.request<{
    cancelAllOrders: { __typename: string };
  }>(
    `mutation CancelAll($input: CancelAllOrdersInput!) {
      cancelAllOrders(input: $input) { __typename }
    }`,
    { input: { accountId, idempotencyKey: key } },
  );
  if (answer.__typename !== 'CancelAllOrdersSuccess') throw new Error(answer.__typename);
}

/** The newest bids and asks, by symbol; of those alone that have a price. */
export async function readPrices(
  graph: GraphClient,
): Promise<ReadonlyMap<string, { readonly bid: number; readonly ask: number }>> {
  const { instruments } = await graph.request<{
    instruments: { nodes: readonly { symbol: string; quote: Record<'bid' | 'ask', string> }[] };
  }>('{ instruments(first: 50) { nodes { symbol quote { bid ask } } } }');
  return new Map(
    instruments.nodes.flatMap(({ symbol, quote }) => {
      const prices = quote as typeof quote | null;
      return prices ? [[symbol, { bid: Number(prices.bid), ask: Number(prices.ask) }]] : [];
    }),
  );
}

export interface PaperAccount {
  readonly modelId: string;
  readonly accountId: string;
}

const CREATE_MODEL = `
  mutation Open($input: CreateModelInput!) {
    createModel(input: $input) {
      ... on CreateModelSuccess { model { id accounts(first: 1) { nodes { id } } } }
      ... on Error { message }
    }
  }`;

/**
 * Opens an account to trade by hand: that of a model that never runs, since models bring the accounts
 * for now. The same name is the same account.
 */
export async function openAccount(graph: GraphClient, name: string): Promise<PaperAccount> {
  const { createModel } = await graph.request<{
    createModel: {
      model?: { id: string; accounts: { nodes: readonly { id: string }[] } };
      message?: string;
    };
  }>(CREATE_MODEL, {
    input: {
      name,
      universe: ['ACME.SIM'],
      startingCash: '10000000',
      intervalSeconds: 86_400,
      idempotencyKey: `open-${name.replaceAll(' ', '-')}`,
    },
  });
  const { model, message } = createModel;
  const account = model?.accounts.nodes[0];
  if (!model || !account) throw new Error(`No account was opened: ${message ?? 'no reason'}`);
  return { modelId: model.id, accountId: account.id };
}

/** Starts or stops the demo's model, which trades by itself. */
export async function switchModel(
  graph: GraphClient,
  { id, to, key }: { id: string; to: 'start' | 'stop'; key: string },
): Promise<void> {
  const [field, input] =
    to === 'start' ? ['startModel', 'StartModelInput'] : ['stopModel', 'StopModelInput'];
  const answer = await graph.request<Record<string, { __typename: string; message?: string }>>(
    `mutation Switch($input: ${input}!) {
      ${field}(input: $input) { __typename ... on Error { message } }
    }`,
    { input: { id, idempotencyKey: key } },
  );
  const { __typename, message } = answer[field] ?? {};
  if (message !== undefined) throw new Error(`${field}: ${String(__typename)}: ${message}`);
}

export async function isModelStopped(graph: GraphClient, id: string): Promise<boolean> {
  const { model } = await graph.request<{ model: { status: string } }>(
    'query Status($id: ID!) { model(id: $id) { status } }',
    { id },
  );
  return model.status === 'STOPPED';
}

/** The demo's model: the only one of the trader that runs. */
export async function findDemoModel(graph: GraphClient): Promise<PaperAccount> {
  const { viewer } = await graph.request<{
    viewer: {
      models: {
        nodes: readonly {
          id: string;
          name: string;
          accounts: { nodes: readonly { id: string }[] };
        }[];
      };
    };
  }>('{ viewer { models(last: 1) { nodes { id name accounts(first: 1) { nodes { id } } } } } }');
  const [model] = viewer.models.nodes;
  const account = model?.accounts.nodes[0];
  if (!model || !account) throw new Error('There is no demo.');
  return { modelId: model.id, accountId: account.id };
}

/** Ids of all trades of the viewer, oldest first, as the query `trades` lists them. */
export async function listTradeIds(graph: GraphClient): Promise<string[]> {
  interface Page {
    readonly trades: {
      readonly nodes: readonly { id: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const ids: string[] = [];
  let after: string | null = null;
  for (;;) {
    const { trades }: Page = await graph.request<Page>(
      `query Trades($after: String) {
        trades(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
      }`,
      { after },
    );
    ids.push(...trades.nodes.map(({ id }) => id));
    if (!trades.pageInfo.hasNextPage) return ids.reverse();
    after = trades.pageInfo.endCursor;
  }
}
