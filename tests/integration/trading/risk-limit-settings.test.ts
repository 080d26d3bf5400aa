import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
} from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, owner, admin, settings, setLimits, account, acme } = house;
const { audited, botOf, ofAccount } = house;

afterEach(() => database.query('DELETE FROM risk_limits'));

describe('limits', () => {
  const set = (by: typeof owner, given: object, limits: object = { ordersPerMinute: 5 }) =>
    settings.set(by, { idempotencyKey: randomUUID(), limits, scope: 'USER', ...given });
  const rows = () => database.query('SELECT scope, orders_per_minute FROM risk_limits ORDER BY 1');

  test('change where they are named, and stay where they are not', async () => {
    const before = (await audited()).length;
    await setLimits({ maxOrderValue: decimal(5), allowedSymbols: [acme().symbol, acme().symbol] });
    const after = await setLimits({ ordersPerMinute: 7, maxOrderValue: decimal(6) });
    expect(after).toMatchObject({ ordersPerMinute: 7, allowedSymbols: [acme().symbol] });
    expect(await setLimits({ allowedSymbols: null })).toMatchObject({
      ...{ ordersPerMinute: 7, allowedSymbols: [] },
    });
    expect((await audited()).slice(before)).toEqual([
      'risk-limits.changed Account one 5',
      'risk-limits.changed Account one 5 6',
      'risk-limits.changed Account one 6 6',
    ]);
    const [event] = await database.query<{ type: string; payload: object }>(
      `SELECT type, payload FROM outbox WHERE topic = $1 AND type = 'RiskLimitsChanged'
       ORDER BY id DESC LIMIT 1`,
      [`account:${account().id}`],
    );
    expect(event?.payload).toMatchObject({ scope: 'ACCOUNT', ordersPerMinute: 7 });
  });

  test('are set once for a key', async () => {
    const command = { ...ofAccount(), limits: { ordersPerMinute: 5 }, idempotencyKey: 'once' };
    const first = await settings.set(owner, command);
    await setLimits({ ordersPerMinute: 9 });
    expect(await settings.set(owner, command)).toMatchObject({ id: first.id, ordersPerMinute: 9 });
    const other = { ...command, limits: { ordersPerMinute: 6 } };
    await expect(settings.set(owner, other)).rejects.toBeInstanceOf(IdempotencyConflict);
  });

  test.each<[string, object]>([
    ['maxOrderValue', { maxOrderValue: decimal(0) }],
    ['maxOrderValue', { maxOrderValue: decimal('NaN') }],
    ['maxInstrumentPrice', { maxInstrumentPrice: decimal('1e15') }],
    ['dailyLossLimit', { dailyLossLimit: decimal('-1') }],
    ['maxPositionShare', { maxPositionShare: decimal('1.000001') }],
    ['priceCollar', { priceCollar: decimal('0.0000001') }],
    ['ordersPerMinute', { ordersPerMinute: 0 }],
    ['allowedSymbols', { allowedSymbols: [] }],
    ['allowedSymbols', { allowedSymbols: ['NO.SUCH'] }],
  ])('that cannot be are refused: %s', async (field, limits) => {
    const refusal = await refusalOf(set(owner, ofAccount(), limits));
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await rows()).toEqual([]);
  });

  test('of others are for administrators, and whoever tries is written down', async () => {
    const stranger = await floor.addPerson();
    const before = (await audited()).length;
    await expect(set(stranger, ofAccount())).rejects.toBeInstanceOf(NotFound);
    await expect(set(stranger, { userId: owner.userId })).rejects.toBeInstanceOf(Forbidden);
    await expect(set(owner, { scope: 'DEPLOYMENT' })).rejects.toBeInstanceOf(Forbidden);
    expect(await rows()).toEqual([]);
    expect((await audited()).slice(before)).toEqual([
      'risk-limits.change-refused User one',
      'risk-limits.change-refused Deployment -',
    ]);
    await set(admin, ofAccount());
    await set(admin, { userId: owner.userId });
    await set(admin, { scope: 'DEPLOYMENT' });
    expect(await rows()).toHaveLength(3);
    expect(await settings.list(admin, { userId: owner.userId })).toHaveLength(2);
    expect(await settings.list(admin, {})).toMatchObject([{ scope: 'DEPLOYMENT' }]);
    await expect(settings.list(owner, {})).rejects.toBeInstanceOf(Forbidden);
  });

  test('are out of reach of keys, which they bind', async () => {
    for (const key of [botOf(owner), botOf(admin, { scopes: ['TRADE', 'ADMIN'] })]) {
      await expect(set(key, ofAccount())).rejects.toBeInstanceOf(Forbidden);
    }
    expect(await rows()).toEqual([]);
  });
});
