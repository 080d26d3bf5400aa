import { afterEach, describe, expect, test } from 'vitest';
import { Forbidden, IdempotencyConflict, NotFound } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { HaltedByAdministrator, TradingHalted } from '../../../src/services/trading/risk/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { openRoleSession } from '../../support/role-session.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, time, owner, admin, switches, turn, place } = house;
const { account, audited, botOf, quote, ofAccount } = house;
const server = await openRoleSession(database.serverUrl);

afterEach(() => database.query('DELETE FROM kill_switches'));

describe('a kill switch', () => {
  const rows = () =>
    database.query<{ is_on: boolean; is_by_administrator: boolean; reason: string | null }>(
      'SELECT is_on, is_by_administrator, reason FROM kill_switches ORDER BY is_by_administrator',
    );

  test('that an administrator turned on only administrators turn off', async () => {
    const before = (await audited()).length;
    await turn(true, { by: admin, reason: 'Under review' });
    const refusal = await refusalOf(turn(false));
    expect(refusal).toBeInstanceOf(HaltedByAdministrator);
    expect(refusal).toMatchObject({ haltReason: 'Under review', since: time.clock.now() });
    await turn(false, { by: admin });
    expect(await rows()).toEqual([{ is_on: false, is_by_administrator: true, reason: null }]);
    await turn(true);
    await turn(false);
    expect((await audited()).slice(before)).toEqual([
      'kill-switch.turned-on Account one true',
      'kill-switch.turned-off Account one true false',
      'kill-switch.turned-on Account one true',
      'kill-switch.turned-off Account one true false',
    ]);
  });

  test.each([
    ['the owner first', owner, admin],
    ['the administrator first', admin, owner],
  ])('of either kind halts until both are off: %s', async (_who, first, second) => {
    quote();
    const haltOf = async () => {
      const halt = await refusalOf(place({ quantity: '1' }));
      expect(halt).toBeInstanceOf(TradingHalted);
      const { isByAdministrator, haltReason } = halt as TradingHalted;
      return [isByAdministrator, haltReason];
    };
    const reasonOf = (who = owner) => (who === admin ? 'Under review' : 'Mine');
    await turn(true, { by: first, reason: reasonOf(first) });
    expect(await haltOf()).toEqual([first === admin, reasonOf(first)]);
    await turn(true, { by: second, reason: reasonOf(second) });
    expect(await rows()).toEqual([
      { is_on: true, is_by_administrator: false, reason: 'Mine' },
      { is_on: true, is_by_administrator: true, reason: 'Under review' },
    ]);
    // Of two, that which the owner cannot turn off is told.
    expect(await haltOf()).toEqual([true, 'Under review']);
    expect(await turn(false, { by: first })).toMatchObject({
      ...{ isOn: false, isByAdministrator: first === admin },
    });
    expect(await haltOf()).toEqual([second === admin, reasonOf(second)]);
    await turn(false, { by: second });
    expect(await place({ quantity: '1' })).toMatchObject({ status: 'FILLED' });
  });

  test('of the owner is not the administrators’ to turn off', async () => {
    quote();
    await turn(true, { reason: 'Mine' });
    await turn(false, { by: admin });
    expect(await refusalOf(place({ quantity: '1' }))).toMatchObject({
      ...{ code: 'TRADING_HALTED', isByAdministrator: false, haltReason: 'Mine' },
      message: 'Trading is halted for the account: Mine',
    });
  });

  test('that another administrator turned on binds an administrator, too', async () => {
    const { userId } = await floor.addPerson();
    await database.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [userId]);
    const other = userViewer({ userId, role: 'ADMIN' });
    await turn(true, { by: other, scope: 'USER', userId: admin.userId });
    const refusal = await refusalOf(turn(false, { by: admin, scope: 'USER' }));
    expect(refusal).toBeInstanceOf(HaltedByAdministrator);
    expect(await rows()).toMatchObject([{ is_on: true, is_by_administrator: true }]);
  });

  test('of one kind is behind a wall of the database against the other', async () => {
    await turn(true);
    await turn(true, { by: admin });
    const [person, operator] = [
      { userId: owner.userId, role: 'USER' as const },
      { userId: admin.userId, role: 'ADMIN' as const },
    ];
    const off = 'UPDATE kill_switches SET is_on = false WHERE is_by_administrator =';
    expect((await server.run(person, `${off} true`)).rowCount).toBe(0);
    expect((await server.run(operator, `${off} false`)).rowCount).toBe(0);
    const turnInto = (kind: boolean) =>
      `UPDATE kill_switches SET is_by_administrator = ${kind} WHERE is_by_administrator <> ${kind}`;
    expect(await server.refusalOf(person, turnInto(true))).toBe('42501');
    expect(await server.refusalOf(operator, turnInto(false))).toBe('42501');
    const add = `INSERT INTO kill_switches (id, scope, owner_id, is_on, is_by_administrator, changed_by,
      changed_at) SELECT gen_random_uuid(), 'USER', $1, false, $2, $1, now()`;
    expect(await server.refusalOf(person, add, [owner.userId, true])).toBe('42501');
    expect(await server.refusalOf(operator, add, [owner.userId, false])).toBe('42501');
    expect(await server.refusalOf(operator, add, [admin.userId, true])).toBe('42501');
    expect(await rows()).toMatchObject([
      { is_on: true, is_by_administrator: false },
      { is_on: true, is_by_administrator: true },
    ]);
  });

  test('is turned once for a key', async () => {
    const command = { ...ofAccount(), isOn: true, idempotencyKey: 'once' };
    const first = await switches.set(owner, command);
    await turn(false);
    expect(await switches.set(owner, command)).toMatchObject({ id: first.id, isOn: false });
    const other = { ...command, reason: 'Another' };
    await expect(switches.set(owner, other)).rejects.toBeInstanceOf(IdempotencyConflict);
  });

  test('of others is for administrators, and whoever tries is written down', async () => {
    const stranger = await floor.addPerson();
    const before = (await audited()).length;
    await expect(turn(true, { by: stranger })).rejects.toBeInstanceOf(NotFound);
    const ofOwner = { scope: 'USER', userId: owner.userId } as const;
    await expect(turn(true, { by: stranger, ...ofOwner })).rejects.toBeInstanceOf(Forbidden);
    await expect(turn(true, { scope: 'DEPLOYMENT' })).rejects.toBeInstanceOf(Forbidden);
    expect(await rows()).toEqual([]);
    expect((await audited()).slice(before)).toEqual([
      'kill-switch.change-refused User one',
      'kill-switch.change-refused Deployment -',
    ]);
  });

  test('is turned on by a key of its owner, and not off', async () => {
    const bot = botOf(owner);
    expect(await turn(true, { by: bot })).toMatchObject({ isOn: true });
    await expect(turn(false, { by: bot })).rejects.toBeInstanceOf(Forbidden);
    await expect(turn(true, { by: botOf(owner, { scopes: ['READ'] }) })).rejects.toBeInstanceOf(
      Forbidden,
    );
    const administrating = botOf(admin);
    await expect(turn(true, { by: administrating, scope: 'DEPLOYMENT' })).rejects.toBeInstanceOf(
      Forbidden,
    );
    expect(await rows()).toMatchObject([{ is_on: true, is_by_administrator: false }]);
  });

  test('is out of reach of a key for tests where real money is', async () => {
    const bot = botOf(owner, { environment: 'TEST' });
    await expect(turn(true, { by: bot, scope: 'USER' })).rejects.toBeInstanceOf(Forbidden);
    await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [account().id]);
    await expect(turn(true, { by: bot })).rejects.toBeInstanceOf(NotFound);
    await database.query(`UPDATE accounts SET kind = 'PAPER' WHERE id = $1`, [account().id]);
    expect(await rows()).toEqual([]);
    await turn(true, { by: bot });
    expect(await rows()).toHaveLength(1);
  });
});
