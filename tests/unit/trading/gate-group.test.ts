import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { judgeGroup } from '../../../src/services/trading/gate-group.ts';
import { reckon } from '../../../src/services/trading/engine/reckoning.ts';
import type { GateInput } from '../../../src/services/trading/gate.ts';
import type { Instrument } from '../../../src/services/platform/prisma/client.ts';

const of = (text: string) => new Decimal(text);
const QUOTE = { bid: of('99'), ask: of('101') } as NonNullable<GateInput['quote']>;
const INSTRUMENT = { tickSize: of('0.01'), lotSize: of('1') } as Instrument;

const holding = (held: string) => ({
  ...{ held: of(held), buying: of('0'), selling: of('0'), shortReserve: of('0') },
});

const say = (order: Partial<GateInput['order']>, held = '10') => {
  const verdict = judgeGroup({
    account: {} as GateInput['account'],
    instrument: INSTRUMENT,
    quote: QUOTE,
    holding: holding(held),
    risk: {} as GateInput['risk'],
    now: new Date('2026-03-02T15:00:00Z'),
    order: {
      ...{ side: 'BUY', type: 'MARKET', timeInForce: 'GTC', limitPrice: null, stopPrice: null },
      ...{ quantity: of('10'), ...order },
    },
  });
  if (!verdict) return 'nothing';
  if (verdict.isAllowed) return 'allowed';
  const { code, ...numbers } = verdict.refusal;
  return [code, ...Object.values<unknown>(numbers)].join(' ');
};

const legs = (profit: string, loss: string) => ({
  takeProfit: { limitPrice: of(profit) },
  stopLoss: { stopPrice: of(loss), limitPrice: null },
});

describe('the legs of a bracket', () => {
  test.each<[Partial<GateInput['order']>, string]>([
    // A market buy is entered at the ask, 101.
    [legs('101.01', '100.99'), 'nothing'],
    [legs('101', '95'), 'PRICE_ON_WRONG_SIDE takeProfit.limitPrice ABOVE 101 101'],
    [legs('120', '101'), 'PRICE_ON_WRONG_SIDE stopLoss.stopPrice BELOW 101 101'],
    // One with a limit at the limit.
    [{ ...legs('90.01', '89.99'), type: 'LIMIT', limitPrice: of('90') }, 'nothing'],
    // A sale the other way round, at the bid, 99.
    [{ ...legs('98.99', '99.01'), side: 'SELL' }, 'nothing'],
    [
      { ...legs('99', '105'), side: 'SELL' },
      'PRICE_ON_WRONG_SIDE takeProfit.limitPrice BELOW 99 99',
    ],
    [legs('120.005', '95'), 'INVALID_PRICE takeProfit.limitPrice 120.005 0.01'],
    [legs('120', '95.005'), 'INVALID_PRICE stopLoss.stopPrice 95.005 0.01'],
  ])('%j: %s', (order, said) => {
    expect(say({ orderClass: 'BRACKET', ...order })).toBe(said);
  });
});

describe('the legs of OCO', () => {
  test('lie on either side of each other', () => {
    const oco = { orderClass: 'OCO', side: 'SELL', type: 'LIMIT' } as const;
    expect(say({ ...oco, limitPrice: of('120'), ...legs('120', '95') })).toBe('nothing');
    expect(say({ ...oco, limitPrice: of('95'), ...legs('95', '95') })).toBe(
      'PRICE_ON_WRONG_SIDE takeProfit.limitPrice ABOVE 95 95',
    );
  });

  test('close what is there, and no more', () => {
    const oco = { orderClass: 'OCO', type: 'LIMIT' } as const;
    const sale = { ...oco, side: 'SELL', limitPrice: of('120'), ...legs('120', '95') } as const;
    expect(say(sale, '10')).toBe('nothing');
    expect(say(sale, '9')).toBe('INSUFFICIENT_POSITION 10 9 true');
    const purchase = { ...oco, side: 'BUY', limitPrice: of('80'), ...legs('80', '120') } as const;
    expect(say(purchase, '-10')).toBe('nothing');
    expect(say(purchase, '-9')).toBe('INSUFFICIENT_POSITION 10 9 true');
    expect(say(purchase, '5')).toBe('INSUFFICIENT_POSITION 10 0 true');
  });
});

describe('a trailing stop', () => {
  const trailing = { side: 'SELL', type: 'TRAILING_STOP' } as const;
  test.each<[Partial<GateInput['order']>, string]>([
    [{ trailAmount: of('98.99'), stopPrice: of('0.01') }, 'nothing'], // 99 − 98.99
    [{ trailAmount: of('99'), stopPrice: of('0') }, 'PRICE_ON_WRONG_SIDE trailAmount BELOW 99 99'],
    // Behind 99 there is less than a tick of 0.01 from 100 − 1 / 99 = 99.98989…% on.
    [
      { trailPercent: of('99.999999'), stopPrice: of('0') },
      'PRICE_ON_WRONG_SIDE trailPercent BELOW 99.999999 99.989899',
    ],
    [{ trailAmount: of('1.005'), stopPrice: of('97.99') }, 'INVALID_PRICE trailAmount 1.005 0.01'],
  ])('%j: %s', (order, said) => {
    expect(say({ ...trailing, ...order })).toBe(said);
  });
});

describe('what only the market tells', () => {
  const trail = { trailAmount: null, trailPercent: null };
  const order = { type: 'MARKET', stopPrice: null, quantity: null, ...trail } as const;
  const sizes = { tickSize: of('0.01'), lotSize: of('0.5') };
  const quantityOf = (side: 'BUY' | 'SELL', notional: string) =>
    reckon({ ...order, side, notional: of(notional) }, QUOTE, sizes).quantity.toFixed();

  test('is the quantity of a notional, at the far side and rounded down to the lot', () => {
    expect(quantityOf('BUY', '1000')).toBe('9.5'); // 1000 / 101 = 9.90…
    expect(quantityOf('SELL', '1000')).toBe('10'); // 1000 / 99 = 10.10…
    expect(quantityOf('BUY', '50.5')).toBe('0.5');
    expect(quantityOf('BUY', '50.49')).toBe('0');
    const unpriced = reckon({ ...order, side: 'BUY', notional: of('1000') }, undefined, sizes);
    expect(unpriced.quantity.toFixed()).toBe('0');
  });

  test('is where a trailing stop begins', () => {
    const trailing = {
      ...order,
      type: 'TRAILING_STOP',
      quantity: of('1'),
      notional: null,
    } as const;
    const stopOf = (given: object) => {
      const reckoned = reckon({ ...trailing, side: 'SELL', ...given }, QUOTE, sizes);
      return reckoned.stopPrice?.toFixed();
    };
    expect(stopOf({ trailAmount: of('2') })).toBe('97'); // 99 − 2
    expect(stopOf({ side: 'BUY', trailPercent: of('10') })).toBe('111.1'); // 101 × 1.1
    expect(stopOf({ trailAmount: of('2'), stopPrice: of('98') })).toBe('98');
  });
});
