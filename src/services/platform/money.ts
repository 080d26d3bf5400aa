import { Decimal as Decimal20 } from 'decimal.js';

/**
 * Decimals of money, prices and quantities. 60 significant digits: a product of two `numeric(38, 18)`
 * is exact where it matters, and a quotient is far finer than any column.
 */
export const Decimal = Decimal20.clone({ precision: 60, rounding: Decimal20.ROUND_HALF_EVEN });
export type Decimal = Decimal20;

export const ZERO: Decimal = new Decimal(0);

/** Digits of the minor unit of each currency; the table `currencies` holds the same. */
const MINOR_UNITS: ReadonlyMap<string, number> = new Map([
  ['USD', 2],
  ['CNY', 2],
  ['EUR', 2],
  ['USDT', 6],
]);

/** Whether accounts may be kept in it. */
export function isCurrency(code: string): boolean {
  return MINOR_UNITS.has(code);
}

/** Decimal places that the columns for money, prices and quantities keep. */
const COLUMN_SCALE = 18;

/**
 * The amount as it is booked: rounded half-even to the currency's minor unit.
 * Throws a plain error for a currency that the program does not know.
 */
export function toBookedCash(amount: Decimal, currency: string): Decimal {
  const digits = MINOR_UNITS.get(currency);
  if (digits === undefined) throw new Error(`Unknown currency ${currency}.`);
  return new Decimal(amount).toDecimalPlaces(digits, Decimal20.ROUND_HALF_EVEN);
}

/** The smallest amount of a currency that is booked. Throws a plain error for one that is not known. */
export function minorUnitOf(currency: string): Decimal {
  const digits = MINOR_UNITS.get(currency);
  if (digits === undefined) throw new Error(`Unknown currency ${currency}.`);
  return new Decimal(10).pow(-digits);
}

/** Rounded half-even to what a column keeps, so that the database never rounds by itself. */
export function toColumn(amount: Decimal): Decimal {
  return new Decimal(amount).toDecimalPlaces(COLUMN_SCALE, Decimal20.ROUND_HALF_EVEN);
}

/** The form on the wire and in events: plain digits, never an exponent. */
export function toText(amount: Decimal): string {
  return amount.toFixed();
}

export function isMultipleOf(amount: Decimal, step: Decimal): boolean {
  return new Decimal(amount).mod(step).isZero();
}

/**
 * For `JSON.stringify`: decimals, ours and Prisma's, as texts of plain digits. By themselves they would be
 * written with exponents.
 */
export function plainDecimals(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Readonly<Record<string, unknown>>)[key];
  return Decimal20.isDecimal(original) ? toText(original) : value;
}
