import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { collect } from '../support/collected.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { statementsOf } from '../support/statement-watch.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const { url } = await serve(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });

const EQUITY = `cash reserved buyingPower marketValue equity unrealizedPnl dayPnl isStale
  account { id }`;
const MARKS = `positions { symbol price marketValue unrealizedPnl weight isStale
  position { quantity } }`;

const place = (accountId: string, side: 'BUY' | 'SELL', quantity: number) =>
  house.app.services.orders.place(viewer, {
    ...{ accountId, symbol: 'ACME.SIM', side, quantity: decimal(quantity) },
    clientOrderId: randomUUID(),
  });

describe.each(TRANSPORTS)('over $transport', ({ connect }) => {
  const follow = (accountId: string, field: string, fields: string) => {
    const connection = connect({ url, token: ada.token });
    const query = `subscription {
      item: ${field}(accountId: "${encodeGlobalId('Account', accountId)}") { ${fields} } }`;
    const { results, ended } = collect(connection.iterate({ query }));
    const items = () => results.flatMap(({ data }) => (data ? [data['item'] as object] : []));
    return {
      results,
      ended,
      items,
      comesTo: (expected: object) =>
        vi.waitFor(
          () => {
            expect(items().at(-1)).toMatchObject(expected);
          },
          { timeout: 30_000 },
        ),
      close: () => {
        connection.close();
      },
    };
  };

  test('the worth of an account follows prices, trades and cash', async () => {
    house.quote({ bid: '99', ask: '101' });
    const account = await floor.openAccount(viewer, '10000');
    const equity = follow(account.id, 'equityUpdated', EQUITY);
    const marks = follow(account.id, 'positionMarks', MARKS);
    const nothing = { marketValue: '0', unrealizedPnl: '0', isStale: false };
    await equity.comesTo({ ...nothing, cash: '10000', equity: '10000', dayPnl: '0' });
    await marks.comesTo({ positions: [] });

    await place(account.id, 'BUY', 10);
    // Bought at the ask, 10 × 101 = 1010, and worth the last price, 10 × 99 = 990: 20 less.
    await equity.comesTo({
      ...{ cash: '8990', reserved: '0', buyingPower: '8990', marketValue: '990' },
      ...{ equity: '9980', unrealizedPnl: '-20', dayPnl: '-20' },
    });
    // 990 / 9980 = 0.09919839679358717434869…
    const held = { symbol: 'ACME.SIM', position: { quantity: '10' }, isStale: false };
    await marks.comesTo({
      positions: [
        {
          ...{ ...held, price: '99', marketValue: '990', unrealizedPnl: '-20' },
          weight: '0.099198396793587174',
        },
      ],
    });

    house.quote({ bid: '119', ask: '121' });
    // 10 × 119 = 1190; 8990 + 1190 = 10180; 1190 − 1010 = 180
    await equity.comesTo({ equity: '10180', unrealizedPnl: '180', dayPnl: '180' });

    // What is paid in is no gain.
    await house.database.worker.withViewer(systemViewer(), (tx) =>
      floor.ledger.post(tx, {
        ...{ ownerId: ada.id, cause: 'DEPOSIT', causeId: randomUUID(), currency: 'USD' },
        occurredAt: house.app.clock.now(),
        lines: [
          { ledgerAccount: 'CASH', accountId: account.id, amount: decimal(500) },
          { ledgerAccount: 'EXTERNAL', amount: decimal(-500) },
        ],
      }),
    );
    await place(account.id, 'SELL', 10);
    // 8990 + 500 + 10 × 119 = 10680; 10680 − 10000 − 500 = 180
    await equity.comesTo({ cash: '10680', equity: '10680', unrealizedPnl: '0', dayPnl: '180' });
    await marks.comesTo({ positions: [] });
    // Position and cash moved together: it was never worth what it bought twice.
    const worths = equity.items().map((item) => Number((item as { equity: string }).equity));
    expect(Math.max(...worths)).toBeLessThanOrEqual(10_680);
    equity.close();
    marks.close();
  });

  test('prices come four times a second at most, and cost the database nothing', async () => {
    house.quote({ bid: '99', ask: '101' });
    const account = await floor.openAccount(viewer, '10000');
    await place(account.id, 'BUY', 10);
    const { items, comesTo, close } = follow(account.id, 'equityUpdated', 'equity marketValue');
    await comesTo({ marketValue: '990' });
    const before = items().length;
    const startedMs = performance.now();
    const statements = await statementsOf(async () => {
      for (let price = 100; price < 200; price += 1) {
        house.quote({ bid: String(price), ask: String(price + 1) });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await comesTo({ marketValue: '1990' });
    });
    const quarters = Math.ceil((performance.now() - startedMs) / 250);
    // One may have been under way before, and one may come at either end.
    expect(items().length - before).toBeLessThanOrEqual(quarters + 2);
    expect(statements.filter((text) => /positions|accounts|trades|bars/.test(text))).toEqual([]);
    close();
  });

  test('it ends with the session', async () => {
    const account = await floor.openAccount(viewer, '10000');
    const { items, ended } = follow(account.id, 'equityUpdated', 'equity');
    await eventually('it has begun', () => items().length > 0);
    const token = ada.token;
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: 'mutation { logOut { __typename } }' }),
    });
    await ended;
    Object.assign(ada, { token: await house.logIn(ada) });
  });
});
