import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { applyFill, type Holding } from '../../../src/services/portfolio/position.ts';
import { splitOf } from '../../../src/services/portfolio/split.ts';
import {
  remainingOf,
  transition,
  type OrderEvent,
  type OrderState,
} from '../../../src/services/trading/engine/order-state.ts';
import { reserveAfterFill } from '../../../src/services/trading/engine/reservation.ts';
import { divideHalfEven, PlainBook, type Side } from '../../support/plain-book.ts';

/*
 * The pure core of the services (transition, applyFill, the reservation, splits) beside a plain model in
 * whole cents, over random histories of one account: fills in part, crossings through zero, fees, splits,
 * cancels, replaces, and fills that come late. `HISTORIES=100000` makes it longer.
 */
const HISTORIES = Number(process.env['HISTORIES'] ?? 3_000);
const CURRENCY = 'USD';
const START = 1_000_000n;

/** What the core keeps of an order, and what the plain model does. */
interface BothOrders {
  readonly side: Side;
  core: OrderState & { readonly reserved: Decimal };
  plain: { status: string; quantity: bigint; filled: bigint; reserved: bigint };
}

type Step =
  | { readonly kind: 'place'; readonly side: Side; readonly quantity: number }
  | { readonly kind: 'fill'; readonly which: number; readonly part: number; readonly price: number }
  | { readonly kind: 'cancel' | 'expire' | 'trigger'; readonly which: number }
  | { readonly kind: 'replace'; readonly which: number; readonly quantity: number }
  | { readonly kind: 'split'; readonly from: number; readonly to: number };

const which = fc.nat(7);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('place' as const),
        side: fc.constantFrom<Side>('BUY', 'SELL'),
        quantity: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('fill' as const),
        which,
        // Tenths of what is left, at least one.
        part: fc.integer({ min: 1, max: 10 }),
        price: fc.integer({ min: 1, max: 30_000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('cancel' as const, 'expire' as const, 'trigger' as const),
        which,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('replace' as const),
        which,
        quantity: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('split' as const),
        from: fc.integer({ min: 1, max: 3 }),
        to: fc.integer({ min: 1, max: 4 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

const cents = (amount: bigint): Decimal => new Decimal(amount.toString()).dividedBy(100);
const inCents = (amount: Decimal): bigint => BigInt(amount.times(100).toFixed());
/** 7 bps, half-even to the cent. */
const feeOf = (notional: bigint): bigint => divideHalfEven(notional * 7n, 10_000n);

/** An account as the core keeps it. */
class CoreBook {
  cash = cents(START);
  holding: Holding | undefined = undefined;
  realized = new Decimal(0);
  fees = new Decimal(0);

  trade(side: Side, quantity: Decimal, price: Decimal, fee: Decimal): void {
    const notional = quantity.times(price);
    const cashAmount = side === 'BUY' ? notional.negated() : notional;
    const fill = { side, quantity, cashAmount, currency: CURRENCY };
    const { held, opened, realizedGross } = applyFill(this.holding, fill);
    this.cash = this.cash.plus(cashAmount).minus(fee);
    this.realized = this.realized.plus(realizedGross);
    this.fees = this.fees.plus(fee);
    this.holding = opened ?? held;
  }
}

/** Both, side by side; what cannot happen in the one must be impossible in the other. */
class History {
  readonly core = new CoreBook();
  readonly plain = new PlainBook(START);
  readonly orders: BothOrders[] = [];
  readonly ways = new Set<string>();

  play(step: Step): void {
    switch (step.kind) {
      case 'place': {
        this.place(step.side, BigInt(step.quantity));
        return;
      }
      case 'fill': {
        this.fill(step.which, BigInt(step.part), BigInt(step.price));
        return;
      }
      case 'cancel':
      case 'expire':
      case 'trigger': {
        this.end(step.which, step.kind);
        return;
      }
      case 'replace': {
        this.replace(step.which, BigInt(step.quantity));
        return;
      }
      case 'split': {
        this.split(BigInt(step.from), BigInt(step.to));
        return;
      }
    }
  }

  place(side: Side, quantity: bigint): void {
    const reserved = quantity * 105n;
    const accepted: OrderEvent[] = [{ type: 'submitted' }, { type: 'accepted' }];
    const pending: OrderState = {
      ...{ status: 'PENDING', quantity: new Decimal(quantity.toString()), version: 1 },
      ...{ filledQuantity: new Decimal(0), filledNotional: new Decimal(0) },
    };
    const core = accepted.reduce(transition, pending);
    this.orders.push({
      side,
      core: { ...core, reserved: cents(reserved) },
      plain: { status: 'ACCEPTED', quantity, filled: 0n, reserved },
    });
  }

  /** Also of orders that were canceled: a fill that is told late is booked. */
  fill(index: number, part: bigint, price: bigint): void {
    const order = this.#pick(index);
    if (!order) return;
    const { core, plain, side } = order;
    const left = plain.quantity - plain.filled;
    if (left === 0n) {
      const lot = { quantity: new Decimal(1), price: cents(price) };
      expect(() => transition(core, { type: 'filled', ...lot })).toThrow();
      return;
    }
    const quantity = (left * part) / 10n || 1n;
    const fee = feeOf(quantity * price);
    this.#note(order, quantity);

    const lot = { quantity: new Decimal(quantity.toString()), price: cents(price) };
    const state = transition(core, { type: 'filled', ...lot });
    const reserved = reserveAfterFill({
      ...{ reserved: core.reserved, remaining: remainingOf(core), rest: remainingOf(state) },
      ...{ free: cents(10n ** 12n), currency: CURRENCY },
    });
    order.core = { ...state, reserved };
    this.core.trade(side, lot.quantity, lot.price, cents(fee));

    plain.filled += quantity;
    const rest = plain.quantity - plain.filled;
    plain.reserved = divideHalfEven(plain.reserved * rest, left);
    if (rest === 0n) plain.status = 'FILLED';
    else if (plain.status === 'ACCEPTED' || plain.status === 'TRIGGERED') {
      plain.status = 'PARTIALLY_FILLED';
    }
    this.plain.trade(side, quantity, price, fee);
  }

  end(index: number, kind: 'cancel' | 'expire' | 'trigger'): void {
    const order = this.#pick(index);
    if (!order) return;
    const [type, status] = {
      cancel: ['canceled', 'CANCELED'] as const,
      expire: ['expired', 'EXPIRED'] as const,
      trigger: ['triggered', 'TRIGGERED'] as const,
    }[kind];
    const isOpen = ['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED'].includes(order.plain.status);
    const isLegal = kind === 'trigger' ? order.plain.status === 'ACCEPTED' : isOpen;
    if (!isLegal) {
      expect(() => transition(order.core, { type })).toThrow();
      return;
    }
    const isOver = kind !== 'trigger';
    const reserved = isOver ? new Decimal(0) : order.core.reserved;
    order.core = { ...transition(order.core, { type }), reserved };
    order.plain.status = status;
    if (isOver) order.plain.reserved = 0n;
  }

  /** The old one keeps what was filled; another is placed for the rest of the new total. */
  replace(index: number, total: bigint): void {
    const order = this.#pick(index);
    if (!order || !['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED'].includes(order.plain.status))
      return;
    const rest = total - order.plain.filled;
    if (rest <= 0n) return;
    order.core = { ...transition(order.core, { type: 'replaced' }), reserved: new Decimal(0) };
    order.plain.status = 'REPLACED';
    order.plain.reserved = 0n;
    this.place(order.side, rest);
    this.ways.add('replaced');
  }

  split(from: bigint, to: bigint): void {
    const { held } = this.plain;
    if ((held * to) % from !== 0n || held === 0n || !this.core.holding) return;
    this.plain.split(from, to);
    const terms = {
      ...{ ratioFrom: new Decimal(from.toString()), ratioTo: new Decimal(to.toString()) },
      lotSize: new Decimal(1),
    };
    const { quantityAfter, fraction } = splitOf(this.core.holding.quantity, terms);
    expect(fraction.isZero()).toBe(true);
    this.core.holding = { ...this.core.holding, quantity: quantityAfter };
    this.ways.add('split');
  }

  check(): void {
    const { core, plain, orders } = this;
    expect({
      cash: inCents(core.cash),
      held: core.holding?.quantity.toFixed() ?? '0',
      cost: inCents(core.holding?.totalCost ?? new Decimal(0)),
      realized: inCents(core.realized),
      orders: orders.map(({ core: { status, filledQuantity, reserved } }) => [
        ...[status, filledQuantity.toFixed(), inCents(reserved)],
      ]),
    }).toEqual({
      ...{ cash: plain.cash, held: plain.held.toString() },
      ...{ cost: plain.cost, realized: plain.realized },
      orders: orders.map(({ plain: { status, filled, reserved } }) => [
        ...[status, filled.toString(), reserved],
      ]),
    });
    // Cash + cost of what is held = starting cash + realized − fees, to the cent.
    const cost = core.holding?.totalCost ?? new Decimal(0);
    expect(core.cash.plus(cost).toFixed()).toBe(
      cents(START).plus(core.realized).minus(core.fees).toFixed(),
    );
  }

  #pick(index: number): BothOrders | undefined {
    return this.orders[index % Math.max(1, this.orders.length)];
  }

  #note({ side, plain: { status } }: BothOrders, quantity: bigint): void {
    const after = this.plain.held + (side === 'BUY' ? quantity : -quantity);
    if (this.plain.held * after < 0n) this.ways.add('crossed zero');
    if (after < 0n) this.ways.add('short');
    if (status === 'CANCELED' || status === 'EXPIRED' || status === 'REPLACED') {
      this.ways.add('filled late');
    }
  }
}

describe('the pure core', () => {
  test('does what a plain model does, one thing after the other', () => {
    const ways = new Set<string>();
    fc.assert(
      fc.property(steps, (history) => {
        const both = new History();
        for (const step of history) {
          both.play(step);
          both.check();
        }
        for (const way of both.ways) ways.add(way);
      }),
      { numRuns: HISTORIES },
    );
    expect([...ways].sort()).toEqual(['crossed zero', 'filled late', 'replaced', 'short', 'split']);
  }, 120_000);
});
