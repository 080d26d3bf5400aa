import { describe, expect, test } from 'vitest';
import { MINUTE_MS, openActionHouse, split } from '../../support/action-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openActionHouse();
const { actions, applier, owner, floor, time, database, announce, openWith, effects, appliedAt } =
  house;

describe('an account that fails', () => {
  test('holds up no other, is logged once in a while, and has its part later', async () => {
    const [acme, other] = [await floor.addInstrument(), await floor.addInstrument()];
    const failing = await openWith(acme, '10', '20');
    const well = await openWith(acme, '3', '30');
    const elsewhere = await openWith(other, '5', '10');
    const wall = `CHECK (account_id <> '${failing.id}')`;
    const onEffects = 'ALTER TABLE corporate_action_effects';
    await database.query(`${onEffects} ADD CONSTRAINT a_wall ${wall}`);
    const action = await announce(acme, split('2', '1'));
    await announce(other, split('3', '1'), new Date(action.effectiveAt.getTime() + 1));
    await announce(acme, split('5', '1'), new Date(action.effectiveAt.getTime() + 2));
    time.advance(MINUTE_MS + 2);
    house.errors.length = 0;
    for (let look = 0; look < 3; look += 1) await applier.applyDue();
    // 3 × 2 × 5 = 30, and 5 × 3 = 15
    expect(await house.held(well)).toEqual(['30 for 90']);
    expect(await house.held(elsewhere)).toEqual(['15 for 50']);
    expect(await house.held(failing)).toEqual(['10 for 200']);
    expect(house.errors).toMatchObject([{ actionId: action.id, accountId: failing.id }]);
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(house.errors).toHaveLength(2);
    expect(await appliedAt(action)).toBeNull();
    await database.query(`${onEffects} DROP CONSTRAINT a_wall`);
    time.advance(MINUTE_MS);
    await applier.applyDue();
    // 10 × 2 × 5, in that order
    expect(await house.held(failing)).toEqual(['100 for 200']);
    await applier.applyDue();
    expect(await appliedAt(action)).toEqual(time.clock.now());
  });

  test('is refused with a record when no column can hold what it would have', async () => {
    const acme = await floor.addInstrument();
    const absurd = await openWith(acme, '1e16', '0.000000000001');
    const well = await openWith(acme, '2', '10');
    const action = await announce(acme, split('10000', '1'));
    time.advance(MINUTE_MS);
    house.errors.length = 0;
    expect(await applier.applyDue()).toBe(2);
    // 1e16 × 10,000 = 1e20 is the first that no column holds.
    expect(await house.held(absurd)).toEqual(['10000000000000000 for 10000']);
    expect(await house.held(well)).toEqual(['20000 for 20']);
    const whole = '10000000000000000';
    expect(await effects(action)).toContainEqual({ line: `${whole} to ${whole}, 0` });
    expect(house.errors).toMatchObject([{ actionId: action.id, accountId: absurd.id }]);
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(await appliedAt(action)).toEqual(time.clock.now());
    // Told once, to its owner.
    const told = await database.query(
      `SELECT topic, owner_id, payload FROM outbox WHERE type = 'CorporateActionRefused'`,
    );
    const what = { actionId: action.id, kind: 'SPLIT', instrumentId: acme.id, quantity: whole };
    expect(told).toEqual([
      {
        ...{ topic: `account:${absurd.id}`, owner_id: absurd.ownerId },
        payload: { ...what, accountId: absurd.id },
      },
    ]);
  });
});

test('a split of more than 10,000 for one, or one for more, is refused', async () => {
  const acme = await floor.addInstrument();
  const ofTinyParts = announce(acme, split('10000', '0.5'));
  await expect(ofTinyParts).rejects.toMatchObject({ field: 'ratioTo' });
  await expect(announce(acme, split('0.5', '10000'))).rejects.toMatchObject({ field: 'ratioTo' });
  expect(await actions.count(owner, { symbol: acme.symbol })).toBe(0);
});

test('a dividend above the last price is refused with it, and one of all of it is taken', async () => {
  const acme = await floor.addInstrument();
  house.exchange.quote(acme, { bid: '100', ask: '100' });
  const pay = (amount: string) => announce(acme, { kind: 'DIVIDEND', amount: decimal(amount) });
  await expect(pay('100.01')).rejects.toMatchObject({ field: 'amount', code: 'BAD_USER_INPUT' });
  expect(await actions.count(owner, { symbol: acme.symbol })).toBe(0);
  await pay('100');
  expect(await actions.count(owner, { symbol: acme.symbol })).toBe(1);
});
