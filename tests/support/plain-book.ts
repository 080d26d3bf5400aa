/**
 * A plain model of an account that trades one instrument, written apart from the program: whole cents
 * and whole shares in BigInt, one thing after the other. What the services do must look like this.
 */
export type Side = 'BUY' | 'SELL';

export interface PlainOrder {
  readonly id: string;
  readonly side: Side;
  readonly quantity: bigint;
  filled: bigint;
  reserved: bigint;
  status: string;
}

interface OneSide {
  price: bigint;
  size: bigint;
  taken: bigint;
}

/** Half-even quotient of whole numbers. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const sign = dividend < 0n !== divisor < 0n ? -1n : 1n;
  const [top, bottom] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const [quotient, rest] = [top / bottom, top % bottom];
  const isUp = rest * 2n > bottom || (rest * 2n === bottom && quotient % 2n === 1n);
  return sign * (isUp ? quotient + 1n : quotient);
}

/** Cash and one position, trade by trade. Money in cents. */
export class PlainBook {
  cash: bigint;
  held = 0n;
  cost = 0n;
  realized = 0n;

  constructor(cash: bigint) {
    this.cash = cash;
  }

  /** Returns what the trade realized. What it sells beyond what is held is a short. */
  trade(side: Side, quantity: bigint, price: bigint, fee: bigint): bigint {
    const change = side === 'BUY' ? quantity : -quantity;
    const moved = -change * price;
    this.cash += moved - fee;
    const isAgainst = this.held !== 0n && this.held < 0n !== change < 0n;
    const closing = !isAgainst ? 0n : absolute(change) < absolute(this.held) ? change : -this.held;
    const closingCash = closing === change ? moved : divideHalfEven(moved * closing, change);
    const realized = closing === 0n ? 0n : this.#close(closing, closingCash);
    this.held += change - closing;
    this.cost -= moved - closingCash;
    return realized;
  }

  /** Gives back a part of what is held, or of what is owed, at its average cost. */
  #close(change: bigint, moved: bigint): bigint {
    const left = this.held + change;
    const released = left === 0n ? this.cost : divideHalfEven(this.cost * -change, this.held);
    this.held = left;
    this.cost -= released;
    this.realized += moved - released;
    return moved - released;
  }

  /** `to` for each `from`, which must come out even. */
  split(from: bigint, to: bigint): void {
    this.held = (this.held * to) / from;
  }
}

const absolute = (number: bigint): bigint => (number < 0n ? -number : number);

/** The book, with its orders and the quote that they fill at. */
export class PlainAccount extends PlainBook {
  readonly orders: PlainOrder[] = [];
  readonly feeBps: bigint;
  bid: OneSide = { price: 0n, size: 0n, taken: 0n };
  ask: OneSide = { price: 0n, size: 0n, taken: 0n };

  constructor(cash: bigint, feeBps: bigint) {
    super(cash);
    this.feeBps = feeBps;
  }

  get reserved(): bigint {
    return this.orders.reduce((sum, order) => sum + order.reserved, 0n);
  }

  get open(): PlainOrder[] {
    return this.orders.filter(
      ({ status }) => status === 'ACCEPTED' || status === 'PARTIALLY_FILLED',
    );
  }

  quote(prices: Record<'bid' | 'ask' | 'bidSize' | 'askSize', bigint>): void {
    this.bid = changed(this.bid, prices.bid, prices.bidSize);
    this.ask = changed(this.ask, prices.ask, prices.askSize);
    for (const order of this.open) this.#fill(order);
  }

  place(id: string, side: Side, quantity: bigint): void {
    const order: PlainOrder = { id, side, quantity, filled: 0n, reserved: 0n, status: 'ACCEPTED' };
    if (side === 'BUY') {
      // quote × 1.05, in hundredths of a cent, and the fee on it in millionths.
      const needed = quantity * this.ask.price * 105n;
      order.reserved =
        divideHalfEven(needed, 100n) + divideHalfEven(needed * this.feeBps, 1_000_000n);
      if (order.reserved > this.cash - this.reserved) order.status = 'DENIED';
    } else {
      const promised = this.open
        .filter((other) => other.side === 'SELL')
        .reduce((sum, other) => sum + other.quantity - other.filled, 0n);
      if (quantity > this.held - promised) order.status = 'DENIED';
    }
    if (order.status === 'DENIED') order.reserved = 0n;
    this.orders.push(order);
    if (order.status === 'ACCEPTED') this.#fill(order);
  }

  cancel(order: PlainOrder): void {
    order.status = 'CANCELED';
    order.reserved = 0n;
  }

  #fill(order: PlainOrder): void {
    const side = order.side === 'BUY' ? this.ask : this.bid;
    const left = order.quantity - order.filled;
    const available = side.size - side.taken;
    const quantity = left < available ? left : available;
    if (quantity <= 0n) return;
    const fee = divideHalfEven(quantity * side.price * this.feeBps, 10_000n);
    const free = this.cash - this.reserved + order.reserved;
    if (order.side === 'BUY' && quantity * side.price + fee > free) {
      order.status = order.filled === 0n ? 'REJECTED' : 'CANCELED';
      order.reserved = 0n;
      return;
    }
    const spent = order.side === 'BUY' ? quantity * side.price + fee : 0n;
    side.taken += quantity;
    order.filled += quantity;
    const share = divideHalfEven(order.reserved * (order.quantity - order.filled), left);
    // What is paid above the buffer comes off what the rest holds back, when nothing else is free.
    order.reserved = share < free - spent ? share : free - spent;
    if (order.filled === order.quantity || order.side === 'SELL') order.reserved = 0n;
    order.status = order.filled === order.quantity ? 'FILLED' : 'PARTIALLY_FILLED';
    this.trade(order.side, quantity, side.price, fee);
  }
}

function changed(side: OneSide, price: bigint, size: bigint): OneSide {
  return side.price === price && side.size === size ? side : { price, size, taken: 0n };
}
