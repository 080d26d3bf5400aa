import { describe, expect, test } from 'vitest';
import { AnnouncementTooLate } from '../../../src/services/portfolio/errors.ts';
import { Forbidden, NotFound } from '../../../src/services/platform/errors.ts';
import { openActionHouse, split } from '../../support/action-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const { actions, admin, owner, floor, key, time, database, inAMinute, announce } =
  await openActionHouse();

describe('an announcement', () => {
  test('is for administrators, and the attempt of others is written down', async () => {
    const acme = await floor.addInstrument();
    const command = {
      ...{ symbol: acme.symbol, terms: split('2', '1'), effectiveAt: inAMinute() },
      ...key(),
    };
    await expect(actions.announce(owner, command)).rejects.toThrow(Forbidden);
    expect(await actions.count(owner, { symbol: acme.symbol })).toBe(0);
    const refused = await database.query(
      "SELECT after FROM audit_records WHERE action = 'corporate-action.refused'",
    );
    expect(refused).toEqual([{ after: { symbol: acme.symbol } }]);
  });

  test('is made once for its key, and seen by everyone', async () => {
    const acme = await floor.addInstrument();
    const command = {
      ...{ symbol: acme.symbol, terms: split('2', '1'), effectiveAt: inAMinute() },
      ...key(),
    };
    const { id } = await actions.announce(admin, command);
    expect((await actions.announce(admin, command)).id).toBe(id);
    const seen = await actions.list(owner, {}, { symbol: acme.symbol });
    expect(seen.map((action) => action.id)).toEqual([id]);
  });

  test('of what is over, of nothing, or of what is not there is refused', async () => {
    const acme = await floor.addInstrument();
    await expect(announce(acme, split('2', '1'), time.clock.now())).rejects.toThrow(
      AnnouncementTooLate,
    );
    await expect(announce(acme, split('2', '2'))).rejects.toMatchObject({ field: 'ratioTo' });
    const nothing = { kind: 'DIVIDEND', amount: decimal(0) } as const;
    await expect(announce(acme, nothing)).rejects.toMatchObject({ field: 'amount' });
    await expect(announce({ ...acme, symbol: 'NOTHING' }, split('2', '1'))).rejects.toThrow(
      NotFound,
    );
    expect(await actions.count(owner, { symbol: acme.symbol })).toBe(0);
  });
});
