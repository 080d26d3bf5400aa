import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { judge, type GateInput } from '../../../src/services/trading/gate.ts';
import { NO_LIMITS } from '../../../src/services/trading/risk/limits.ts';

const NOW = new Date('2026-03-02T15:00:00Z');
const decimal = (text: string) => new Decimal(text);

type Given = Partial<GateInput> & Partial<GateInput['order']>;

const input = ({ account, instrument, quote, holding, risk, ...order }: Given = {}): GateInput => ({
  ...usual,
  ...(account && { account }),
  ...(instrument && { instrument }),
  ...(quote && { quote }),
  ...(holding && { holding }),
  ...(risk && { risk }),
  order: { ...usual.order, ...order },
});
const usual: GateInput = {
  account: {
    id: 'account',
    ownerId: 'owner',
    modelId: null,
    name: 'Paper',
    kind: 'PAPER',
    status: 'ACTIVE',
    currency: 'USD',
    zone: 'America/Chicago',
    startingCash: decimal('10000'),
    cash: decimal('10000'),
    reserved: decimal('3000'),
    allowsShort: false,
    slippageModel: 'NONE',
    slippageBps: decimal('0'),
    feeModel: 'INSTRUMENT',
    liquidityModel: 'QUOTED_SIZE',
    latencyMs: 0,
    createdAt: NOW,
  },
  instrument: {
    id: 'instrument',
    symbol: 'ACME.SIM',
    name: 'Acme',
    assetClass: 'STOCK',
    currency: 'USD',
    zone: 'America/New_York',
    tickSize: decimal('0.01'),
    lotSize: decimal('0.1'),
    isTradable: true,
    source: 'SIMULATED',
    feeBps: decimal('0'),
    feePerUnit: decimal('0'),
    feeMinimum: decimal('0'),
    calendar: 'ALWAYS',
    createdAt: NOW,
  },
  order: {
    ...{ side: 'BUY', type: 'MARKET', timeInForce: 'GTC', limitPrice: null, stopPrice: null },
    quantity: decimal('10'),
  },
  quote: {
    instrumentId: 'instrument',
    symbol: 'ACME.SIM',
    bid: decimal('99'),
    ask: decimal('100'),
    last: decimal('100'),
    bidSize: decimal('1'),
    askSize: decimal('1'),
    time: NOW,
    source: 'SIMULATED',
  },
  now: NOW,
  holding: {
    ...{ held: decimal('8'), selling: decimal('3') },
    ...{ buying: decimal('0'), shortReserve: decimal('0') },
  },
  risk: {
    ...{ limits: NO_LIMITS, halt: null },
    standing: { equity: null, dailyLoss: null, rate: null },
  },
};
const { account, instrument } = input();
const refusal = (code: string, numbers: object) => ({
  isAllowed: false,
  refusal: { code, ...numbers },
});

describe('the gate', () => {
  test('refuses 8,000 when 3,000 of 10,000 are held back, and allows all of the rest', () => {
    expect(judge(input({ quantity: decimal('76.2') }))).toEqual(
      refusal('INSUFFICIENT_FUNDS', { required: '8001', available: '7000' }), // 7,620 × 1.05
    );
    const allowed = judge(input({ quantity: decimal('66.6') }));
    expect(allowed).toEqual({ isAllowed: true, reserve: decimal('6993') }); // 6,660 × 1.05
  });

  test('allows an order to the last cent', () => {
    const exact = { ...account, cash: decimal('1050'), reserved: decimal('0') };
    expect(judge(input({ account: exact }))).toMatchObject({ isAllowed: true });
    const short = { ...account, cash: decimal('1049.99'), reserved: decimal('0') };
    expect(judge(input({ account: short }))).toEqual(
      refusal('INSUFFICIENT_FUNDS', { required: '1050', available: '1049.99' }),
    );
  });

  test('counts the fee', () => {
    const feeBps = decimal('10'); // 0.1% of 1,050 = 1.05
    const verdict = judge(input({ instrument: { ...instrument, feeBps } }));
    expect(verdict).toEqual({ isAllowed: true, reserve: decimal('1051.05') });
  });

  test('lets sell what is sellable and holds no cash back for it', () => {
    expect(judge(input({ side: 'SELL', quantity: decimal('5') }))).toEqual({
      isAllowed: true,
      reserve: decimal('0'),
    });
    expect(judge(input({ side: 'SELL', quantity: decimal('5.1') }))).toEqual(
      refusal('INSUFFICIENT_POSITION', { required: '5.1', available: '5' }),
    );
  });

  test('lets what closes go for less than its fee only where the rest of the fee is free', () => {
    const dear = { ...instrument, feeMinimum: decimal('500') };
    const sale = (free: string) =>
      judge(
        input({
          ...{ side: 'SELL', quantity: decimal('5'), instrument: dear },
          account: { ...account, cash: decimal(free), reserved: decimal('0') },
        }),
      );
    // 500 − 5 × 99 = 5.
    expect(sale('5')).toEqual({ isAllowed: true, reserve: decimal('0') });
    expect(sale('4.99')).toEqual(
      refusal('INSUFFICIENT_FUNDS', { required: '5', available: '4.99' }),
    );
  });

  test.each([
    ['ACCOUNT_NOT_ACTIVE', { account: { ...account, status: 'CLOSED' as const } }],
    ['INSTRUMENT_NOT_TRADABLE', { instrument: { ...instrument, isTradable: false } }],
    ['CURRENCY_MISMATCH', { instrument: { ...instrument, currency: 'EUR' } }],
    ['INVALID_QUANTITY', { quantity: decimal('0.05') }],
    ['INVALID_QUANTITY', { quantity: decimal('0') }],
  ])('gives its verdict as %s', (code, given: Given) => {
    expect(judge(input(given))).toMatchObject({ isAllowed: false, refusal: { code } });
  });
});

describe('an order with a price', () => {
  const limit = (price: string, given: Given = {}) =>
    judge(input({ type: 'LIMIT', limitPrice: decimal(price), quantity: decimal('10'), ...given }));
  const unquoted = (given: Given) => judge({ ...input(given), quote: undefined });

  test('holds back its limit, without a buffer', () => {
    expect(limit('90.5')).toEqual({ isAllowed: true, reserve: decimal('905') });
    const stopLimit = { type: 'STOP_LIMIT', stopPrice: decimal('110') } as const;
    expect(limit('111', stopLimit)).toEqual({ isAllowed: true, reserve: decimal('1110') });
  });

  test('holds back 105% of its stop, or of the ask where that is higher', () => {
    const stop = (price: string) => judge(input({ type: 'STOP', stopPrice: decimal(price) }));
    expect(stop('110')).toEqual({ isAllowed: true, reserve: decimal('1155') }); // 10 × 110 × 1.05
    expect(stop('90')).toEqual({ isAllowed: true, reserve: decimal('1050') }); // 10 × 100 × 1.05
  });

  test('is on the tick', () => {
    expect(limit('90.505')).toEqual(
      refusal('INVALID_PRICE', { field: 'limitPrice', price: '90.505', tickSize: '0.01' }),
    );
    expect(judge(input({ type: 'STOP', stopPrice: decimal('110.001') }))).toEqual(
      refusal('INVALID_PRICE', { field: 'stopPrice', price: '110.001', tickSize: '0.01' }),
    );
  });

  test('is refused more than 20% worse than the market, and never for being better', () => {
    expect(limit('120')).toMatchObject({ isAllowed: true }); // 100 × 1.2
    expect(limit('120.01')).toEqual(
      refusal('PRICE_OUT_OF_RANGE', { price: '120.01', worst: '120' }),
    );
    expect(limit('0.01')).toMatchObject({ isAllowed: true });
    const sale = { side: 'SELL', quantity: decimal('1') } as const;
    expect(limit('79.2', sale)).toMatchObject({ isAllowed: true }); // 99 × 0.8
    expect(limit('79.19', sale)).toEqual(
      refusal('PRICE_OUT_OF_RANGE', { price: '79.19', worst: '79.2' }),
    );
    expect(limit('9999', sale)).toMatchObject({ isAllowed: true });
  });

  test('is measured by its own stop, where it has one', () => {
    const stopped = { type: 'STOP_LIMIT', stopPrice: decimal('50') } as const;
    expect(limit('60', stopped)).toMatchObject({ isAllowed: true }); // 50 × 1.2
    expect(limit('60.01', stopped)).toMatchObject({ refusal: { code: 'PRICE_OUT_OF_RANGE' } });
  });

  test('needs no quote to wait, but one to fill at once', () => {
    const waiting = { type: 'LIMIT', limitPrice: decimal('500') } as const;
    expect(unquoted(waiting)).toEqual({ isAllowed: true, reserve: decimal('5000') });
    const missing = refusal('NO_QUOTE', { symbol: 'ACME.SIM' });
    expect(unquoted({ ...waiting, timeInForce: 'IOC' })).toEqual(missing);
    expect(unquoted({ ...waiting, timeInForce: 'FOK' })).toEqual(missing);
    expect(unquoted({})).toEqual(missing);
    expect(unquoted({ side: 'SELL', quantity: decimal('1') })).toEqual(missing);
  });
});
