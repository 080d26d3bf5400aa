import { expect, test, vi } from 'vitest';
import { decimal } from '../../../support/trading-floor.ts';
import { openExchangeHouse } from './broker-house.ts';

const house = await openExchangeHouse();
const { open, place, until, venue, binance, agree } = house;

const tradesOf = () =>
  house.database.query(
    `SELECT side, source, trim_scale(quantity)::text AS quantity, trim_scale(fee)::text AS fee,
       trim_scale(cash_amount)::text AS cash, order_id IS NOT NULL AS is_of_order
     FROM trades WHERE account_id = $1 ORDER BY executed_at, id`,
    [house.accountId()],
  );

test('a fee that is taken of the coin leaves the position that the exchange has', async () => {
  await open();
  // A tenth of a percent of 10, as Binance takes it of each purchase by default.
  binance().state.commission = { amount: '0.01', asset: 'BTC' };
  const order = await place();
  venue().fill(order.id, '10', '150');
  await until(order, ['FILLED', '10']);
  expect(venue().position('')).toBe('9.99');
  await agree();
  // 0.01 × 150 = 1.5 pays the fee of 1.5: cash is 100,000 − 1,500 all the same.
  expect(venue().cash()).toBe('98500');
  expect(await tradesOf()).toEqual([
    { side: 'BUY', source: 'BROKER', quantity: '10', fee: '0', cash: '-1500', is_of_order: true },
    {
      ...{ side: 'SELL', source: 'CORRECTION', quantity: '0.01', fee: '1.5', cash: '1.5' },
      is_of_order: false,
    },
  ]);
  // All that is there can be sold, and closes the position; that fee is in money.
  binance().state.commission = { amount: '1.4985', asset: 'USDT' };
  const sold = await place({
    ...{ side: 'SELL', quantity: decimal('9.99'), limitPrice: decimal(150) },
  });
  venue().fill(sold.id, '9.99', '150');
  await until(sold, ['FILLED', '9.99']);
  await agree();
});

test('it is taken once, however often the trade is listed, and of trades by hand as well', async () => {
  await open();
  Object.assign(binance().state, { repeats: 3, commission: { amount: '0.001', asset: 'BTC' } });
  const order = await place();
  for (const price of ['149', '149.5', '150']) venue().fill(order.id, '1', price);
  await until(order, ['PARTIALLY_FILLED', '3']);
  venue().buyByHand('1', '150');
  await agree();
  expect(venue().position('')).toBe('3.996'); // 4 − 4 × 0.001
});

test('a fee in the exchange’s own coin is paid with it, and cash is as it is there', async () => {
  binance().state.coin = decimal('2');
  await open();
  binance().state.commission = { amount: '0.0025', asset: 'BNB' };
  const order = await place();
  venue().fill(order.id, '10', '150');
  await until(order, ['FILLED', '10']);
  await agree();
  expect(venue().cash()).toBe('98500');
  // 0.0025 × 600 = 1.5 pays the fee of 1.5.
  expect(await tradesOf()).toMatchObject([
    { source: 'CORRECTION', side: 'BUY', quantity: '2', cash: '-1200' },
    { source: 'BROKER', quantity: '10', fee: '0', cash: '-1500', is_of_order: true },
    { side: 'SELL', source: 'CORRECTION', quantity: '0.0025', fee: '1.5', cash: '1.5' },
  ]);
});

test('a fee in more of that coin than the books hold is charged to cash, and flagged', async () => {
  binance().state.coin = decimal('0.001');
  await open();
  // Somebody has bought some of it for that, past us.
  binance().state.coin = decimal('1');
  binance().state.commission = { amount: '0.0025', asset: 'BNB' };
  const order = await place();
  venue().fill(order.id, '10', '150');
  await until(order, ['FILLED', '10']);
  const [, bought] = await tradesOf();
  expect(bought).toMatchObject({ source: 'BROKER', quantity: '10', fee: '1.5' });
  // Another office takes over, and compares.
  await house.office.current.desk.stop();
  await house.openOffice().desk.start();
  await vi.waitFor(
    async () =>
      expect(await house.openDiscrepancies()).toMatchObject([
        { kind: 'CASH', subject: 'USDT' },
        { kind: 'POSITION', subject: 'BNB/USDT', ours: '0.001', theirs: '0.9975' },
      ]),
    house.PATIENCE,
  );
});
