import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SecondFactorRequired } from '../../../../src/services/accounts/factor-errors.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
} from '../../../../src/services/platform/errors.ts';
import { userViewer } from '../../../../src/services/platform/viewer.ts';
import {
  BrokerAlreadyConnected,
  BrokerRefused,
  BrokerUnreachable,
  LiveTradingDisabled,
} from '../../../../src/services/trading/brokers/errors.ts';
import type { ConnectBroker } from '../../../../src/services/trading/brokers/open-connection.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { connect, place, venue, alpaca, office, addKeys, viewer } = house;

const command = async (given: Partial<ConnectBroker> = {}): Promise<ConnectBroker> => ({
  ...{ name: 'Alpaca', broker: 'ALPACA', isSandbox: true, idempotencyKey: randomUUID() },
  credentialId: given.credentialId ?? (await addKeys(viewer())),
  ...given,
});
const countAccounts = async (): Promise<number> => {
  const accounts = await house.floor.portfolios.list(viewer(), {});
  return accounts.length;
};
/** Showed a second factor a moment ago. */
const surely = () =>
  userViewer(
    { userId: viewer().userId ?? '', role: 'USER' },
    { sessionId: randomUUID(), secondFactorAt: house.floor.clock.now() },
  );

describe('connecting a broker', () => {
  test('again with the same key gives the same account, and is written in the audit log once', async () => {
    const wanted = await command();
    const first = await office.current.connections.connect(viewer(), wanted);
    const again = await office.current.connections.connect(viewer(), wanted);
    expect(again.id).toBe(first.id);
    expect(first).toMatchObject({ kind: 'LIVE', currency: 'USD', name: 'Alpaca' });
    expect(await countAccounts()).toBe(1);
    const rows = await house.database.query<{ after: object }>(
      "SELECT after FROM audit_records WHERE action = 'account.broker-connected' AND target_id = $1",
      [first.id],
    );
    expect(rows.map(({ after }) => after)).toEqual([
      { broker: 'ALPACA', exchange: null, isSandbox: true, credentialId: wanted.credentialId },
    ]);
    const other = { ...wanted, name: 'Another' };
    await expect(office.current.connections.connect(viewer(), other)).rejects.toThrow(
      IdempotencyConflict,
    );
  });

  test('lists what can be traded there, as instruments', async () => {
    await connect();
    const rows = await house.database.query(
      `SELECT symbol, source, calendar, trim_scale(lot_size)::text AS lot, is_tradable FROM instruments
       WHERE symbol LIKE '%.ALPACA' AND symbol <> 'GONE.ALPACA' ORDER BY symbol`,
    );
    const common = { source: 'BROKER', calendar: 'US_STOCKS', is_tradable: true };
    expect(rows).toEqual([
      { symbol: 'AAPL.ALPACA', lot: '0.000000001', ...common },
      { symbol: 'MSFT.ALPACA', lot: '1', ...common },
    ]);
  });

  test('twice with the same keys is refused', async () => {
    const wanted = await command();
    const { id } = await office.current.connections.connect(viewer(), wanted);
    const again = office.current.connections.connect(viewer(), {
      ...wanted,
      idempotencyKey: randomUUID(),
    });
    await expect(again).rejects.toThrow(BrokerAlreadyConnected);
    await expect(again).rejects.toMatchObject({ accountId: id });
    expect(await countAccounts()).toBe(1);
  });

  test.each([
    ['keys of somebody else', NotFound, async () => addKeys(await house.floor.addPerson())],
    ['keys that never were', NotFound, async () => Promise.resolve(randomUUID())],
    ['keys for another place', InvalidInput, async () => addKeys(viewer(), 'kraken')],
  ])('with %s is refused, and asks nobody', async (_case, error, credential) => {
    const wanted = await command({ credentialId: await credential() });
    await expect(office.current.connections.connect(viewer(), wanted)).rejects.toThrow(error);
    expect(await countAccounts()).toBe(0);
  });

  test('by a key for tests is forbidden', async () => {
    const bot = userViewer(
      { userId: viewer().userId ?? '', role: 'USER' },
      {
        apiKey: {
          ...{ id: randomUUID(), environment: 'TEST', scopes: ['TRADE'], requestsPerMinute: null },
        },
      },
    );
    await expect(office.current.connections.connect(bot, await command())).rejects.toThrow(
      Forbidden,
    );
    expect(await countAccounts()).toBe(0);
  });

  test('that the broker refuses, or that does not answer, makes nothing', async () => {
    const { keys } = alpaca();
    const wrong = { ...keys, secret: 'wrong' };
    Object.assign(alpaca(), { keys: wrong });
    await expect(office.current.connections.connect(viewer(), await command())).rejects.toThrow(
      BrokerRefused,
    );
    Object.assign(alpaca(), { keys });
    const { hosts } = alpaca();
    const nowhere = { ...hosts, trading: 'http://127.0.0.1:9' };
    Object.assign(alpaca(), { hosts: nowhere });
    await expect(office.current.connections.connect(viewer(), await command())).rejects.toThrow(
      BrokerUnreachable,
    );
    Object.assign(alpaca(), { hosts });
    expect(await countAccounts()).toBe(0);
  });
});

describe('real money', () => {
  const refusalOf = (order: Promise<unknown>) => order.catch((error: unknown) => error);
  const set = (who = surely(), isEnabled = true) =>
    office.current.connections.setLiveTrading(who, {
      ...{ accountId: house.accountId(), isEnabled, idempotencyKey: randomUUID() },
    });

  test('is not traded where the deployment does not, whatever the account says', async () => {
    await connect({ isSandbox: false });
    await set();
    const refusal = await refusalOf(place());
    expect(refusal).toBeInstanceOf(LiveTradingDisabled);
    expect(refusal).toMatchObject({ missing: 'DEPLOYMENT' });
    expect(venue().orderCount()).toBe(0);
  });

  test('takes a second factor to be let, and none to be stopped', async () => {
    await connect({ isSandbox: false });
    await expect(set(userViewer({ userId: viewer().userId ?? '', role: 'USER' }))).rejects.toThrow(
      SecondFactorRequired,
    );
    const [row] = await house.database.query('SELECT is_live_enabled FROM broker_connections');
    expect(row).toEqual({ is_live_enabled: false });
    await set();
    await set(userViewer({ userId: viewer().userId ?? '', role: 'USER' }), false);
    const rows = await house.database.query<{ action: string }>(
      `SELECT action FROM audit_records WHERE target_id = $1 AND action LIKE 'account.live%'
       ORDER BY occurred_at, id`,
      [house.accountId()],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'account.live-trading-enabled',
      'account.live-trading-disabled',
    ]);
  });

  test('of somebody else is not found', async () => {
    await connect({ isSandbox: false });
    const { userId } = await house.floor.addPerson();
    const secondFactorAt = house.floor.clock.now();
    const other = userViewer({ userId, role: 'USER' }, { sessionId: randomUUID(), secondFactorAt });
    await expect(set(other)).rejects.toThrow(NotFound);
  });
});
