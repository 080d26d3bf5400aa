import { describe, expect, test } from 'vitest';
import { decimal } from '../../../support/trading-floor.ts';
import { openExchangeHouse } from './broker-house.ts';
import { describeLostAnswers } from './lost-answers.ts';

const house = await openExchangeHouse();
const { open, place, cancel, until, venue, binance, statesOf, agree } = house;

describe('an order at an exchange', () => {
  test('is sent once, filled by what is asked for, and in the books as it is there', async () => {
    await open();
    const order = await place();
    expect([order.status, order.reserved.toFixed()]).toEqual(['ACCEPTED', '1500']); // 10 × 150
    expect(venue().order(order.id)).toEqual({ quantity: '10', filled: '0', isOpen: true });
    venue().fill(order.id, '4', '149.5');
    await until(order, ['PARTIALLY_FILLED', '4']);
    venue().fill(order.id, '6', '150');
    await until(order, ['FILLED', '10']);
    // 100,000 − 4 × 149.5 − 6 × 150 = 98,502
    expect(venue().cash()).toBe('98502');
    const sold = await place({ side: 'SELL', quantity: decimal(3), limitPrice: decimal(152) });
    venue().fill(sold.id, '3', '152');
    await until(sold, ['FILLED', '3']);
    await agree();
  });

  test('that is canceled in part keeps what was filled', async () => {
    await open();
    const order = await place();
    venue().fill(order.id, '4', '149.5');
    await cancel(order);
    await until(order, ['CANCELED', '4']);
    expect(venue().order(order.id)?.isOpen).toBe(false);
    await agree();
  });

  test('that the exchange refuses is REJECTED, and holds nothing back', async () => {
    await open();
    const state = binance().state;
    // Somebody spends nearly all of it at the same moment, past us.
    const { cash } = state;
    state.cash = decimal(100);
    const order = await place();
    expect(order).toMatchObject({ status: 'REJECTED', reasonCode: 'InsufficientFunds' });
    expect(order.reserved.toFixed()).toBe('0');
    state.cash = cash;
    await agree();
  });
});

describeLostAnswers(house, agree);

describe('an exchange', () => {
  test('that lists each trade three times, and the last first, is booked once', async () => {
    await open();
    Object.assign(binance().state, { repeats: 3, isBackwards: true });
    const order = await place();
    venue().fill(order.id, '1', '149');
    venue().fill(order.id, '3', '149.5');
    await until(order, ['PARTIALLY_FILLED', '4']);
    venue().fill(order.id, '2', '149.75');
    venue().fill(order.id, '4', '150');
    await until(order, ['FILLED', '10']);
    const states = await statesOf(order);
    expect(states.filter((state) => state === 'FILLED')).toHaveLength(1);
    // Sent, taken, and four fills: nothing more.
    expect(states).toHaveLength(3 + 4);
    await agree();
  });

  test.each(['CUT', 'BUSY', 'BROKEN'] as const)(
    'that is %s in the middle of a fill is caught up with',
    async (trouble) => {
      await open();
      const { state } = binance();
      const order = await place();
      venue().fill(order.id, '1', '149');
      await until(order, ['PARTIALLY_FILLED', '1']);
      state.trouble = trouble;
      venue().fill(order.id, '2', '149.5');
      const other = await place({ quantity: decimal(2) });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect((await house.newest(order)).filledQuantity.toFixed()).toBe('1');
      expect(venue().orderCount()).toBe(1);
      venue().fill(order.id, '7', '150');
      state.trouble = undefined;
      await until(order, ['FILLED', '10']);
      // What could not be sent is not there, and nothing is held back for it.
      expect((await house.newest(other)).status).toMatch(/^(UNKNOWN|REJECTED|DENIED|SUBMITTED)$/);
      house.logged.splice(0);
      await agree();
    },
  );

  test('where two follow one account books each fill once', async () => {
    await open();
    await house.database.query('UPDATE broker_connections SET followed_until = NULL');
    const other = house.openOffice();
    await other.desk.start();
    const order = await place();
    for (let piece = 0; piece < 10; piece += 1) venue().fill(order.id, '1', '149.5');
    await until(order, ['FILLED', '10']);
    await other.desk.stop();
    await agree();
  });
});
