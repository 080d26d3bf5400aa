import { divideHalfEven, type Side } from '../plain-book.ts';
import { signed, size } from './plain-money.ts';

/** What is held of an instrument: thousandths, and cents. Negative when it is owed. */
export class PlainHolding {
  held = 0n;
  cost = 0n;
  /** Over all positions that there were. */
  realized = 0n;
  /** What was held from when on, in milliseconds. */
  readonly past: { readonly timeMs: number; readonly held: bigint }[] = [];

  /** Cash that it holds back while it is short: twice what selling it brought in. */
  get reserved(): bigint {
    return this.held < 0n ? 2n * size(this.cost) : 0n;
  }

  copy(): PlainHolding {
    const { held, cost, realized } = this;
    return Object.assign(new PlainHolding(), { held, cost, realized });
  }

  heldBefore(timeMs: number): bigint {
    return this.past.findLast((then) => then.timeMs < timeMs)?.held ?? 0n;
  }

  note(timeMs: number): void {
    this.past.push({ timeMs, held: this.held });
  }

  /** `moved` is the change of cash without the fee. Returns what it realized. */
  trade(side: Side, quantity: bigint, moved: bigint): bigint {
    const change = signed(side, quantity);
    const isAgainst = this.held !== 0n && this.held < 0n !== change < 0n;
    if (!isAgainst) return this.#open(change, moved);
    if (size(change) <= size(this.held)) return this.#close(change, moved);
    const closing = -this.held;
    const closingCash = divideHalfEven(moved * closing, change);
    const realized = this.#close(closing, closingCash);
    this.#open(change - closing, moved - closingCash);
    return realized;
  }

  /** More or less of it for nothing; what it would take beyond zero is not there to take. */
  change(quantity: bigint): bigint {
    const after = this.held + quantity;
    if (this.held === 0n || (after !== 0n && after < 0n === this.held < 0n)) {
      this.held = after;
      return 0n;
    }
    const lost = -this.cost;
    [this.held, this.cost] = [0n, 0n];
    this.realized += lost;
    return lost;
  }

  #open(change: bigint, moved: bigint): bigint {
    this.held += change;
    this.cost -= moved;
    return 0n;
  }

  #close(change: bigint, moved: bigint): bigint {
    const left = this.held + change;
    const released = left === 0n ? this.cost : divideHalfEven(this.cost * -change, this.held);
    [this.held, this.cost] = [left, this.cost - released];
    this.realized += moved - released;
    return moved - released;
  }
}
