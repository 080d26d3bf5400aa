import { describe, expect, test } from 'vitest';
import { WORKING } from '../../../src/services/trading/engine/order-state.ts';
import { circumstancesOf } from '../../../src/services/trading/order-rows.ts';
import { anonymousViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const owner = await floor.addPerson();
const stranger = await floor.addPerson();
const admin: Viewer = { ...stranger, role: 'ADMIN' };
const tester: Viewer = { ...owner, apiKey: { environment: 'TEST' } as Viewer['apiKey'] };
const account = await floor.openAccount(owner, '1000');
const live = await floor.openAccount(owner, '1000');
await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [live.id]);
const acme = await floor.addInstrument();

const look = (viewer: Viewer, accountId: string, symbol: string) =>
  database.server.pipeline(viewer, async (pipeline) => {
    const [rows] = await pipeline.ask(circumstancesOf({ accountId, symbol, clientOrderId: 'one' }));
    return rows.map((row) => row.symbol);
  });

describe('the circumstances of an order', () => {
  test('are told to the owner of the account, and to administrators', async () => {
    expect(await look(owner, account.id, acme.symbol)).toEqual([acme.symbol]);
    expect(await look(owner, live.id, acme.symbol)).toEqual([acme.symbol]);
    expect(await look(tester, account.id, acme.symbol)).toEqual([acme.symbol]);
    expect(await look(admin, account.id, acme.symbol)).toEqual([acme.symbol]);
  });

  test.each([
    ['a stranger', () => look(stranger, account.id, acme.symbol)],
    ['nobody', () => look(anonymousViewer(), account.id, acme.symbol)],
    ['a key for tests, of an account at a broker', () => look(tester, live.id, acme.symbol)],
    ['the owner, of a symbol that is not there', () => look(owner, account.id, 'NO.SIM')],
  ])('are not told to %s', async (_who, asked) => {
    expect(await asked()).toEqual([]);
  });

  test('count the orders of the states that work', async () => {
    const [row] = await database.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE proname = 'order_circumstances'`,
    );
    const list = /o\.status IN\s*\(([^)]*)\)/.exec(row?.source ?? '')?.[1] ?? '';
    expect(list.split(',').map((state) => state.trim())).toEqual(WORKING.map((s) => `'${s}'`));
  });
});
