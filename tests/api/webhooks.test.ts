import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, expect, test } from 'vitest';
import { createWebhookReceiver, type WebhookEvent } from '../../clients/webhook-receiver.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { openReceiver } from '../support/receiver.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

// In development, so that a receiver may stand on this machine.
const DATA_DIRECTORY = await mkdtemp(path.join(tmpdir(), 'tradegraph-webhooks-'));
afterAll(() => rm(DATA_DIRECTORY, { recursive: true, force: true }));
const house = await openTestApp({ variables: { NODE_ENV: 'development', DATA_DIRECTORY } });
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');

interface Created {
  readonly createWebhook: {
    readonly __typename: string;
    readonly secret: string;
    readonly webhook: { readonly id: string };
  };
}

async function createWebhook({ token }: TestPerson, port: number, isPaused = false) {
  const { createWebhook: created } = await graph.data<Created>(
    `mutation ($url: String!, $key: String!, $isPaused: Boolean!) {
       createWebhook(input: { url: $url, isPaused: $isPaused, idempotencyKey: $key }) {
         __typename ... on CreateWebhookSuccess { secret webhook { id url state types } } } }`,
    {
      variables: { url: `http://127.0.0.1:${String(port)}/`, key: randomUUID(), isPaused },
      token,
    },
  );
  expect(created.__typename).toBe('CreateWebhookSuccess');
  return { secret: created.secret, id: created.webhook.id };
}

const change = (operation: string, id: string, { token }: TestPerson) =>
  graph.data(
    `mutation ($id: ID!, $key: String!) {
       ${operation.replace('(', '(input: { webhookId: $id, idempotencyKey: $key, ').replace(')', ' })')}
       { __typename ... on UpdateWebhookSuccess { webhook { state } } } }`,
    { variables: { id, key: randomUUID() }, token },
  );

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Buys two of ACME.SIM at 101, in an account with 10,000 that is made for it. */
async function buy({ id: userId, token }: TestPerson) {
  const account = await floor.openAccount(userViewer({ userId, role: 'USER' }), '10000');
  house.quote();
  await graph.data(
    `mutation ($account: ID!, $key: String!) {
       placeOrder(input: { accountId: $account, symbol: "ACME.SIM", side: BUY, quantity: "2",
         clientOrderId: $key }) { ... on PlaceOrderSuccess { order { id } } } }`,
    {
      variables: {
        account: Buffer.from(`Account:${account.id}`).toString('base64url'),
        key: randomUUID(),
      },
      token,
    },
  );
}

interface Traded {
  readonly trades: {
    readonly nodes: readonly {
      readonly account: { readonly id: string };
      readonly order: { readonly id: string };
      readonly instrument: { readonly id: string; readonly symbol: string };
    }[];
  };
}
const TRADES = `{ trades(first: 1) { nodes { id side quantity price fee cashAmount executedAt source
  account { id } order { id } instrument { id symbol } } } }`;

test('a program gets what happens, checks that it is ours, and finds it again in the graph', async () => {
  const events: WebhookEvent[] = [];
  // A port that is not its own: where it listens is known when it has the secret.
  const { id, secret } = await createWebhook(ada, 9, true);
  const port = await listen(createWebhookReceiver(secret, (event) => void events.push(event)));
  const url = `http://127.0.0.1:${String(port)}/`;
  await change(`updateWebhook(url: "${url}", isPaused: false)`, id, ada);
  await buy(ada);
  const of = (type: string) => events.filter((event) => event.type === type);
  // The balance comes as the order is taken as well; 10,000 − 2 · 101 are left when it is filled.
  await eventually(
    'trade, position and balance have come',
    () =>
      of('TradeExecuted').length > 0 &&
      of('PositionChanged').length > 0 &&
      of('BalanceChanged').some(({ data }) => data?.['cash'] === '9798'),
  );
  const { trades } = await graph.data<Traded>(TRADES, { token: ada.token });
  const [trade] = trades.nodes;
  if (!trade) throw new Error('Nothing was traded.');
  const { account, order, instrument, ...figures } = trade;
  expect(of('TradeExecuted').map(({ data }) => data)).toEqual([
    expect.objectContaining({
      ...{ ...figures, accountId: account.id, orderId: order.id },
      ...{ instrumentId: instrument.id, symbol: 'ACME.SIM', price: '101', quantity: '2' },
    }),
  ]);
  expect(of('PositionChanged').at(-1)?.data).toMatchObject({ quantity: '2', symbol: 'ACME.SIM' });
  expect(of('BalanceChanged').map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ id: account.id, cash: '9798', reserved: '0' }),
  );
  // Whose they are is known to who gets them, and columns of ours are nobody's.
  expect(JSON.stringify(events)).not.toMatch(/ownerId|importKey/);
});

test('what is not signed with the secret is refused, and what comes twice is taken once', async () => {
  const events: WebhookEvent[] = [];
  const { id: webhookId, secret } = await createWebhook(ada, 9, true);
  const port = await listen(createWebhookReceiver(secret, (event) => void events.push(event)));
  const body = JSON.stringify({ type: 'ModelChanged', data: { id: webhookId } });
  const post = async (signer: string, at = new Date()) => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/`, {
      ...{ method: 'POST', body },
      headers: {
        ...{ 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)) },
        'webhook-signature': new Webhook(signer).sign('msg_1', at, body),
      },
    });
    return answer.status;
  };
  expect(await post('whsec_YW5vdGhlciBzZWNyZXQ=')).toBe(401);
  expect(await post(secret, new Date(Date.now() - 600_000))).toBe(401);
  expect(events).toEqual([]);
  expect([await post(secret), await post(secret)]).toEqual([200, 200]);
  expect(events).toHaveLength(1);
});

test('its owner is told of one that was given up, and sees why, but never the secret again', async () => {
  const bob = await house.addPerson('bob');
  const receiver = await openReceiver();
  receiver.answer = (response) => response.writeHead(410).end('a secret of theirs');
  const { id, secret } = await createWebhook(bob, receiver.port);
  await buy(bob);
  const look = () =>
    graph.data<{ viewer: { webhooks: { nodes: readonly Readonly<Record<string, unknown>>[] } } }>(
      `{ viewer { webhooks { nodes { id url state cursor types failedAttempts nextAttemptAt lastDeliveredAt
          lastFailedAt lastFailureCode lastFailureMessage createdAt updatedAt } } } }`,
      { token: bob.token },
    );
  await eventually('it is given up', async () => {
    const { viewer } = await look();
    return viewer.webhooks.nodes[0]?.['state'] === 'DISABLED';
  });
  const seen = await look();
  expect(seen.viewer.webhooks.nodes).toMatchObject([
    {
      ...{ id, types: [], failedAttempts: 1, nextAttemptAt: null, lastDeliveredAt: null },
      ...{ lastFailureCode: 'GONE' },
      lastFailureMessage: 'The receiver is gone. It answered with the status 410.',
    },
  ]);
  const told = await eventually('the event is in the log', async () => {
    const { events } = await graph.data<{ events: { events: readonly object[] } }>(
      `{ events(first: 100) { events { ... on WebhookDisabled { webhookId code message } } } }`,
      { token: bob.token },
    );
    return events.events.filter((event) => 'webhookId' in event)[0];
  });
  expect(told).toMatchObject({ webhookId: id, code: 'GONE' });
  const everything = JSON.stringify([seen, told, house.log.lines, house.log.fields]);
  expect(everything).not.toContain(secret);
  expect(everything).not.toContain('a secret of theirs');
});
