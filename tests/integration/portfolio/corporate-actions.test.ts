import { describe, expect, test } from 'vitest';
import { createPositionsAsOf } from '../../../src/services/portfolio/positions-as-of.ts';
import { AnnouncementTooLate } from '../../../src/services/portfolio/errors.ts';
import type { ActionTerms } from '../../../src/services/portfolio/corporate-actions.ts';
import { Forbidden, NotFound } from '../../../src/services/platform/errors.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { actions, applier, admin, owner, floor, key, time, database, exchange } = house;
const MINUTE_MS = 60_000;

const inAMinute = () => new Date(time.clock.now().getTime() + MINUTE_MS);
const split = (to: string, from: string): ActionTerms => ({
  ...{ kind: 'SPLIT', ratioFrom: decimal(from), ratioTo: decimal(to) },
});
const announce = ({ symbol }: Instrument, terms: ActionTerms, effectiveAt = inAMinute()) =>
  actions.announce(admin, { symbol, terms, effectiveAt, ...key() });
const openWith = async (acme: Instrument, quantity: string, price: string): Promise<Account> => {
  const account = await floor.openAccount(owner, '1000');
  await house.trade(account, acme, { quantity, price });
  return account;
};
const effects = ({ id }: { id: string }) =>
  database.query<{ line: string }>(
    `SELECT trim_scale(quantity_before) || ' to ' || trim_scale(quantity_after) || ', ' ||
       trim_scale(cash) AS line
     FROM corporate_action_effects WHERE action_id = $1 ORDER BY account_id`,
    [id],
  );
const appliedAt = async ({ id }: { id: string }) => {
  const [row] = await database.query<{ applied_at: Date | null }>(
    'SELECT applied_at FROM corporate_actions WHERE id = $1',
    [id],
  );
  return row?.applied_at;
};

describe('a split', () => {
  test('multiplies what is held, at the same cost, once for each account', async () => {
    const acme = await floor.addInstrument();
    const accounts = [await openWith(acme, '10', '20'), await openWith(acme, '3', '30')];
    const action = await announce(acme, split('2', '1'));
    expect(await applier.applyDue()).toBe(0);
    time.advance(MINUTE_MS);
    expect(await applier.applyDue()).toBe(2);
    expect(await applier.applyDue()).toBe(0);
    expect(await Promise.all(accounts.map(house.held))).toEqual([['20 for 200'], ['6 for 90']]);
    expect(await appliedAt(action)).toBeNull();
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(await appliedAt(action)).toEqual(time.clock.now());
    expect(await effects(action)).toHaveLength(2);
  });

  test('exchanges a fraction for cash at the last price, and books what it won', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '5', '30');
    const action = await announce(acme, split('3', '2'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    // 7.5 for 150 are 20 each; without a quote the last trade's 30 × 2 / 3 = 20 is the price: 0.5 brings
    // 10 and costs 10. 1,000 − 150 + 10 = 860
    expect(await house.held(account)).toEqual(['7 for 140']);
    expect((await house.newest(account)).cash.toFixed()).toBe('860');
    expect(await effects(action)).toEqual([{ line: '5 to 7, 10' }]);
  });

  test('takes from long and short alike when it goes the other way', async () => {
    const acme = await floor.addInstrument();
    const long = await openWith(acme, '20', '10');
    const short = await floor.openAccount(owner, '1000');
    await house.trade(short, acme, { side: 'SELL', quantity: '20', price: '10' });
    await announce(acme, split('1', '10'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(await house.held(long)).toEqual(['2 for 200']);
    expect(await house.held(short)).toEqual(['-2 for -200']);
  });

  test('cancels orders of before, and none of after', async () => {
    const acme = await floor.addInstrument();
    exchange.quote(acme);
    const account = await floor.openAccount(owner, '10000');
    const wish = { instrument: acme, type: 'LIMIT', limitPrice: decimal('90') } as const;
    await exchange.place(owner, account, { ...wish, quantity: '1' });
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    exchange.quote(acme);
    await exchange.place(owner, account, { ...wish, quantity: '2' });
    await applier.applyDue();
    expect(await house.books.orders(account)).toMatchObject([
      { status: 'CANCELED', reason_code: 'CORPORATE_ACTION' },
      { status: 'ACCEPTED' },
    ]);
    // 2 × 90 are held back still.
    expect((await house.newest(account)).reserved.toFixed()).toBe('180');
  });

  test('leaves the past as it was', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '10', '20');
    const before = time.clock.now();
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    const positions = createPositionsAsOf({ db: database.server, clock: time.clock });
    const at = async (asOf: Date) => {
      const page = { limit: 5, isBackward: false };
      const [row] = await positions.list(owner, page, { accountId: account.id, asOf });
      return `${String(row?.quantity.toFixed())} for ${String(row?.totalCost.toFixed())}`;
    };
    expect([await at(before), await at(time.clock.now())]).toEqual(['10 for 200', '20 for 200']);
  });

  test('applied late counts what was held at its time', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '10', '20');
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    time.advance(1_000);
    // After the split: 4 more, which are of the new ones already.
    await house.trade(account, acme, { quantity: '4', price: '10' });
    time.advance(1_000);
    await applier.applyDue();
    // 10 × 2 + 4 = 24, for 200 + 40
    expect(await house.held(account)).toEqual(['24 for 240']);
  });
});

describe('a dividend', () => {
  test('pays who held it just before, and takes from who owed it', async () => {
    const acme = await floor.addInstrument();
    const [long, short] = [await openWith(acme, '3', '10'), await floor.openAccount(owner, '100')];
    await house.trade(short, acme, { side: 'SELL', quantity: '2', price: '10' });
    const action = await announce(acme, { kind: 'DIVIDEND', amount: decimal('0.335') });
    time.advance(MINUTE_MS);
    // Sold at its very time: it was held just before.
    await house.trade(long, acme, { side: 'SELL', quantity: '3', price: '10' });
    await applier.applyDue();
    await applier.applyDue();
    // 3 × 0.335 = 1.005, half-even to 1.00; −2 × 0.335 = −0.67
    expect(await house.movements(long)).toContain('DIVIDEND 1');
    expect((await house.newest(long)).cash.toFixed()).toBe('1001');
    expect((await house.newest(short)).cash.toFixed()).toBe('119.33');
    expect(await effects(action)).toHaveLength(2);
  });

  test('is paid once when several processes apply it at once', async () => {
    const acme = await floor.addInstrument();
    const accounts = await Promise.all([1, 2, 3].map(() => openWith(acme, '3', '10')));
    await announce(acme, { kind: 'DIVIDEND', amount: decimal('1') });
    time.advance(MINUTE_MS);
    await Promise.all([applier.applyDue(), applier.applyDue(), applier.applyDue()]);
    const cash = await Promise.all(accounts.map(house.newest));
    // 1,000 − 30 + 3
    expect(cash.map((account) => account.cash.toFixed())).toEqual(['973', '973', '973']);
  });
});

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
