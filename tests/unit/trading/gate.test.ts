import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { judge, type GateInput } from '../../../src/services/trading/gate.ts';

const NOW = new Date('2026-03-02T15:00:00Z');
const decimal = (text: string) => new Decimal(text);

const input = (given: Partial<GateInput> = {}): GateInput => ({
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
    createdAt: NOW,
  },
  side: 'BUY',
  quantity: decimal('10'),
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
  sellable: decimal('5'),
  ...given,
});
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

  test.each([
    ['ACCOUNT_NOT_ACTIVE', { account: { ...account, status: 'CLOSED' as const } }],
    ['INSTRUMENT_NOT_TRADABLE', { instrument: { ...instrument, isTradable: false } }],
    ['CURRENCY_MISMATCH', { instrument: { ...instrument, currency: 'EUR' } }],
    ['INVALID_QUANTITY', { quantity: decimal('0.05') }],
    ['INVALID_QUANTITY', { quantity: decimal('0') }],
    ['NO_QUOTE', { quote: undefined }],
  ])('gives its verdict as %s', (code, given) => {
    expect(judge(input(given))).toMatchObject({ isAllowed: false, refusal: { code } });
  });
});
