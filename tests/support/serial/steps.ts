import fc from 'fast-check';
import type { Side } from '../plain-book.ts';

/** What a client does next. Numbers choose among what is there when it does it. */
export type Step =
  | {
      readonly kind: 'quote';
      readonly instrument: number;
      /** Of the ask, in cents. */
      readonly ask: number;
      readonly sizes: readonly [number, number];
    }
  | {
      readonly kind: 'place';
      readonly account: number;
      readonly instrument: number;
      readonly way: Way;
      readonly side: Side;
      readonly quantity: number;
      /** How far from the newest price, in cents. */
      readonly apart: number;
      readonly timeInForce: 'GTC' | 'IOC' | 'FOK';
    }
  | { readonly kind: 'cancel'; readonly account: number; readonly which: number }
  | {
      readonly kind: 'replace';
      readonly account: number;
      readonly which: number;
      readonly quantity: number | null;
      readonly apart: number;
    }
  | { readonly kind: 'deposit' | 'withdraw'; readonly account: number; readonly cents: number }
  | {
      readonly kind: 'split';
      readonly instrument: number;
      readonly ratio: readonly [number, number];
    }
  | { readonly kind: 'dividend'; readonly instrument: number; readonly cents: number }
  | { readonly kind: 'cancelAll' | 'reset' | 'halt'; readonly account: number };

const WAYS = [
  ...(['MARKET', 'NOTIONAL', 'LIMIT', 'STOP', 'STOP_LIMIT', 'TRAILING_STOP'] as const),
  ...(['BRACKET', 'OTO', 'OCO'] as const),
];
export type Way = (typeof WAYS)[number];

const account = fc.nat(2);
const instrument = fc.nat(1);
const which = fc.nat(20);
const apart = fc.integer({ min: -300, max: 300 });

const place: fc.Arbitrary<Step> = fc.record({
  ...{ kind: fc.constant('place' as const), account, instrument, apart },
  way: fc.constantFrom<Way>('MARKET', 'MARKET', 'LIMIT', 'LIMIT', 'BRACKET', ...WAYS),
  side: fc.constantFrom<Side>('BUY', 'BUY', 'SELL', 'SELL'),
  quantity: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.integer({ min: 40, max: 200 }) },
  ),
  timeInForce: fc.constantFrom('GTC' as const, 'GTC' as const, 'IOC' as const, 'FOK' as const),
});
const quote: fc.Arbitrary<Step> = fc.record({
  ...{ kind: fc.constant('quote' as const), instrument },
  ask: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 9_700, max: 10_300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 7_000, max: 14_000 }) },
  ),
  sizes: fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })),
});
const byHand: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('deposit' as const, 'withdraw' as const),
  ...{ account, cents: fc.integer({ min: 1, max: 500_000 }) },
});
const RATIOS = [
  [1, 2],
  [1, 3],
  [2, 3],
  [2, 1],
  [4, 1],
] as const;

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: place },
  { weight: 8, arbitrary: quote },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cancel' as const), account, which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant('replace' as const), account, which, apart },
      quantity: fc.option(fc.integer({ min: 1, max: 40 })),
    }),
  },
  { weight: 2, arbitrary: byHand },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant('split' as const), instrument },
      ratio: fc.constantFrom(...RATIOS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant('dividend' as const), instrument },
      cents: fc.integer({ min: 1, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('cancelAll' as const, 'reset' as const, 'halt' as const),
      account,
    }),
  },
);
