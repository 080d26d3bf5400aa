import { divideHalfEven } from '../plain-book.ts';
import { openingOf, reserveLeft, type Standing } from './plain-gate.ts';
import { PlainHolding } from './plain-holding.ts';
import { feeFor, most, notionalOf, type Fees } from './plain-money.ts';
import { countsForOthers, isExit, isOpen, leftOf, type PlainOrder } from './plain-order.ts';

/** What a fill moved. */
export interface PlainFill {
  readonly fee: bigint;
  readonly moved: bigint;
  readonly realized: bigint;
}

/** An account, to which one thing happens after the other. Nothing in it is the program's. */
export class PlainPortfolio {
  cash: bigint;
  readonly startingCash: bigint;
  readonly allowsShort: boolean;
  readonly orders = new Map<string, PlainOrder>();
  readonly #holdings = new Map<string, PlainHolding>();
  readonly #fees: (instrument: string) => Fees;

  constructor(given: {
    readonly cash: bigint;
    readonly allowsShort: boolean;
    readonly fees: (instrument: string) => Fees;
  }) {
    this.cash = given.cash;
    this.startingCash = given.cash;
    this.allowsShort = given.allowsShort;
    this.#fees = given.fees;
  }

  get holdings(): ReadonlyMap<string, PlainHolding> {
    return this.#holdings;
  }

  get reserved(): bigint {
    const ordered = [...this.orders.values()].map(({ reserved }) => reserved);
    const short = [...this.#holdings.values()].map(({ reserved }) => reserved);
    return [...ordered, ...short].reduce((sum, amount) => sum + amount, 0n);
  }

  /** Cash that nothing holds back. */
  get free(): bigint {
    return this.cash - this.reserved;
  }

  holding(instrument: string): PlainHolding {
    const known = this.#holdings.get(instrument) ?? new PlainHolding();
    this.#holdings.set(instrument, known);
    return known;
  }

  standing(instrument: string): Standing {
    const left = (side: string) =>
      [...this.orders.values()]
        .filter((order) => order.instrument === instrument && order.side === side)
        .filter(countsForOthers)
        .reduce((sum, order) => sum + leftOf(order), 0n);
    return {
      ...{ free: this.free, allowsShort: this.allowsShort, holding: this.holding(instrument) },
      ...{ buying: left('BUY'), selling: left('SELL'), fees: this.#fees(instrument) },
    };
  }

  /** Why the account cannot take the fill; undefined when it can. */
  refusalOf(order: PlainOrder, quantity: bigint, at: bigint): string | undefined {
    const { side, instrument } = order;
    const { held } = this.holding(instrument);
    if (isExit(order) && openingOf(side, quantity, held) === quantity) return 'NOTHING_HELD';
    if (side === 'SELL' && !this.allowsShort && openingOf(side, quantity, held) > 0n)
      return 'INSUFFICIENT_POSITION';
    const available = most(0n, this.free + order.reserved);
    return this.#required(order, quantity, at) > available ? 'INSUFFICIENT_FUNDS' : undefined;
  }

  /** Cash, position and order after a fill; what that does to its group comes after it. */
  fill(order: PlainOrder, quantity: bigint, at: bigint, timeMs: number): PlainFill {
    const { side, instrument } = order;
    const holding = this.holding(instrument);
    const free = most(0n, this.free + order.reserved - this.#required(order, quantity, at));
    const left = leftOf(order);
    const terms = { side, left, quantity, held: holding.held, free };
    const fee = feeFor(quantity, at, this.#fees(instrument));
    const amount = notionalOf(quantity, at);
    const moved = side === 'BUY' ? -amount : amount;
    const realized = holding.trade(side, quantity, moved);
    holding.note(timeMs);
    this.cash += moved - fee;
    order.reserved = reserveLeft(order.reserved, terms);
    order.filled += quantity;
    order.version += 1;
    order.status = leftOf(order) === 0n ? 'FILLED' : 'PARTIALLY_FILLED';
    return { fee, moved, realized };
  }

  /** What the order does to the rest of its group by a fill. */
  follow(order: PlainOrder, quantity: bigint): void {
    for (const other of this.#othersOf(order)) {
      if (order.leg === 'ENTRY') this.#grow(other, quantity);
      else if (order.status === 'FILLED') this.end(other, 'CANCELED');
      else if (isExit(other)) this.#resize(other, other.quantity - quantity);
    }
  }

  /** Ends it alone. */
  end(order: PlainOrder, status: string): void {
    order.status = status;
    order.reserved = 0n;
    order.version += 1;
  }

  /** What the end of an order does to the rest of its group. */
  endGroup(order: PlainOrder, isAsked: boolean): void {
    const staysGuarded = order.leg === 'ENTRY' && !isAsked;
    const status = order.status === 'EXPIRED' ? 'EXPIRED' : 'CANCELED';
    for (const other of this.#othersOf(order)) {
      if (!staysGuarded || other.status === 'PENDING') this.end(other, status);
    }
  }

  #othersOf({ id, group }: PlainOrder): PlainOrder[] {
    if (group === null) return [];
    return [...this.orders.values()].filter(
      (other) => other.group === group && other.id !== id && isOpen(other),
    );
  }

  /** A leg is for as much as its entry has filled, and works from the first fill on. */
  #grow(leg: PlainOrder, filled: bigint): void {
    if (leg.status !== 'PENDING') {
      this.#resize(leg, leg.quantity + filled);
      return;
    }
    if (leg.quantity !== filled) this.#resize(leg, filled);
    leg.status = 'ACCEPTED';
    leg.version += 2;
  }

  #resize(order: PlainOrder, quantity: bigint): void {
    if (quantity < order.quantity && order.reserved > 0n) {
      const rest = quantity - order.filled;
      order.reserved = divideHalfEven(order.reserved * rest, leftOf(order));
    }
    order.quantity = quantity;
    order.version += 1;
  }

  /** What a fill takes of the free cash. */
  #required({ side, instrument }: PlainOrder, quantity: bigint, at: bigint): bigint {
    const before = this.holding(instrument);
    const after = before.copy();
    const amount = notionalOf(quantity, at);
    const moved = side === 'BUY' ? -amount : amount;
    after.trade(side, quantity, moved);
    const held = after.reserved - before.reserved;
    if (side === 'SELL' && held <= 0n) return 0n;
    return most(0n, held - moved + feeFor(quantity, at, this.#fees(instrument)));
  }
}
