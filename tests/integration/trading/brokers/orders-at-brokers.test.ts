import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import {
  InstrumentNotTradable,
  OrderNotCancelable,
} from '../../../../src/services/trading/errors.ts';
import { TradingHalted } from '../../../../src/services/trading/risk/errors.ts';
import { decimal } from '../../../support/trading-floor.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { open, place, cancel, until, venue, alpaca, statesOf, booksAreTheVenues } = house;

describe('an order at a broker', () => {
  test('is sent once, under our own id, and accepted with the broker’s', async () => {
    await open();
    const order = await place();
    expect(order.status).toBe('ACCEPTED');
    expect(order.brokerOrderId).not.toBeNull();
    expect(order.reserved.toFixed()).toBe('1500'); // 10 × 150
    expect(venue().order(order.id)).toEqual({ quantity: '10', filled: '0', isOpen: true });
    expect(await statesOf(order)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED']);
  });

  test('is filled by what the stream tells', async () => {
    await open();
    const order = await place();
    venue().fill(order.id, '4', '149.5');
    await until(order, ['PARTIALLY_FILLED', '4']);
    venue().fill(order.id, '6', '150');
    await until(order, ['FILLED', '10']);
    // 100,000 − 4 × 149.5 − 6 × 150 = 100,000 − 598 − 900 = 98,502
    expect(venue().cash()).toBe('98502');
    await booksAreTheVenues();
  });

  test('that the broker refuses is REJECTED, with its words, and holds nothing back', async () => {
    await open();
    await house.database.query(
      `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
         is_tradable, source, fee_bps, created_at)
       VALUES ($1, 'GONE.ALPACA', 'Gone', 'STOCK', 'USD', 'America/New_York', 0.01, 1, true, 'BROKER',
         0, now())`,
      [randomUUID()],
    );
    const order = await place({ symbol: 'GONE.ALPACA' });
    expect(order).toMatchObject({ status: 'REJECTED', reasonCode: '42210000' });
    expect(order.reserved.toFixed()).toBe('0');
    await booksAreTheVenues();
  });

  test('with terms that the broker lacks is refused before it is sent', async () => {
    await open();
    const expiresAt = new Date('2026-04-01T15:00:00Z');
    const order = await place({ timeInForce: 'GTD', expiresAt });
    expect(order).toMatchObject({ status: 'REJECTED', reasonCode: 'UNSUPPORTED_TERMS' });
    expect(venue().orderCount()).toBe(0);
  });

  test.each([
    ['150.01', 'ACCEPTED', null],
    ['150.0001', 'REJECTED', 'TICK_SIZE'], // from a dollar up in cents
    ['1.005', 'REJECTED', 'TICK_SIZE'],
    ['0.9999', 'ACCEPTED', null], // below a dollar in hundredths of a cent
  ])('at %s is %s: ticks go with the price', async (limitPrice, status, reasonCode) => {
    await open();
    const order = await place({ quantity: decimal(1), limitPrice: decimal(limitPrice) });
    expect(order).toMatchObject({ status, reasonCode });
    expect(venue().orderCount()).toBe(status === 'ACCEPTED' ? 1 : 0);
    await booksAreTheVenues();
  });

  test('that is canceled is CANCEL_PENDING until the broker says that it ended', async () => {
    await open();
    const order = await place();
    alpaca().state.isCanceling = false;
    const canceled = await cancel(order);
    expect(canceled.status).toBe('CANCEL_PENDING');
    expect(canceled.reserved.toFixed()).toBe('1500');
    venue().end(order.id);
    await until(order, ['CANCELED', '0']);
    await booksAreTheVenues();
  });

  test('that fills while it is canceled is filled: the cancel came too late', async () => {
    await open();
    const order = await place();
    alpaca().stream.isHolding = true;
    venue().fill(order.id, '10', '150');
    await cancel(order);
    alpaca().releaseBackwards();
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
    await expect(cancel(order)).rejects.toThrow(OrderNotCancelable);
  });

  test('that fills after it was canceled is booked all the same', async () => {
    await open();
    const order = await place();
    await cancel(order);
    await until(order, ['CANCELED', '0']);
    venue().fill(order.id, '3', '149');
    await until(order, ['CANCELED', '3']);
    await booksAreTheVenues();
  });

  test('for something that is not traded there is refused by the gate', async () => {
    await open();
    const instrument = await house.floor.addInstrument();
    await expect(place({ symbol: instrument.symbol })).rejects.toThrow(InstrumentNotTradable);
    const paper = await house.floor.openAccount(await house.floor.addPerson(), '1000');
    const other = { ...house.viewer(), userId: paper.ownerId };
    await expect(
      house.office.current.orders.place(other, {
        ...{ accountId: paper.id, symbol: 'AAPL.ALPACA', side: 'BUY', quantity: decimal(1) },
        clientOrderId: randomUUID(),
      }),
    ).rejects.toThrow(InstrumentNotTradable);
    expect(venue().orderCount()).toBe(0);
    const [here, there] = await Promise.all([
      house.preview({ symbol: instrument.symbol }),
      house.office.current.previews.preview(other, {
        ...{ accountId: paper.id, symbol: 'AAPL.ALPACA', side: 'BUY', quantity: decimal(1) },
      }),
    ]);
    expect(here.refusal).toBeInstanceOf(InstrumentNotTradable);
    expect(there.refusal).toBeInstanceOf(InstrumentNotTradable);
    await expect(
      house.preview({
        orderClass: 'BRACKET',
        takeProfit: { limitPrice: decimal(200) },
        stopLoss: { stopPrice: decimal(100) },
      }),
    ).rejects.toThrow(/not sent to brokers/);
  });

  test('is refused by a kill switch before the venue is looked at, in a preview as well', async () => {
    await open();
    const instrument = await house.floor.addInstrument();
    await house.database.query(
      `INSERT INTO kill_switches (id, scope, owner_id, is_on, is_by_administrator, changed_by, changed_at)
       VALUES (gen_random_uuid(), 'USER', $1, true, false, $1, now())`,
      [house.viewer().userId],
    );
    await expect(place({ symbol: instrument.symbol })).rejects.toThrow(TradingHalted);
    expect((await house.preview({ symbol: instrument.symbol })).refusal).toBeInstanceOf(
      TradingHalted,
    );
    await house.database.query('DELETE FROM kill_switches');
  });

  test('at the market is judged by the price that the broker has now', async () => {
    await open();
    const order = await place({ type: 'MARKET', limitPrice: undefined as never });
    // 10 × 151.10 × 1.05 = 1,586.55 held back.
    expect([order.status, order.reserved.toFixed()]).toEqual(['ACCEPTED', '1586.55']);
    // It may cost more than that: what is there is booked, and nothing is held back any more.
    venue().fill(order.id, '10', '160');
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
  });
});

test('what costs more than was held back takes it from what other orders hold back', async () => {
  await open();
  // 660 × 150 = 99,000 of 100,000 held back, then 900.
  const first = await place({ quantity: decimal(660) });
  const second = await place({ quantity: decimal(6) });
  expect(second.reserved.toFixed()).toBe('900');
  // 660 × 151 = 99,660: 340 is left for the other.
  venue().fill(first.id, '660', '151');
  await until(first, ['FILLED', '660']);
  await vi.waitFor(
    async () => expect((await house.newest(second)).reserved.toFixed()).toBe('340'),
    { timeout: 60_000 },
  );
  await booksAreTheVenues();
});
