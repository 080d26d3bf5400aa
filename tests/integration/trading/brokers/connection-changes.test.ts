import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { SecondFactorRequired } from '../../../../src/services/accounts/factor-errors.ts';
import { Forbidden, InvalidInput, NotFound } from '../../../../src/services/platform/errors.ts';
import { systemTimers } from '../../../../src/services/platform/timers.ts';
import { userViewer, type Viewer } from '../../../../src/services/platform/viewer.ts';
import {
  BrokerAccountMismatch,
  BrokerAlreadyConnected,
  BrokerRefused,
  OrdersOpenAtBroker,
} from '../../../../src/services/trading/brokers/errors.ts';
import { AccountNotActive } from '../../../../src/services/trading/errors.ts';
import { createOpenBroker } from '../../../../src/services/trading/brokers/open-broker.ts';
import { startFakeAlpaca } from '../../../support/fake-alpaca.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { open, connect, place, cancel, until, venue, alpaca, addKeys, viewer, accountId } = house;
const { office, PATIENCE, agree } = house;

/** Showed a second factor a moment ago. */
const surely = (who: Viewer = viewer()): Viewer =>
  userViewer(
    { userId: who.userId ?? '', role: 'USER' },
    { sessionId: randomUUID(), secondFactorAt: house.floor.clock.now() },
  );
const disconnect = (who = surely(), idempotencyKey = randomUUID()) =>
  office.current.connections.disconnect(who, { accountId: accountId(), idempotencyKey });
const changeKeys = (credentialId: string, who = surely(), from = office.current) =>
  from.connections.changeKeys(who, {
    ...{ accountId: accountId(), credentialId, idempotencyKey: randomUUID() },
  });
const connection = async () => {
  const [row] = await house.database.query<{ credential_id: string }>(
    'SELECT credential_id FROM broker_connections WHERE account_id = $1',
    [accountId()],
  );
  return row?.credential_id;
};
const audited = (action: string) =>
  house.database.query<{ before: object; after: object }>(
    'SELECT before, after FROM audit_records WHERE action = $1 AND target_id = $2',
    [action, accountId()],
  );

describe('disconnecting a broker', () => {
  test('closes the account, which keeps what it held, and nobody follows it', async () => {
    await open();
    const order = await place();
    venue().fill(order.id, '10', '150');
    await until(order, ['FILLED', '10']);
    const key = randomUUID();
    const account = await disconnect(surely(), key);
    expect(account).toMatchObject({ status: 'CLOSED', kind: 'LIVE' });
    expect(await connection()).toBeUndefined();
    expect((await disconnect(surely(), key)).id).toBe(account.id);
    const [position] = await house.floor.portfolios.positions(viewer(), {}, {});
    expect(position?.quantity.toFixed()).toBe('10');
    await expect(place()).rejects.toThrow(AccountNotActive);
    expect(venue().orderCount()).toBe(1);
    expect(await audited('account.broker-disconnected')).toMatchObject([
      { before: { broker: 'ALPACA', status: 'ACTIVE' }, after: { status: 'CLOSED' } },
    ]);
    const [event] = await house.database.query<{ status: string }>(
      `SELECT payload->>'status' AS status FROM outbox
       WHERE payload->>'id' = $1 AND type = 'BalanceChanged' ORDER BY id DESC LIMIT 1`,
      [accountId()],
    );
    expect(event?.status).toBe('CLOSED');
    await vi.waitFor(() => expect(alpaca().listenerCount()).toBe(0), PATIENCE);
  });

  test('while an order may fill there is refused, and changes nothing', async () => {
    await open();
    const order = await place();
    await expect(disconnect()).rejects.toThrow(new OrdersOpenAtBroker(1));
    alpaca().state.isCanceling = false;
    await cancel(order);
    await expect(disconnect()).rejects.toThrow(OrdersOpenAtBroker);
    expect(await connection()).toBeDefined();
    expect(await audited('account.broker-disconnected')).toEqual([]);
    venue().end(order.id);
    await until(order, ['CANCELED', '0']);
    expect((await disconnect()).status).toBe('CLOSED');
  });

  test('and placing an order at once: one of the two is refused', async () => {
    await open();
    const [ended, placed] = await Promise.allSettled([disconnect(), place()]);
    if (ended.status === 'fulfilled') {
      expect(placed).toMatchObject({ status: 'rejected' });
      expect(venue().orderCount()).toBe(0);
    } else {
      expect(ended.reason).toBeInstanceOf(OrdersOpenAtBroker);
      expect(placed).toMatchObject({ status: 'fulfilled' });
      expect(await connection()).toBeDefined();
    }
  });

  test('is for its owner, with a second factor', async () => {
    await connect();
    const stranger = await house.floor.addPerson();
    await expect(disconnect(viewer())).rejects.toThrow(SecondFactorRequired);
    await expect(disconnect(surely(stranger))).rejects.toThrow(NotFound);
    const onlooker = userViewer({ userId: viewer().userId ?? '', role: 'VIEWER' });
    await expect(disconnect(onlooker)).rejects.toThrow(Forbidden);
    expect(await connection()).toBeDefined();
  });
});

describe('other keys of a connection', () => {
  test('are followed with from there on, and open orders go on', async () => {
    await open();
    const order = await place();
    const before = await connection();
    const keys = await addKeys(viewer());
    expect((await changeKeys(keys)).id).toBe(accountId());
    expect(await connection()).toBe(keys);
    expect(await audited('account.broker-keys-changed')).toEqual([
      { before: { credentialId: before }, after: { credentialId: keys } },
    ]);
    venue().fill(order.id, '10', '150');
    await until(order, ['FILLED', '10']);
    const next = await place();
    expect(next.status).toBe('ACCEPTED');
    await cancel(next);
    await until(next, ['CANCELED', '0']);
    // What the newest of our orders is found with is enough when none works.
    const third = await addKeys(viewer());
    await changeKeys(third);
    expect(await connection()).toBe(third);
    await agree();
  });

  test.each([
    ['that has none of our orders', true],
    ['that holds something else', false],
  ])('for an account %s are refused, and change nothing', async (_what, isOrdered) => {
    await open();
    if (isOrdered) await place();
    const other = await startFakeAlpaca();
    if (!isOrdered) other.state.cash = other.state.cash.minus(1);
    const openOther = createOpenBroker({
      ...{ clock: house.floor.clock, timers: systemTimers, alpacaHosts: other.hosts },
    });
    const elsewhere = house.openOffice({ openBroker: (at) => openOther(at, other.keys) });
    const before = await connection();
    const keys = await addKeys(viewer());
    await expect(changeKeys(keys, surely(), elsewhere)).rejects.toThrow(BrokerAccountMismatch);
    expect(await connection()).toBe(before);
    expect(await audited('account.broker-keys-changed')).toEqual([]);
    await other.stop();
  });

  test('that the broker does not take are refused, and change nothing', async () => {
    await open();
    const openOther = createOpenBroker({
      ...{ clock: house.floor.clock, timers: systemTimers, alpacaHosts: alpaca().hosts },
    });
    const secret = { keyId: 'PKTEST', secret: 'wrong' };
    const elsewhere = house.openOffice({ openBroker: (at) => openOther(at, secret) });
    const before = await connection();
    const keys = await addKeys(viewer());
    await expect(changeKeys(keys, surely(), elsewhere)).rejects.toThrow(BrokerRefused);
    expect(await connection()).toBe(before);
  });

  test('must be one’s own, for the provider, for no other account, and take a second factor', async () => {
    const first = await connect();
    const used = await connection();
    await connect();
    const before = await connection();
    const stranger = await house.floor.addPerson();
    await expect(changeKeys(await addKeys(stranger))).rejects.toThrow(NotFound);
    await expect(changeKeys(await addKeys(viewer(), 'kraken'))).rejects.toThrow(InvalidInput);
    await expect(changeKeys(used ?? '')).rejects.toThrow(new BrokerAlreadyConnected(first.id));
    const keys = await addKeys(viewer());
    await expect(changeKeys(keys, viewer())).rejects.toThrow(SecondFactorRequired);
    await expect(changeKeys(keys, surely(stranger))).rejects.toThrow(NotFound);
    expect(await connection()).toBe(before);
  });
});
