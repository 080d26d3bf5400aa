import { describe, expect, test } from 'vitest';
import { CalendarUnknown, MarketClosed } from '../../../src/services/trading/hours-errors.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

/*
 * The day after Thanksgiving of 2026, a Friday: New York opens at 14:30Z and closes at 18:00Z. Renewals of
 * leases come at other milliseconds than what is waited for, so that they wake nobody.
 */
const house = await openOrderHouse({
  at: '2026-11-27T14:00:00.700Z',
  instrument: { calendar: 'US_STOCKS', zone: 'America/New_York' },
});
const { time, floor, owner, exchange, engine, account, place, newest } = house;
const { quote, limit, stop, until, fillsOf, statesOf } = house;

const advanceTo = (text: string): void => {
  time.advance(new Date(text).getTime() - time.clock.now().getTime());
};
/** The same over days, which nobody needs to live through. */
const skipTo = async (text: string): Promise<void> => {
  await engine.stop();
  advanceTo(text);
  await engine.start();
};
const denialOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
const cashHeldBack = async () =>
  (
    await house.database.query<{ reserved: string }>(
      'SELECT trim_scale(reserved)::text AS reserved FROM accounts WHERE id = $1',
      [account().id],
    )
  )[0]?.reserved;

describe('before the open', () => {
  test.each(['IOC', 'FOK'] as const)('%s is denied, with the time of the open', async (kind) => {
    quote();
    const denial = await denialOf(place({ quantity: '10', timeInForce: kind }));
    expect(denial).toBeInstanceOf(MarketClosed);
    expect(denial).toMatchObject({ opensAt: new Date('2026-11-27T14:30:00Z') });
    expect(await cashHeldBack()).toBe('0');
    const [order] = await exchange.orders.list(owner, {}, { accountId: account().id });
    expect(order).toMatchObject({ status: 'DENIED', reasonCode: 'MARKET_CLOSED' });
  });

  test('orders wait, and fill by the first quote of the session', async () => {
    advanceTo('2026-11-27T14:10:00Z');
    quote();
    // A minute later the quote is old, but it is the last there is: 10 × 101 × 1.05 = 1,060.50.
    advanceTo('2026-11-27T14:11:00Z');
    const market = await place({ quantity: '10' });
    const reached = await limit('102', { quantity: '10', timeInForce: 'DAY' });
    const set = await stop('100', { quantity: '10', timeInForce: 'DAY' });
    expect(summaryOf(market)).toEqual(['ACCEPTED', '0', '1060.5']);

    advanceTo('2026-11-27T14:29:59Z');
    quote({ ask: '50', bid: '49' });
    engine.renewSoon();
    // The quote is a second old, and fresh: but it came before the open.
    advanceTo('2026-11-27T14:30:00.300Z');
    quote({ ask: '51', bid: '49', time: new Date('2026-11-27T14:29:59.999Z') });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const order of [market, reached, set]) {
      expect((await newest(order)).status).toBe('ACCEPTED');
    }

    advanceTo('2026-11-27T14:30:01.100Z');
    quote({ ask: '101.5', bid: '101' });
    await until(market, ['FILLED', '10', '0']);
    await until(reached, ['FILLED', '10', '0']);
    await until(set, ['FILLED', '10', '0']);
    expect(await fillsOf(market)).toEqual(['10 @ 101.5']);
    expect(await fillsOf(reached)).toEqual(['10 @ 101.5']);
    expect(await fillsOf(set)).toEqual(['10 @ 101.5']);
  });
});

describe('at the close', () => {
  test('DAY ends at that moment, without a quote; others wait for the next session', async () => {
    quote();
    const day = await limit('90', { quantity: '10', timeInForce: 'DAY' });
    const good = await limit('95', { quantity: '10' });
    expect(day.expiresAt).toEqual(new Date('2026-11-27T18:00:00Z'));
    advanceTo('2026-11-27T18:00:00Z');
    await until(day, ['EXPIRED', '0', '0']);
    expect((await newest(day)).updatedAt).toEqual(new Date('2026-11-27T18:00:00Z'));
    expect(await statesOf(day)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED', 'EXPIRED']);

    quote({ bid: '80', ask: '81' });
    const late = await limit('85', { quantity: '10', timeInForce: 'DAY' });
    expect(late.expiresAt).toEqual(new Date('2026-11-30T21:00:00Z'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(good)).status).toBe('ACCEPTED');
    expect((await newest(late)).status).toBe('ACCEPTED');

    await skipTo('2026-11-30T14:30:00.700Z');
    quote({ bid: '84', ask: '84.5' });
    await until(good, ['FILLED', '10', '0']);
    await until(late, ['FILLED', '10', '0']);
  });

  test('GTD ends at its own time, be the market open or not', async () => {
    quote();
    const expiresAt = new Date('2026-11-30T22:00:00Z');
    const order = await limit('90', { quantity: '10', timeInForce: 'GTD', expiresAt });
    await skipTo('2026-11-30T21:59:59.100Z');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(order)).status).toBe('ACCEPTED');
    advanceTo('2026-11-30T22:00:00Z');
    await until(order, ['EXPIRED', '0', '0']);
  });
});

describe('a market with a lunch break', () => {
  test('is closed over lunch, and its day goes on after it', async () => {
    await skipTo('2026-12-01T03:29:50.700Z');
    const calendar = { calendar: 'CN_STOCKS', zone: 'Asia/Shanghai' } as const;
    const instrument = await floor.addInstrument(calendar);
    await skipTo('2026-12-01T03:30:00.700Z');
    exchange.quote(instrument);
    const wanted = { instrument, quantity: '10' };
    const denial = await denialOf(
      exchange.place(owner, account(), { ...wanted, timeInForce: 'IOC' }),
    );
    expect(denial).toMatchObject({ opensAt: new Date('2026-12-01T05:00:00Z') });
    const order = await exchange.place(owner, account(), { ...wanted, timeInForce: 'DAY' });
    expect(order.expiresAt).toEqual(new Date('2026-12-01T07:00:00Z'));
    exchange.quote(instrument, { ask: '100' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(order)).status).toBe('ACCEPTED');
    await skipTo('2026-12-01T05:00:00.700Z');
    exchange.quote(instrument, { ask: '100.5' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 100.5']);
  });

  test('takes no orders once the calendar has ended', async () => {
    await skipTo('2027-01-04T02:00:00.700Z');
    const calendar = { calendar: 'CN_STOCKS', zone: 'Asia/Shanghai' } as const;
    const instrument = await floor.addInstrument(calendar);
    exchange.quote(instrument);
    const denial = await denialOf(
      exchange.place(owner, account(), {
        ...{ instrument, quantity: '10', type: 'LIMIT', limitPrice: decimal('100') },
        timeInForce: 'DAY',
      }),
    );
    expect(denial).toBeInstanceOf(CalendarUnknown);
    expect(denial).toMatchObject({ calendar: 'CN_STOCKS', validUntil: '2026-12-31' });
    expect(await cashHeldBack()).toBe('0');
  });
});
