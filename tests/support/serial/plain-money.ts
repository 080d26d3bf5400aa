import { divideHalfEven, type Side } from '../plain-book.ts';

/*
 * Whole numbers alone, apart from the program: money in cents, quantities in thousandths, and prices in
 * hundredths of a cent, so that 1.05 times a price of whole cents is whole as well.
 */

/** Thousandths in one. */
export const ONE = 1_000n;
/** Hundredths in a cent. */
export const CENT = 100n;

/** A decimal as the database writes it, in so many parts of one; throws when that is not whole. */
function parts(text: string, scale: bigint): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = String(scale).length - 1;
  if (/[1-9]/.test(fraction.slice(digits))) throw new Error(`${text} is finer than the model is.`);
  const amount = BigInt(whole) * scale + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
  return text.startsWith('-') ? -amount : amount;
}

export const cents = (text: string): bigint => parts(text, 100n);
export const thousandths = (text: string): bigint => parts(text, ONE);
export const price = (text: string): bigint => parts(text, 10_000n);

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
export const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
export const size = (number: bigint): bigint => (number < 0n ? -number : number);
export const signed = (side: Side, quantity: bigint): bigint =>
  side === 'BUY' ? quantity : -quantity;

/** What a quantity costs, in whole cents. */
export const notionalOf = (quantity: bigint, at: bigint): bigint =>
  divideHalfEven(quantity * at, ONE * CENT);

/** What an instrument's venue takes of each fill. */
export interface Fees {
  readonly bps: bigint;
  /** In cents, for one. */
  readonly perUnit: bigint;
  /** In cents. */
  readonly minimum: bigint;
}

export function feeFor(quantity: bigint, at: bigint, { bps, perUnit, minimum }: Fees): bigint {
  // bps of a notional in ten-thousandths of a hundredth of a thousandth of a cent.
  const exact = quantity * at * bps + quantity * perUnit * CENT * 10_000n;
  return most(divideHalfEven(exact, ONE * CENT * 10_000n), minimum);
}
