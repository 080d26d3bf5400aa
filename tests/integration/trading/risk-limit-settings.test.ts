import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
} from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { openRoleSession } from '../../support/role-session.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, owner, admin, settings, setLimits, account, acme } = house;
const { audited, botOf, ofAccount, place, quote } = house;
const server = await openRoleSession(database.serverUrl);

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

  test.each([
    ['the owner first', owner, admin],
    ['the administrator first', admin, owner],
  ])('of the owner and of administrators are kept apart: %s', async (_who, first, second) => {
    quote();
    const given = (by = owner) => ({ maxOrderValue: decimal(by === admin ? 300 : 200) });
    await set(first, ofAccount(), { ...given(first), ordersPerMinute: 50 });
    await set(second, ofAccount(), given(second));
    const stored = () =>
      database.query(
        `SELECT is_by_administrator AS admin, max_order_value::int AS most, orders_per_minute AS rate
         FROM risk_limits ORDER BY 1`,
      );
    expect(await stored()).toEqual([
      { admin: false, most: 200, rate: first === owner ? 50 : null },
      { admin: true, most: 300, rate: first === admin ? 50 : null },
    ]);
    // At 101: 2 are 202, 3 are 303. The strictest decides, whoever set it.
    const refused = (quantity: string) => refusalOf(place({ quantity }));
    expect(await refused('2')).toMatchObject({ maximum: decimal(200) });
    // The owner takes theirs away, and not that of the administrator.
    await set(owner, ofAccount(), { maxOrderValue: null });
    expect(await place({ quantity: '2' })).toMatchObject({ status: 'FILLED' });
    expect(await refused('3')).toMatchObject({ maximum: decimal(300) });
    await set(owner, ofAccount(), { maxOrderValue: decimal('1e6') });
    expect(await refused('3')).toMatchObject({ maximum: decimal(300) });
    await set(admin, ofAccount(), { maxOrderValue: null });
    expect(await place({ quantity: '3' })).toMatchObject({ status: 'FILLED' });
    expect(await settings.list(admin, { userId: owner.userId })).toHaveLength(2);
  });

  test('of one kind are behind a wall of the database against the other', async () => {
    await set(owner, ofAccount());
    await set(admin, ofAccount());
    const [person, operator] = [
      { userId: owner.userId, role: 'USER' as const },
      { userId: admin.userId, role: 'ADMIN' as const },
    ];
    const seen = await server.run(person, 'SELECT 1 FROM risk_limits');
    expect(seen.rowCount).toBe(2);
    for (const change of [
      'UPDATE risk_limits SET orders_per_minute = 9',
      'DELETE FROM risk_limits',
    ]) {
      const others = `${change} WHERE is_by_administrator =`;
      expect((await server.run(person, `${others} true`)).rowCount).toBe(0);
      expect((await server.run(operator, `${others} false`)).rowCount).toBe(0);
    }
    const add = `INSERT INTO risk_limits (id, scope, owner_id, is_by_administrator, updated_by, updated_at)
      SELECT gen_random_uuid(), 'USER', $1, $2, $1, now()`;
    expect(await server.refusalOf(person, add, [owner.userId, true])).toBe('42501');
    expect(await server.refusalOf(operator, add, [owner.userId, false])).toBe('42501');
    expect(await server.refusalOf(operator, add, [admin.userId, true])).toBe('42501');
    expect(await rows()).toEqual([
      { scope: 'ACCOUNT', orders_per_minute: 5 },
      { scope: 'ACCOUNT', orders_per_minute: 5 },
    ]);
  });

  test('are out of reach of keys, which they bind', async () => {
    for (const key of [botOf(owner), botOf(admin, { scopes: ['TRADE', 'ADMIN'] })]) {
      await expect(set(key, ofAccount())).rejects.toBeInstanceOf(Forbidden);
    }
    expect(await rows()).toEqual([]);
  });
});
