import { describe, expect, test } from 'vitest';
import {
  createOrderPreviews,
  type OrderPreview,
} from '../../../src/services/trading/order-preview.ts';
import type { PlaceOrder } from '../../../src/services/trading/placement.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const { database, time, floor, owner, exchange, account, acme, quote } = await openOrderHouse();

describe('a preview', () => {
  const previews = createOrderPreviews({ ...exchange, db: database.server, clock: time.clock });
  const preview = (given: Partial<PlaceOrder> = {}, viewer = owner) =>
    previews.preview(viewer, {
      ...{ accountId: account().id, symbol: acme().symbol, side: 'BUY', quantity: decimal(10) },
      ...given,
    });
  const numbersOf = ({ price, notional, fee, reserve, buyingPowerAfter }: OrderPreview) =>
    [price, notional, fee, reserve, buyingPowerAfter].map((number) => number?.toFixed());

  test('says what an order would cost and leave, and stores nothing', async () => {
    const dear = await floor.addInstrument({ feeBps: decimal(10) });
    exchange.quote(dear);
    const symbol = dear.symbol;
    const market = await preview({ symbol });
    // 10 × 101 = 1,010, fee 1.01; held back 1,060.50 + 1.06
    expect(numbersOf(market)).toEqual(['101', '1010', '1.01', '1061.56', '8938.44']);
    expect(market.refusal).toBeNull();
    const limited = await preview({ symbol, type: 'LIMIT', limitPrice: decimal(90) });
    expect(numbersOf(limited)).toEqual(['90', '900', '0.9', '900.9', '9099.1']);
    const where = { accountId: account().id };
    expect(await exchange.orders.count(owner, where)).toBe(0);
  });

  test('reckons with the slippage and the fees of the account', async () => {
    quote();
    const choose = (models: string) =>
      database.query(`UPDATE accounts SET ${models} WHERE id = $1`, [account().id]);
    await choose(`slippage_model = 'FIXED_BPS', slippage_bps = 5`);
    // 101 × 1.0005 = 101.0505 → 101.06; what is held back has the slippage in its 5%.
    const slipped = await preview();
    expect(numbersOf(slipped)).toEqual(['101.06', '1010.6', '0', '1060.5', '8939.5']);
    expect(slipped.slippage?.toFixed()).toBe('0.06');
    const limited = await preview({ type: 'LIMIT', limitPrice: decimal(101) });
    expect(limited.slippage?.toFixed()).toBe('0');
    const dear = await floor.addInstrument({ feeMinimum: decimal(2) });
    exchange.quote(dear);
    expect((await preview({ symbol: dear.symbol })).fee?.toFixed()).toBe('2');
    await choose(`fee_model = 'NONE'`);
    expect((await preview({ symbol: dear.symbol })).fee?.toFixed()).toBe('0');
  });

  test('says what stands against it, as placing it would', async () => {
    quote();
    const refused = await preview({ quantity: decimal(1_000) });
    expect(refused.refusal).toMatchObject({ code: 'INSUFFICIENT_FUNDS', orderId: null });
    expect(numbersOf(refused)).toEqual(['101', '101000', '0', '0', '10000']);
    expect((await preview({ side: 'SELL' })).refusal?.code).toBe('INSUFFICIENT_POSITION');
  });

  test("is not for another's account, nor for an instrument that is not there", async () => {
    const stranger = await floor.addPerson();
    await expect(preview({}, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(preview({ symbol: 'NONE.SIM' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
