import { describe, expect, test, vi } from 'vitest';
import type { Instrument, Order } from '../../../src/services/platform/prisma/client.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const {
  database,
  time,
  floor,
  owner,
  exchange,
  account,
  acme,
  place,
  newest,
  quote,
  limit,
  until,
} = await openOrderHouse();

/** Chooses models for the account of the test. */
const choose = (models: string): Promise<unknown> =>
  database.query(`UPDATE accounts SET ${models} WHERE id = $1`, [account().id]);

/** "quantity @ price, fee, liquidity, slippage a unit, models" of each fill. */
async function fillsOf({ id }: Pick<Order, 'id'>): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `SELECT concat_ws(' ', trim_scale(quantity), '@', trim_scale(price), 'fee', trim_scale(fee),
       liquidity, trim_scale(slippage), fee_model, slippage_model, liquidity_model) AS line
     FROM trades WHERE order_id = $1 ORDER BY fill_sequence`,
    [id],
  );
  return rows.map(({ line }) => line);
}

/** A new instrument that the engine fills the orders of. */
async function listed(given: Partial<Instrument>): Promise<Instrument> {
  const instrument = await floor.addInstrument(given);
  exchange.engine.renewSoon();
  const isHeld = () => expect(exchange.engine.holds(instrument.id)).toBe(true);
  await vi.waitFor(isHeld, { timeout: 20_000 });
  return instrument;
}

const buy = (given: { instrument?: Instrument; quantity?: string } = {}) =>
  exchange.place(owner, account(), { instrument: acme(), quantity: '10', ...given });

describe('a fill says what it was reckoned with', () => {
  test('which is no slippage, the fees of the instrument and the size quoted, unless chosen', async () => {
    quote();
    expect(await fillsOf(await buy())).toEqual([
      '10 @ 101 fee 0 TAKER 0 INSTRUMENT NONE QUOTED_SIZE',
    ]);
  });

  test('MAKER, when the order waited for the quote that filled it', async () => {
    quote();
    const waiting = await limit('100');
    time.advance(10);
    quote({ ask: '99.5' });
    await until(waiting, ['FILLED', '10', '0']);
    expect(await fillsOf(waiting)).toEqual(['10 @ 99.5 fee 0 MAKER 0 INSTRUMENT NONE QUOTED_SIZE']);
    const atOnce = await limit('100', { quantity: '5' });
    await until(atOnce, ['FILLED', '5', '0']);
    expect(await fillsOf(atOnce)).toEqual(['5 @ 99.5 fee 0 TAKER 0 INSTRUMENT NONE QUOTED_SIZE']);
  });
});

test('an account that counts no liquidity any more fills at the quote that is there', async () => {
  quote({ askSize: '5' });
  const first = await buy();
  expect(summaryOf(first).slice(0, 2)).toEqual(['PARTIALLY_FILLED', '5']);
  // The desk knows by now that the account finds nothing more.
  expect((await buy({ quantity: '1' })).status).toBe('ACCEPTED');
  await choose(`liquidity_model = 'UNLIMITED'`);
  time.advance(1);
  expect((await buy({ quantity: '3' })).status).toBe('FILLED');
  // It is asked again after a while, also for an order of before.
  time.advance(30_000);
  quote({ askSize: '5' });
  await until(first, ['FILLED', '10', '0']);
});

describe('slippage', () => {
  test('of fixed basis points is paid by both sides, on the tick', async () => {
    await choose(`slippage_model = 'FIXED_BPS', slippage_bps = 5`);
    quote();
    // 101 × 1.0005 = 101.0505 → 101.06; 99 × 0.9995 = 98.9505 → 98.95
    expect(await fillsOf(await buy())).toEqual([
      '10 @ 101.06 fee 0 TAKER 0.06 INSTRUMENT FIXED_BPS QUOTED_SIZE',
    ]);
    const sold = await place({ side: 'SELL', quantity: '10' });
    expect(await fillsOf(sold)).toEqual([
      '10 @ 98.95 fee 0 TAKER 0.05 INSTRUMENT FIXED_BPS QUOTED_SIZE',
    ]);
  });

  test('never takes a limit past its price', async () => {
    await choose(`slippage_model = 'FIXED_BPS', slippage_bps = 100`);
    quote();
    const order = await limit('101.2');
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual([
      '10 @ 101.2 fee 0 TAKER 0.2 INSTRUMENT FIXED_BPS QUOTED_SIZE',
    ]);
  });

  test('by volume counts what traded in the minute before', async () => {
    await choose(`slippage_model = 'VOLUME_SHARE'`);
    const { id, symbol } = acme();
    const trade = (volume: string) =>
      exchange.quotes.put({
        ...{ instrumentId: id, symbol, bid: decimal('99'), ask: decimal('101') },
        ...{ last: decimal('100'), bidSize: decimal('1000'), askSize: decimal('1000') },
        ...{ volume: decimal(volume), time: time.clock.now(), source: 'SIMULATED' },
      });
    trade('100000');
    time.advance(61_000);
    trade('300');
    time.advance(1_000);
    trade('200');
    // 10 of 500 is 2%: 101 × 0.1 × 0.02² = 0.00404, which is a tick of 0.01 to the buyer.
    expect(await fillsOf(await buy())).toEqual([
      '10 @ 101.01 fee 0 TAKER 0.01 INSTRUMENT VOLUME_SHARE QUOTED_SIZE',
    ]);
  });
});

describe('fees', () => {
  test('are bps, an amount per unit and a minimum, for each fill', async () => {
    const venue = { feeBps: decimal('10'), feePerUnit: decimal('0.01'), feeMinimum: decimal('1') };
    const instrument = await listed(venue);
    exchange.quote(instrument, { askSize: '4' });
    const order = await exchange.place(owner, account(), { instrument, quantity: '20' });
    // 20 × 101 × 1.05 = 2,121 and a fee of 2.121 + 0.20 = 2.32; 16/20 of it: 1,698.656.
    expect(summaryOf(order)).toEqual(['PARTIALLY_FILLED', '4', '1698.66']);
    exchange.quote(instrument, { askSize: '16', ask: '102' });
    await until(order, ['FILLED', '20', '0']);
    // 4 × 101 × 10 bps = 0.404, and 0.04: less than 1. 16 × 102 × 10 bps = 1.632, and 0.16: 1.79.
    const fees = (await fillsOf(order)).map((line) => line.split(' ').slice(0, 5).join(' '));
    expect(fees).toEqual(['4 @ 101 fee 1', '16 @ 102 fee 1.79']);
  });

  test('are none for an account without', async () => {
    await choose(`fee_model = 'NONE'`);
    const instrument = await listed({ feeMinimum: decimal('5') });
    exchange.quote(instrument);
    const order = await exchange.place(owner, account(), { instrument, quantity: '10' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 101 fee 0 TAKER 0 NONE NONE QUOTED_SIZE']);
  });
});

describe('liquidity', () => {
  test('is what is quoted, and gone for the others until the quote changes', async () => {
    quote({ askSize: '15' });
    const first = await buy();
    const second = await buy();
    expect(summaryOf(first)[0]).toBe('FILLED');
    await until(second, ['PARTIALLY_FILLED', '5', '530.25']);
    quote({ askSize: '5' });
    await until(second, ['FILLED', '10', '0']);
  });

  test('of an account that has no limit is all that it wants, and takes it from nobody', async () => {
    await choose(`liquidity_model = 'UNLIMITED'`);
    quote({ askSize: '5' });
    expect(await fillsOf(await buy())).toEqual([
      '10 @ 101 fee 0 TAKER 0 INSTRUMENT NONE UNLIMITED',
    ]);
    const other = await floor.openAccount(owner, '10000');
    const theirs = await exchange.place(owner, other, { instrument: acme(), quantity: '5' });
    expect(theirs.status).toBe('FILLED');
    // What others took is no matter either.
    expect((await buy()).status).toBe('FILLED');
  });
});

describe('latency', () => {
  test('lets an order arrive later, and it fills by what is quoted then', async () => {
    await choose('latency_ms = 500');
    quote();
    const order = await buy();
    expect(order.status).toBe('ACCEPTED');
    time.advance(300);
    quote({ ask: '95', bid: '94' });
    time.advance(199);
    quote({ ask: '102', bid: '101' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(order)).status).toBe('ACCEPTED');
    // No quote comes any more: its own arrival wakes the engine.
    time.advance(1);
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 102 fee 0 TAKER 0 INSTRUMENT NONE QUOTED_SIZE']);
  });

  test('is waited for by orders that fill at once or not at all', async () => {
    await choose('latency_ms = 20000');
    quote();
    const order = await place({ quantity: '10', timeInForce: 'IOC' });
    expect(order.status).toBe('ACCEPTED');
    time.advance(19_000);
    quote();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(order)).status).toBe('ACCEPTED');
    time.advance(1_000);
    await until(order, ['FILLED', '10', '0']);
  });

  test('keeps a stop from going off before it is there', async () => {
    await choose('latency_ms = 500');
    quote();
    const order = await place({ type: 'STOP', stopPrice: decimal('105'), quantity: '10' });
    time.advance(100);
    quote({ ask: '106', bid: '105' });
    time.advance(100);
    quote();
    time.advance(400);
    quote();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await newest(order)).status).toBe('ACCEPTED');
  });
});
