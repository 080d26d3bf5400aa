import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMomentumTrader,
  type MomentumOptions,
} from '../../../src/services/agents/momentum-trader.ts';
import type {
  BriefedMarket,
  BriefedPosition,
  Briefing,
} from '../../../src/services/agents/trader.ts';
import type { Quote } from '../../../src/services/market/quote.ts';
import { Decimal, isMultipleOf } from '../../../src/services/platform/money.ts';
import type { Bar } from '../../../src/services/platform/prisma/client.ts';

const NOW = new Date('2026-01-05T12:00:00Z');
const ID = '01900000-0000-7000-8000-000000000001';

function quote(symbol: string, ageSeconds: number, last: string, ask = last): Quote {
  return {
    instrumentId: ID,
    symbol,
    bid: new Decimal(last),
    ask: new Decimal(ask),
    last: new Decimal(last),
    bidSize: new Decimal(1_000),
    askSize: new Decimal(1_000),
    time: new Date(NOW.getTime() - ageSeconds * 1_000),
    source: 'SIMULATED',
  };
}

function market(
  symbol: string,
  prices: readonly (readonly [ageSeconds: number, last: string])[],
  { ask, lot = '1', ...rest }: Partial<BriefedMarket> & { ask?: string; lot?: string } = {},
): BriefedMarket {
  const recentQuotes = prices.map(([age, last], index) =>
    quote(symbol, age, last, index === prices.length - 1 ? ask : undefined),
  );
  return {
    symbol,
    isTradable: true,
    tickSize: new Decimal('0.01'),
    lotSize: new Decimal(lot),
    feeBps: new Decimal(1),
    quote: recentQuotes.at(-1),
    recentQuotes,
    recentBars: [],
    ...rest,
  };
}

/**
 * Short average (10 s): (103 + 103) / 2 = 103. Long average (60 s): (4 × 100 + 2 × 103) / 6 = 101.
 * (103 / 101 − 1) × 10,000 = +198.02 bps. The 999 is older than 60 s and does not count.
 */
const RISING = [
  [61, '999'],
  [50, '100'],
  [40, '100'],
  [30, '100'],
  [20, '100'],
  [5, '103'],
  [0, '103'],
] as const;
/** Short 97, long (4 × 100 + 2 × 97) / 6 = 99: (97 / 99 − 1) × 10,000 = −202.02 bps. */
const FALLING = RISING.map(([age, last]) => [age, last === '103' ? '97' : last] as const);
const FLAT = RISING.map(([age]) => [age, '100'] as const);

function briefing(changes: {
  markets: readonly BriefedMarket[];
  cash?: string;
  buyingPower?: string;
  positions?: readonly BriefedPosition[];
  limits?: Partial<Briefing['limits']>;
}): Briefing {
  const cash = new Decimal(changes.cash ?? '10000');
  const buyingPower = changes.buyingPower === undefined ? cash : new Decimal(changes.buyingPower);
  return {
    asOf: NOW,
    account: { currency: 'USD', cash, buyingPower },
    positions: changes.positions ?? [],
    markets: changes.markets,
    limits: { ordersMax: 10, positionShareMax: new Decimal(1), ...changes.limits },
  };
}

const held = (symbol: string, quantity: string): BriefedPosition => ({
  symbol,
  quantity: new Decimal(quantity),
  averageCost: new Decimal(100),
});

const decide = (brief: Briefing, options?: Partial<MomentumOptions>) =>
  createMomentumTrader(options).decide(brief, new AbortController().signal);

/** "BUY 1 ACME" of each decision. */
async function actions(brief: Briefing, options?: Partial<MomentumOptions>) {
  const { decisions } = await decide(brief, options);
  return decisions.map(
    ({ action, quantity, symbol }) => `${action} ${quantity.toFixed()} ${symbol}`,
  );
}

describe('the momentum trader buys', () => {
  test('when the short average is above the long one, in whole lots of its share', async () => {
    // 2% of 10,000 = 200; 200 / 103.1 = 1.94, so that one whole share.
    const brief = briefing({ markets: [market('ACME', RISING, { ask: '103.1' })] });
    const { decisions, log, usage } = await decide(brief);
    expect(decisions).toEqual([
      {
        action: 'BUY',
        symbol: 'ACME',
        quantity: new Decimal(1),
        reason:
          'Momentum is up: the short average 103 is +198.0 bps from the long average 101 ' +
          '(quotes of 10 s and 60 s), above +2.0 bps. Buying 1 at about 103.1 for 103.10 USD, ' +
          'up to 2% of an equity of 10000.00.',
      },
    ]);
    expect(log).toEqual([
      { kind: 'ASSISTANT', content: 'Buying 1 ACME. Momentum: ACME +198.0 bps.' },
    ]);
    expect(usage).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: new Decimal(0) });
  });

  test('fractions where the lot allows them', async () => {
    // 200 / 103 = 1.94174…
    const markets = [market('EMBR', RISING, { lot: '0.0001' })];
    expect(await actions(briefing({ markets }))).toEqual(['BUY 1.9417 EMBR']);
  });

  test('for a share of cash and positions together', async () => {
    const markets = [market('ACME', RISING), market('BORE', FLAT)];
    // 5,000 + 250 × 100 = 30,000; 2% = 600; 600 / 103 = 5.8.
    const brief = briefing({ markets, cash: '5000', positions: [held('BORE', '250')] });
    expect(await actions(brief)).toEqual(['BUY 5 ACME']);
    // A limit of 1% of the account makes it 300 / 103 = 2.9.
    const limits = { positionShareMax: new Decimal('0.01') };
    expect(await actions({ ...brief, limits: { ...brief.limits, ...limits } })).toEqual([
      'BUY 2 ACME',
    ]);
  });

  test('no more than its buying power, with what the gate reserves on top', async () => {
    const markets = [market('ACME', RISING)];
    // 109.18 / 1.06 = 103; a cent less is not enough for one at 103.
    expect(await actions(briefing({ markets, buyingPower: '109.18' }))).toEqual(['BUY 1 ACME']);
    expect(await actions(briefing({ markets, buyingPower: '109.17' }))).toEqual([]);
    expect(await actions(briefing({ markets, buyingPower: '-5' }))).toEqual([]);
  });

  test('the strongest first, one a run, and passes over what it cannot afford', async () => {
    const slower = RISING.map(([age, last]) => [age, last === '103' ? '101' : last] as const);
    const markets = [market('SLOW', slower), market('FAST', RISING)];
    expect(await actions(briefing({ markets }))).toEqual(['BUY 1 FAST']);
    expect(await actions(briefing({ markets }), { entriesMax: 2 })).toEqual([
      'BUY 1 FAST',
      'BUY 1 SLOW',
    ]);
    const whole = [market('SLOW', slower), market('FAST', RISING, { lot: '10' })];
    expect(await actions(briefing({ markets: whole }))).toEqual(['BUY 1 SLOW']);
  });

  test('nothing that it holds already, and no more than three positions', async () => {
    const markets = ['A', 'B', 'C', 'D'].map((symbol) => market(symbol, RISING));
    const two = [held('A', '1'), held('B', '1')];
    expect(await actions(briefing({ markets, positions: two }))).toEqual(['BUY 1 C']);
    const three = [...two, held('C', '1')];
    expect(await actions(briefing({ markets, positions: three }))).toEqual([]);
  });
});

describe('the momentum trader sells', () => {
  test('all of it when the momentum turns', async () => {
    const brief = briefing({ markets: [market('ACME', FALLING)], positions: [held('ACME', '7')] });
    const { decisions } = await decide(brief);
    expect(decisions).toEqual([
      {
        action: 'SELL',
        symbol: 'ACME',
        quantity: new Decimal(7),
        reason:
          'Momentum turned: the short average 97 is −202.0 bps from the long average 99 ' +
          '(quotes of 10 s and 60 s), at or below −2.0 bps. Selling all 7 at about 97.',
      },
    ]);
  });

  test('not on a flat market, and never what it does not hold', async () => {
    const flat = briefing({ markets: [market('ACME', FLAT)], positions: [held('ACME', '7')] });
    expect(await actions(flat)).toEqual([]);
    expect(await actions(briefing({ markets: [market('ACME', FALLING)] }))).toEqual([]);
  });

  test('before it buys, within the orders that a run may place', async () => {
    const markets = [market('UP', RISING), market('DOWN', FALLING)];
    const positions = [held('DOWN', '3')];
    // 10,000 + 3 × 97 = 10,291; 2% = 205.82; 205.82 / 103 = 1.998.
    expect(await actions(briefing({ markets, positions }))).toEqual(['SELL 3 DOWN', 'BUY 1 UP']);
    const limits = { ordersMax: 1 };
    expect(await actions(briefing({ markets, positions, limits }))).toEqual(['SELL 3 DOWN']);
  });
});

describe('the momentum trader waits', () => {
  test.each([
    ['without a fresh quote', market('ACME', RISING, { quote: undefined })],
    ['where nothing may be traded', market('ACME', RISING, { isTradable: false })],
    [
      'while quotes reach back 4 s',
      market('ACME', [
        [4, '100'],
        [0, '103'],
      ]),
    ],
    ['without any price', market('ACME', [], { quote: quote('ACME', 0, '100') })],
  ])('%s', async (_what, waiting) => {
    const { decisions, log } = await decide(briefing({ markets: [waiting] }));
    expect(decisions).toEqual([]);
    expect(log[0]?.content).toBe('Waiting: none of 1 markets has enough fresh prices yet.');
  });

  test('and stops when it is told to', async () => {
    const brief = briefing({ markets: [market('ACME', RISING)] });
    const decision = createMomentumTrader().decide(brief, AbortSignal.abort(new Error('too late')));
    await expect(decision).rejects.toThrow('too late');
  });
});

describe('the momentum', () => {
  test('of a short past is taken over shorter windows of the same proportion', async () => {
    // Quotes reach back 12 s: windows of 2 s and 12 s. Short: 102. Long: (100 + 100 + 100 + 102) / 4
    // = 100.5. (102 / 100.5 − 1) × 10,000 = +149.25 bps.
    const prices = [
      [12, '100'],
      [8, '100'],
      [4, '100'],
      [1, '102'],
    ] as const;
    const { decisions } = await decide(briefing({ markets: [market('ACME', prices)] }));
    expect(decisions[0]?.reason).toContain(
      'the short average 102 is +149.3 bps from the long average 100.5 (quotes of 2 s and 12 s)',
    );
  });

  test('comes from closed bars where quotes are too few', async () => {
    const bar = (close: string | null) =>
      ({ close: close === null ? null : new Decimal(close) }) as Bar;
    // Newest first; the unfinished bar has no close. Short: (112 + 109 + 109) / 3 = 110. Long:
    // (330 + 9 × 100) / 12 = 102.5. (110 / 102.5 − 1) × 10,000 = +731.71 bps.
    const closes = [null, '112', '109', '109', ...Array.from({ length: 9 }, () => '100'), '50'];
    const recentBars = closes.map(bar);
    const markets = [market('ACME', [[0, '112']], { recentBars })];
    const { decisions } = await decide(briefing({ markets }));
    expect(decisions[0]?.reason).toContain(
      'the short average 110 is +731.7 bps from the long average 102.5 (closes of 3 and 12 bars)',
    );
    const few = [market('ACME', [[0, '112']], { recentBars: recentBars.slice(0, 12) })];
    expect(await actions(briefing({ markets: few }))).toEqual([]);
  });

  test('makes an order of whole lots within the share, whatever the numbers', async () => {
    const cents = (max: number) =>
      fc.integer({ min: 1, max }).map((n) => new Decimal(n).dividedBy(100));
    const lots = fc.constantFrom('1', '0.1', '0.0001', '100');
    await fc.assert(
      fc.asyncProperty(cents(1e9), cents(1e7), lots, async (cash, ask, lot) => {
        const up = market('ACME', RISING, { ask: ask.toFixed(), lot });
        const { decisions } = await decide(briefing({ markets: [up], cash: cash.toFixed() }));
        for (const { quantity } of decisions) {
          expect(quantity.greaterThan(0)).toBe(true);
          expect(isMultipleOf(quantity, new Decimal(lot))).toBe(true);
          expect(quantity.times(ask).lessThanOrEqualTo(cash.times('0.02'))).toBe(true);
        }
      }),
    );
  });
});
