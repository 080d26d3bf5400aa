import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import type { Account, Order, Position } from '../../../src/services/platform/prisma/client.ts';
import { shortReserveOf } from '../../../src/services/portfolio/short-reserve.ts';
import { reserveLeftBy } from '../../../src/services/trading/fill-funds.ts';
import { judge, type GateInput } from '../../../src/services/trading/gate.ts';
import { NO_LIMITS } from '../../../src/services/trading/risk/limits.ts';

const of = (text: string | number) => new Decimal(text);

const ACCOUNT = {
  ...{
    status: 'ACTIVE',
    kind: 'PAPER',
    currency: 'USD',
    feeModel: 'INSTRUMENT',
    allowsShort: true,
  },
  ...{ cash: of(1000), reserved: of(0) },
} as Account;
const INSTRUMENT = {
  ...{ symbol: 'ACME', currency: 'USD', isTradable: true, calendar: 'ALWAYS', zone: 'UTC' },
  ...{ tickSize: of('0.01'), lotSize: of(1) },
  ...{ feeBps: of(0), feePerUnit: of(0), feeMinimum: of(0) },
} as GateInput['instrument'];

interface Wanted {
  readonly side: 'BUY' | 'SELL';
  readonly quantity: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
}

interface Given {
  readonly account?: Partial<Account>;
  readonly feeBps?: number;
  readonly holding?: Partial<Record<keyof GateInput['holding'], number>>;
}

/** What the gate says at 99 bid and 100 asked, with 1,000 of cash. */
function say({ side, quantity, limitPrice, stopPrice }: Wanted, given: Given = {}): string {
  const { held = 0, buying = 0, selling = 0, shortReserve = 0 } = given.holding ?? {};
  const verdict = judge({
    account: { ...ACCOUNT, ...given.account },
    instrument: { ...INSTRUMENT, feeBps: of(given.feeBps ?? 0) },
    order: {
      ...{ side, quantity: of(quantity), timeInForce: 'GTC' },
      type: limitPrice === undefined ? (stopPrice === undefined ? 'MARKET' : 'STOP') : 'LIMIT',
      limitPrice: limitPrice === undefined ? null : of(limitPrice),
      stopPrice: stopPrice === undefined ? null : of(stopPrice),
    },
    quote: { bid: of(99), ask: of(100), time: new Date(0) } as GateInput['quote'],
    now: new Date(0),
    holding: {
      ...{ held: of(held), buying: of(buying), selling: of(selling) },
      shortReserve: of(shortReserve),
    },
    risk: {
      ...{ limits: NO_LIMITS, halt: null },
      standing: { equity: null, dailyLoss: null, rate: null },
    },
  });
  if (verdict.isAllowed) return `holds ${verdict.reserve.toFixed()}`;
  const { code, ...numbers } = verdict.refusal;
  return [code, ...Object.values<unknown>(numbers).map(String)].join(' ');
}

describe('a sale beyond what is held', () => {
  test.each<[string, Wanted, Given, string]>([
    ['holds its full notional at the bid', { side: 'SELL', quantity: 5 }, {}, 'holds 495'],
    [
      'holds it at its limit where that is higher',
      { side: 'SELL', quantity: 5, limitPrice: 110 },
      {},
      'holds 550',
    ],
    [
      'holds it at the bid where the limit is lower, since it fills there',
      { side: 'SELL', quantity: 5, limitPrice: 90 },
      {},
      'holds 495',
    ],
    ['holds it at its stop', { side: 'SELL', quantity: 5, stopPrice: 90 }, {}, 'holds 450'],
    // 495 and 10 bps of it, 0.495 → 0.50 (half-even: 9 is odd).
    ['holds its fee as well', { side: 'SELL', quantity: 5 }, { feeBps: 10 }, 'holds 495.5'],
    [
      'holds nothing for what it closes: 8 of 10 are held and not sold yet',
      { side: 'SELL', quantity: 10 },
      { holding: { held: 10, selling: 2 } },
      'holds 198',
    ],
    [
      'of what is short already holds all of it',
      { side: 'SELL', quantity: 1 },
      { holding: { held: -3, shortReserve: 594 } },
      'holds 99',
    ],
    // 11 × 99 = 1,089 of 1,000.
    [
      'needs that much buying power',
      { side: 'SELL', quantity: 11 },
      {},
      'INSUFFICIENT_FUNDS 1089 1000',
    ],
    [
      'is refused where the account sells nothing short',
      { side: 'SELL', quantity: 6 },
      { account: { allowsShort: false }, holding: { held: 5, selling: 1 } },
      'INSUFFICIENT_POSITION 6 4',
    ],
  ])('%s', (_what, wanted, given, said) => {
    expect(say(wanted, given)).toBe(said);
  });
});

describe('buying a short back', () => {
  // 5 were sold at 100: 500 came in, and 2 × 500 are held back of 1,500.
  const short = { held: -5, shortReserve: 1000 };
  const account = { cash: of(1500), reserved: of(1000) };
  test.each<[string, Wanted, Given, string]>([
    [
      'is paid by what the short holds back',
      { side: 'BUY', quantity: 5 },
      { holding: short, account },
      'holds 0',
    ],
    [
      'is allowed with no buying power left',
      { side: 'BUY', quantity: 5 },
      { holding: short, account: { cash: of(1000), reserved: of(1000) } },
      'holds 0',
    ],
    // 3 × 100 × 1.05 beyond the short.
    [
      'holds back what it buys beyond the short',
      { side: 'BUY', quantity: 8 },
      { holding: short, account },
      'holds 315',
    ],
    // 4 are bought back by open orders: 1 of these 2 is not.
    [
      'counts on what no open order buys back already',
      { side: 'BUY', quantity: 2 },
      { holding: { ...short, buying: 4 }, account },
      'holds 105',
    ],
    // 5 sold at 40: 400 are held, and 5 × 100 × 1.05 = 525 are needed: 125 more.
    [
      'after the price has more than doubled holds back what is missing',
      { side: 'BUY', quantity: 5 },
      { holding: { held: -5, shortReserve: 400 }, account },
      'holds 125',
    ],
    [
      'after the price has more than doubled takes buying power',
      { side: 'BUY', quantity: 5 },
      {
        holding: { held: -5, shortReserve: 400 },
        account: { cash: of(500), reserved: of(400) },
      },
      'INSUFFICIENT_FUNDS 125 100',
    ],
  ])('%s', (_what, wanted, given, said) => {
    expect(say(wanted, given)).toBe(said);
  });
});

test('a short holds back twice what it brought in, and nothing else does', () => {
  const held = (quantity: number, totalCost: number) =>
    shortReserveOf({ quantity: of(quantity), totalCost: of(totalCost) }).toFixed();
  expect(held(-5, -60)).toBe('120');
  expect(held(5, 60)).toBe('0');
  expect(held(0, 0)).toBe('0');
  expect(shortReserveOf(undefined).toFixed()).toBe('0');
});

/** What an order holds back after a fill of it, or why it is ended. */
function after(
  order: { side: 'BUY' | 'SELL'; quantity: number; filled?: number; reserved?: number },
  fill: { quantity: number; price: number; fee?: number },
  given: { account?: Partial<Account>; held?: number; cost?: number } = {},
): string {
  const { side, quantity, filled = 0, reserved = 0 } = order;
  const { held = 0, cost = 0 } = given;
  const left = reserveLeftBy({
    account: { ...ACCOUNT, ...given.account },
    order: {
      ...{ id: 'order', side, quantity: of(quantity), filledQuantity: of(filled) },
      reserved: of(reserved),
    } as Order,
    position:
      held === 0
        ? undefined
        : ({ quantity: of(held), totalCost: of(cost), realizedPnl: of(0) } as Position),
    ...{ quantity: of(fill.quantity), price: of(fill.price), fee: of(fill.fee ?? 0) },
  });
  return left instanceof Decimal ? `holds ${left.toFixed()}` : `${left.code} ${left.message}`;
}

describe('a fill', () => {
  test('of a short sale takes what it held back, and no more buying power', () => {
    // 10 at 99: the sale held 990 of 1,000. It brings in 990 and holds 1,980: 1,990 − 1,980 = 10 are free.
    const account = { cash: of(1000), reserved: of(990) };
    const order = { side: 'SELL', quantity: 10, reserved: 990 } as const;
    expect(after(order, { quantity: 10, price: 99 }, { account })).toBe('holds 0');
    // 4 of 10: 6/10 of 990.
    expect(after(order, { quantity: 4, price: 99 }, { account })).toBe('holds 594');
  });

  test('of a short sale at a better price takes the rest from what is free, and ends without', () => {
    const account = { cash: of(1000), reserved: of(990) };
    const order = { side: 'SELL', quantity: 10, reserved: 990 } as const;
    // At 100 it holds 2,000 and brings in 1,000: 1,000 of the 10 + 990 that are there.
    expect(after(order, { quantity: 10, price: 100 }, { account })).toBe('holds 0');
    expect(after(order, { quantity: 10, price: 100.01 }, { account })).toBe(
      'INSUFFICIENT_FUNDS Order needs 1000.1; 1000 is free.',
    );
  });

  test('of a sale that crosses zero closes before it opens: what it opens stays held', () => {
    // 20 of which 15 are held: 5 × 12 = 60. After 10 the 5 are still to be opened, after 16 there are 4.
    const order = { side: 'SELL', quantity: 20, reserved: 60 } as const;
    const held = { held: 15, cost: 225 };
    expect(after(order, { quantity: 10, price: 12 }, held)).toBe('holds 60');
    expect(after(order, { quantity: 16, price: 12 }, held)).toBe('holds 48');
    expect(after(order, { quantity: 20, price: 12 }, held)).toBe('holds 0');
  });

  test('of a sale that closes never takes cash below zero, however little it brings in', () => {
    const order = { side: 'SELL', quantity: 1 } as const;
    const sale = (cash: number) =>
      after(
        order,
        { quantity: 1, price: 0.99, fee: 5 },
        { account: { cash: of(cash), reserved: of(0) }, held: 8, cost: 8 },
      );
    // 5 − 0.99 = 4.01.
    expect(sale(4.01)).toBe('holds 0');
    expect(sale(4)).toBe('INSUFFICIENT_FUNDS Order needs 4.01; 4 is free.');
  });

  test('of a sale ends its order where the account sells nothing short any more', () => {
    const account = { allowsShort: false };
    const order = { side: 'SELL', quantity: 10 } as const;
    expect(after(order, { quantity: 10, price: 1 }, { account, held: 9, cost: 9 })).toBe(
      'INSUFFICIENT_POSITION Order sells 10; 9 can be sold.',
    );
    expect(after(order, { quantity: 9, price: 1 }, { account, held: 9, cost: 9 })).toBe('holds 0');
  });

  test('that buys a short back is paid by what the short holds back', () => {
    // 5 sold at 100: 2 × 500 are held. At 200 each, 1,000 are paid and 1,000 come free.
    const account = { cash: of(1000), reserved: of(1000) };
    const order = { side: 'BUY', quantity: 5 } as const;
    const short = { account, held: -5, cost: -500 };
    expect(after(order, { quantity: 5, price: 200 }, short)).toBe('holds 0');
    expect(after(order, { quantity: 5, price: 200, fee: 0.01 }, short)).toBe(
      'INSUFFICIENT_FUNDS Order needs 0.01; 0 is free.',
    );
  });
});
