import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { InsufficientFunds, PriceOnWrongSide } from '../../../src/services/trading/errors.ts';
import { createTrailRecords } from '../../../src/services/trading/trail-records.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const house = await openOrderHouse();
const { database, time, floor, owner, exchange, engine, account, acme } = house;
const { place, newest, quote, until, fillsOf, statesOf, settled } = house;

const trail = (side: 'BUY' | 'SELL', distance: { amount: string } | { percent: string }) =>
  place({
    ...{ type: 'TRAILING_STOP', side, quantity: '10' },
    ...('amount' in distance
      ? { trailAmount: decimal(distance.amount) }
      : { trailPercent: decimal(distance.percent) }),
  });
const stopOf = async (order: { readonly id: string }) => (await newest(order)).stopPrice?.toFixed();
/** A quote of a cent around the price. */
const at = (price: string) => {
  quote({ bid: price, ask: decimal(price).plus('0.01').toFixed() });
};
/** Until the row says so: it is written down once a second. */
const untilStop = (order: { readonly id: string }, stop: string) =>
  vi.waitFor(
    async () => {
      time.advance(1_000);
      expect(await stopOf(order)).toBe(stop);
    },
    { timeout: 20_000 },
  );

describe('a trailing stop to sell', () => {
  test('follows the highest bid, stands while it falls, and sells at the market', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    expect([order.status, order.stopPrice?.toFixed()]).toEqual(['ACCEPTED', '98']); // 100 − 2
    at('105');
    at('103.01');
    await settled();
    expect((await newest(order)).status).toBe('ACCEPTED');
    // The stop came to 105 − 2 = 103, although nobody looked while the bid was there.
    at('103');
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 103']);
    expect(await stopOf(order)).toBe('103');
    expect(await statesOf(order)).toEqual([
      ...['PENDING', 'SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'FILLED'],
    ]);
  });

  test('goes off on touch, also when the bid is back before anything could be done', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    at('105');
    at('103');
    at('104');
    await until(order, ['FILLED', '10', '0']);
    expect([await fillsOf(order), await stopOf(order)]).toEqual([['10 @ 104'], '103']);
  });

  test('by percent: away from the market to the tick', async () => {
    await floor.hold(account(), acme(), '10');
    at('33.33');
    const order = await trail('SELL', { percent: '1.5' });
    expect(order.stopPrice?.toFixed()).toBe('32.83'); // 33.33 × 0.985 = 32.83005
    at('40');
    await settled();
    at('39.4'); // 40 × 0.985
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 39.4']);
  });

  test('needs no quote to be placed: it begins with the first one', async () => {
    await floor.hold(account(), acme(), '10');
    const order = await trail('SELL', { amount: '2' });
    expect([order.status, order.stopPrice]).toEqual(['ACCEPTED', null]);
    at('100');
    at('98');
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 98']);
  });

  test('is refused when it would trail by all of the price', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    await expect(trail('SELL', { amount: '100' })).rejects.toBeInstanceOf(PriceOnWrongSide);
  });
});

describe('a trailing stop to buy', () => {
  test('follows the lowest ask, and holds back what its first stop may cost', async () => {
    quote({ bid: '99', ask: '100' });
    const order = await trail('BUY', { amount: '4' });
    // 10 × (100 + 4) × 1.05
    expect(summaryOf(order)).toEqual(['ACCEPTED', '0', '1092']);
    quote({ bid: '89', ask: '90' });
    await settled();
    quote({ bid: '93', ask: '94' }); // 90 + 4
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 94']);
  });

  test('is refused when that is more than there is', async () => {
    quote({ bid: '899', ask: '900' });
    // 10 × (900 + 60) × 1.05 = 10,080
    await expect(trail('BUY', { amount: '60' })).rejects.toBeInstanceOf(InsufficientFunds);
  });
});

describe('how far a stop has come', () => {
  test('is written down once a second, and not with every quote', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    at('101');
    at('102');
    await settled();
    expect(await stopOf(order)).toBe('98');
    await untilStop(order, '100'); // 102 − 2
    expect((await newest(order)).version).toBe(order.version);
  });

  test('outlives the process: another one goes on from there, and never below', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    at('110');
    await untilStop(order, '108');
    await engine.stop();
    const heir = exchange.newEngine();
    await heir.start();
    try {
      quote({ bid: '109', ask: '109.01' });
      await vi.waitFor(async () => expect(await stopOf(order)).toBe('108'), { timeout: 20_000 });
      expect((await newest(order)).status).toBe('ACCEPTED');
      quote({ bid: '107', ask: '107.01' });
      await until(order, ['FILLED', '10', '0']);
    } finally {
      await heir.stop();
    }
    expect(await fillsOf(order)).toEqual(['10 @ 107']);
  });

  test('is left as it ended: what a process has seen since is not written to an order that is over', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    const seen = { ...order, stopPrice: decimal('103'), remaining: decimal('10') };
    const records = createTrailRecords({
      ...{
        workerDb: database.worker,
        logger: { error: (fields) => void exchange.errors.push({ fields, message: '' }) },
      },
    });
    const cancel = { orderId: order.id, idempotencyKey: randomUUID() };
    expect((await exchange.orders.cancel(owner, cancel)).status).toBe('CANCELED');
    await records.keep(() => [seen]);
    expect(await stopOf(order)).toBe('98'); // 100 − 2
    const next = await trail('SELL', { amount: '2' });
    // Looser than it is, it stays; tighter, it is taken.
    await records.keep(() => [{ ...seen, id: next.id, stopPrice: decimal('97') }]);
    expect(await stopOf(next)).toBe('98');
    await records.keep(() => [{ ...seen, id: next.id, stopPrice: decimal('99') }]);
    expect(await stopOf(next)).toBe('99');
  });

  test('is kept when the process ends in good order, however short it was', async () => {
    await floor.hold(account(), acme(), '10');
    at('100');
    const order = await trail('SELL', { amount: '2' });
    at('104');
    await engine.stop();
    expect(await stopOf(order)).toBe('102');
    await exchange.orders.cancelAll(owner, { accountId: account().id, idempotencyKey: order.id });
    const held = await database.query('SELECT 1 FROM accounts WHERE reserved <> 0');
    expect(held).toEqual([]);
  });
});
