import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const POOL_SIZE = 2;
const REQUESTS = 20;

const house = await openTestApp({ variables: { DATABASE_POOL_SIZE: String(POOL_SIZE) } });
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const account = await floor.openAccount(userViewer({ userId: ada.id, role: 'USER' }), '1000000');

const READ = `{ health { status } leaderboard { metric } orders { totalCount nodes { account { name } } }
  viewer { user { username } accounts { nodes { positions { nodes { mark { price } } } } } } }`;
const WRITE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename ... on PlaceOrderSuccess { order { account { cash } instrument { symbol } } } } }`;

test('twenty requests at once share two connections, since none holds two', async () => {
  house.quote();
  const write = () => ({
    accountId: Buffer.from(`Account:${account.id}`).toString('base64url'),
    ...{ symbol: 'ACME.SIM', side: 'BUY', quantity: '1', clientOrderId: randomUUID() },
  });
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, n) =>
      n % 2 === 0
        ? graph.ask(READ, { token: ada.token })
        : graph.ask(WRITE, { variables: { input: write() }, token: ada.token }),
    ),
  );
  expect(answers.flatMap(({ body }) => body.errors ?? [])).toEqual([]);
  const placed = answers.filter(({ body }) => JSON.stringify(body).includes('PlaceOrderSuccess'));
  expect(placed).toHaveLength(REQUESTS / 2);
});
