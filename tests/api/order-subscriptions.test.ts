import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { collect } from '../support/collected.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const { url } = await serve(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });
const { orders } = house.app.services;

/** What a stream of an account gave so far, each item written as one line. */
function follow(accountId: string, field: string, fields: string, after?: string) {
  const connection = connectBySocket({ url, token: ada.token });
  const given = after === undefined ? '' : `, after: "${after}"`;
  const id = encodeGlobalId('Account', accountId);
  const query = `subscription { item: ${field}(accountId: "${id}"${given}) { ${fields} } }`;
  const { results } = collect(connection.iterate({ query }));
  return {
    items: () => results.map(({ data }) => data?.['item'] as Readonly<Record<string, unknown>>),
    close: () => {
      connection.close();
    },
  };
}

const ORDER = '... on OrderChanged { cursor order { clientOrderId status filledQuantity } }';
const POSITION = '... on PositionChanged { cursor position { quantity closedAt } }';

interface Given {
  readonly limit?: number;
  readonly side?: 'BUY' | 'SELL';
  readonly quantity?: number;
}

/** Orders ten to be bought at the market, unless something else is given. */
const place = (accountId: string, given: Given = {}) =>
  orders.place(viewer, {
    ...{ accountId, symbol: 'ACME.SIM', side: given.side ?? 'BUY' },
    quantity: decimal(given.quantity ?? 10),
    ...(given.limit !== undefined && { type: 'LIMIT' as const, limitPrice: decimal(given.limit) }),
    clientOrderId: randomUUID(),
  });

/** Waits until the log holds all that was committed: then no event of before comes a second time. */
const everythingRelayed = () =>
  eventually('the relay has it', async () => {
    const rows = await house.database.query('SELECT 1 FROM outbox LIMIT 1');
    return rows.length === 0;
  });

test('orders come as they change, those that work first, and go on after a cursor', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  const { id, clientOrderId } = await place(account.id, { limit: 90 });
  await everythingRelayed();
  const live = follow(account.id, 'orderEvents', ORDER);
  await eventually('it begins', () => live.items().length === 1);
  await orders.cancel(viewer, { orderId: id, idempotencyKey: randomUUID() });
  await eventually('it was told', () => live.items().length === 2);
  const summary = (item: Readonly<Record<string, unknown>>) => item['order'];
  expect(live.items().map(summary)).toEqual([
    { clientOrderId, status: 'ACCEPTED', filledQuantity: '0' },
    { clientOrderId, status: 'CANCELED', filledQuantity: '0' },
  ]);

  const again = follow(account.id, 'orderEvents', ORDER, String(live.items()[0]?.['cursor']));
  await eventually('it goes on', () => again.items().length === 1);
  expect(again.items()).toEqual(live.items().slice(1));
  live.close();
  again.close();
});

test('positions come as they change, a last time when they are closed', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  await place(account.id);
  await everythingRelayed();
  const live = follow(account.id, 'positionChanged', POSITION);
  await eventually('it begins with the open one', () => live.items().length === 1);
  await place(account.id);
  await eventually('more was bought', () => live.items().length === 2);
  await place(account.id, { side: 'SELL', quantity: 20 });
  await eventually('all was sold', () => live.items().length === 3);
  expect(live.items().map((item) => item['position'])).toEqual([
    { quantity: '10', closedAt: null },
    { quantity: '20', closedAt: null },
    { quantity: '0', closedAt: expect.any(String) as string },
  ]);
  live.close();
});
