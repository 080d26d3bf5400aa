import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const {
  time,
  floor,
  owner,
  exchange,
  engine,
  account,
  acme,
  place,
  newest,
  quote,
  limit,
  stop,
  until,
  fillsOf,
  statesOf,
  settled,
} = await openOrderHouse();

describe('a limit order', () => {
  test('rests until the price comes to it, and holds its limit back meanwhile', async () => {
    quote();
    const order = await limit('100');
    expect(summaryOf(order)).toEqual(['ACCEPTED', '0', '1000']);
    quote({ ask: '100.01' });
    await settled();
    expect((await newest(order)).status).toBe('ACCEPTED');
    quote({ ask: '100' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 100']);
  });

  test('gets the better price when the market gaps past it', async () => {
    quote();
    const order = await limit('100');
    quote({ bid: '90', ask: '92' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 92']);
  });

  test('sells at its price or above, and needs no quote to be placed', async () => {
    await floor.hold(account(), acme(), '10');
    const order = await limit('105', { side: 'SELL', quantity: '10' });
    expect(order.status).toBe('ACCEPTED');
    quote({ bid: '104.99', ask: '106' });
    await settled();
    expect((await newest(order)).status).toBe('ACCEPTED');
    quote({ bid: '105.5', ask: '106' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 105.5']);
  });

  test('takes what is offered in parts, and frees what each part did not need', async () => {
    quote();
    const order = await limit('100');
    quote({ ask: '99', bid: '98', askSize: '4' });
    // 1,000 held back for 10; 6/10 of it stays for the rest.
    await until(order, ['PARTIALLY_FILLED', '4', '600']);
    quote({ ask: '100', bid: '98', askSize: '100' });
    await until(order, ['FILLED', '10', '0']);
    expect((await fillsOf(order)).sort()).toEqual(['4 @ 99', '6 @ 100']);
  });

  test('goes before one with a worse price, and after an older one with the same', async () => {
    quote();
    const worse = await limit('100', { quantity: '5' });
    time.advance(1);
    const best = await limit('100.5', { quantity: '5' });
    time.advance(1);
    const same = await limit('100.5', { quantity: '5' });
    quote({ ask: '100', bid: '99', askSize: '7' });
    await until(same, ['PARTIALLY_FILLED', '2', '301.5']); // 3 × 100.5
    expect((await newest(best)).status).toBe('FILLED');
    expect((await newest(worse)).status).toBe('ACCEPTED');
  });

  test('is gone when it is canceled, whatever the price does', async () => {
    quote();
    const order = await limit('100');
    await exchange.orders.cancel(owner, { orderId: order.id, idempotencyKey: randomUUID() });
    quote({ ask: '90', bid: '89' });
    await settled();
    expect(summaryOf(await newest(order))).toEqual(['CANCELED', '0', '0']);
  });
});

describe('a stop order', () => {
  test('goes off when the far side touches it, and pays what the market asks', async () => {
    quote({ ask: '100', bid: '99' });
    const order = await stop('102');
    expect(summaryOf(order)).toEqual(['ACCEPTED', '0', '1071']); // 10 × 102 × 1.05
    quote({ ask: '101.99', bid: '101' });
    await settled();
    expect((await newest(order)).status).toBe('ACCEPTED');
    quote({ ask: '103', bid: '102' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 103']);
    expect(await statesOf(order)).toEqual([
      ...['PENDING', 'SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'FILLED'],
    ]);
  });

  test('sells what is held when the price falls through it', async () => {
    await floor.hold(account(), acme(), '10');
    quote();
    const order = await stop('95', { side: 'SELL', quantity: '10' });
    quote({ bid: '90', ask: '91' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 90']);
  });

  test('stays set off when the price turns back before all of it is filled', async () => {
    quote({ ask: '100', bid: '99' });
    const order = await stop('102');
    quote({ ask: '102', bid: '101', askSize: '3' });
    await until(order, ['PARTIALLY_FILLED', '3', '749.7']); // 1,071 × 7/10
    quote({ ask: '100', bid: '99' });
    await until(order, ['FILLED', '10', '0']);
    expect((await fillsOf(order)).sort()).toEqual(['3 @ 102', '7 @ 100']);
  });

  test('that is beyond the price already goes off at once', async () => {
    quote();
    expect((await stop('101')).status).toBe('FILLED');
  });
});

describe('a stop-limit order', () => {
  const stopLimit = () =>
    place({
      ...{ type: 'STOP_LIMIT', quantity: '10' },
      ...{ stopPrice: decimal('102'), limitPrice: decimal('102.5') },
    });

  test('that the price gaps past waits at its limit', async () => {
    quote({ ask: '100', bid: '99' });
    const order = await stopLimit();
    quote({ ask: '104', bid: '103' });
    await until(order, ['TRIGGERED', '0', '1025']);
    quote({ ask: '102.4', bid: '102' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 102.4']);
  });

  test('fills with the quote that sets it off when that is within the limit', async () => {
    quote({ ask: '100', bid: '99' });
    const order = await stopLimit();
    quote({ ask: '102', bid: '101' });
    await until(order, ['FILLED', '10', '0']);
    expect(await fillsOf(order)).toEqual(['10 @ 102']);
  });
});

describe('an order that fills at once or not at all', () => {
  test('IOC takes what is there and gives the rest up, in one step', async () => {
    quote({ askSize: '4' });
    const order = await limit('101', { quantity: '10', timeInForce: 'IOC' });
    expect(summaryOf(order)).toEqual(['CANCELED', '4', '0']);
    expect(await statesOf(order)).toEqual([
      ...['PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'CANCELED'],
    ]);
    const none = await limit('100', { quantity: '1', timeInForce: 'IOC' });
    expect(summaryOf(none)).toEqual(['CANCELED', '0', '0']);
  });

  test('FOK takes all or nothing', async () => {
    quote({ askSize: '4' });
    const some = await place({ quantity: '5', timeInForce: 'FOK' });
    expect(summaryOf(some)).toEqual(['CANCELED', '0', '0']);
    const all = await place({ quantity: '4', timeInForce: 'FOK' });
    expect(summaryOf(all)).toEqual(['FILLED', '4', '0']);
  });

  test('is canceled, and not filled, by an engine that finds it too late', async () => {
    await engine.stop();
    quote();
    const order = await place({ quantity: '5', timeInForce: 'IOC' });
    expect(order.status).toBe('ACCEPTED');
    time.advance(15_000);
    quote();
    const restarted = exchange.newEngine();
    await restarted.start();
    await until(order, ['CANCELED', '0', '0']);
    await restarted.stop();
  });
});

test('a fill that costs more than its order held back takes nothing of what others hold back', async () => {
  quote({ askSize: '0' });
  const other = await limit('50', { quantity: '100' }); // 5,000
  const order = await place({ quantity: '45' }); // 45 × 101 × 1.05 = 4,772.25
  expect([other.reserved.toFixed(), order.reserved.toFixed()]).toEqual(['5000', '4772.25']);
  // 45 × 120 = 5,400: of the 10,000 only 5,000 are this order's or nobody's.
  quote({ ask: '120' });
  await until(order, ['REJECTED', '0', '0']);
  expect(summaryOf(await newest(other))).toEqual(['ACCEPTED', '0', '5000']);
});

describe('an order that ends by itself', () => {
  test('GTD is over at its time, even if a price that fills it comes with it', async () => {
    quote();
    const expiresAt = new Date(time.clock.now().getTime() + 10_000);
    const order = await limit('100', { quantity: '10', timeInForce: 'GTD', expiresAt });
    time.advance(9_999);
    expect((await newest(order)).status).toBe('ACCEPTED');
    time.advance(1);
    quote({ ask: '100', bid: '99' });
    await until(order, ['EXPIRED', '0', '0']);
  });

  test('GTD is over at its very millisecond, also where its account was filled before and no quote comes', async () => {
    quote();
    expect((await place({ quantity: '1' })).status).toBe('FILLED');
    const expiresAt = new Date(time.clock.now().getTime() + 10_000);
    const order = await limit('90', { quantity: '10', timeInForce: 'GTD', expiresAt });
    time.advance(10_000);
    await until(order, ['EXPIRED', '0', '0']);
  });

  test('DAY is over at midnight in New York without any quote', async () => {
    quote();
    const order = await limit('100', { quantity: '10', timeInForce: 'DAY' });
    expect(order.expiresAt).toEqual(new Date('2026-03-03T05:00:00Z'));
    time.advance(order.expiresAt ? order.expiresAt.getTime() - time.clock.now().getTime() : 0);
    await vi.waitFor(
      async () => {
        time.advance(2_000);
        expect(summaryOf(await newest(order))).toEqual(['EXPIRED', '0', '0']);
      },
      { timeout: 20_000 },
    );
  });
});

test('an engine that starts anew finds stops, limits and ends where they were', async () => {
  quote({ ask: '100', bid: '99' });
  const expiresAt = new Date(time.clock.now().getTime() + 60_000);
  const resting = await limit('98');
  const armed = await stop('103', { quantity: '1' });
  const ending = await limit('50', { quantity: '1', timeInForce: 'GTD', expiresAt });
  await engine.stop();
  time.advance(60_000);
  const restarted = exchange.newEngine();
  await restarted.start();
  await until(ending, ['EXPIRED', '0', '0']);
  quote({ ask: '98', bid: '97' });
  await until(resting, ['FILLED', '10', '0']);
  expect((await newest(armed)).status).toBe('ACCEPTED');
  quote({ ask: '103', bid: '102' });
  await until(armed, ['FILLED', '1', '0']);
  await restarted.stop();
});

test('the same client order id means the same terms', async () => {
  quote();
  const clientOrderId = randomUUID();
  const order = await limit('100', { quantity: '1', clientOrderId });
  expect((await limit('100.00', { quantity: '1', clientOrderId })).id).toBe(order.id);
  await expect(limit('99', { quantity: '1', clientOrderId })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  await expect(place({ quantity: '1', clientOrderId })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
});
