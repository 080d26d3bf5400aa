import type { GraphClient } from './graph-client.ts';
import type { AnsweredOrder, OrderAnswer } from './paper-accounts.ts';

/** What becomes of orders and positions by their owner, and of instruments by an administrator. */
export interface WantedReplacement {
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly quantity?: string;
}

export interface WantedClosing {
  readonly accountId: string;
  readonly symbol: string;
  readonly clientOrderId: string;
}

interface Answer {
  readonly __typename: string;
  readonly order?: AnsweredOrder;
  readonly message?: string;
}

const ORDER = 'order { id status filledQuantity version }';
const REPLACE = `
  mutation Replace($input: ReplaceOrderInput!) {
    answer: replaceOrder(input: $input) {
      __typename ... on ReplaceOrderSuccess { ${ORDER} } ... on Error { message }
    }
  }`;
const CLOSE = `
  mutation Close($input: ClosePositionInput!) {
    answer: closePosition(input: $input) {
      __typename ... on ClosePositionSuccess { ${ORDER} } ... on Error { message }
    }
  }`;

export const replaceOrder = (graph: GraphClient, input: WantedReplacement) =>
  ask(graph, REPLACE, input);
export const closePosition = (graph: GraphClient, input: WantedClosing) => ask(graph, CLOSE, input);

async function ask(graph: GraphClient, mutation: string, input: object): Promise<OrderAnswer> {
  const { answer } = await graph.request<{ answer: Answer }>(mutation, { input });
  const { order, __typename: error, message = '' } = answer;
  return order ? { kind: 'placed', order } : { kind: 'refused', error, message };
}

/** Closes all that is held in an account, whatever waits for it. */
export async function closeAll(
  graph: GraphClient,
  { accountId, key }: { readonly accountId: string; readonly key: string },
): Promise<void> {
  await graph.request(
    `mutation CloseAll($input: CloseAllPositionsInput!) {
      closeAllPositions(input: $input) { __typename }
    }`,
    { input: { accountId, idempotencyKey: key } },
  );
}

export type WantedAction =
  | { readonly kind: 'SPLIT'; readonly ratioFrom: string; readonly ratioTo: string }
  | { readonly kind: 'DIVIDEND'; readonly amount: string };

/** Announces a split or a dividend for a moment from now; only administrators may. */
export async function announceAction(
  graph: GraphClient,
  wanted: WantedAction & {
    readonly symbol: string;
    readonly effectiveAt: Date;
    readonly key: string;
  },
): Promise<void> {
  const { key, effectiveAt, ...terms } = wanted;
  const { answer } = await graph.request<{ answer: Answer }>(
    `mutation Announce($input: AnnounceCorporateActionInput!) {
      answer: announceCorporateAction(input: $input) { __typename ... on Error { message } }
    }`,
    { input: { ...terms, effectiveAt: effectiveAt.toISOString(), idempotencyKey: key } },
  );
  const { message } = answer;
  if (message !== undefined) throw new Error(`announceCorporateAction: ${message}`);
}

/** The access token of somebody who logs in with a password. */
export async function logInWith(
  graph: GraphClient,
  input: { readonly login: string; readonly password: string },
): Promise<string> {
  const { answer } = await graph.request<{ answer: { accessToken?: string; __typename: string } }>(
    `mutation LogIn($input: LogInInput!) {
      answer: logIn(input: $input) { __typename ... on LogInSuccess { accessToken } }
    }`,
    { input },
  );
  const { accessToken, __typename } = answer;
  if (accessToken === undefined) throw new Error(`logIn: ${__typename}`);
  return accessToken;
}
