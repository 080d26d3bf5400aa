import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { Decimal, ZERO } from '../../platform/money.ts';
import { numberTextOf } from './number-texts.ts';
import type { SymbolNames } from './symbol-names.ts';

/** What a row says it did. */
export type RowAction =
  | { readonly kind: 'NO_TRADE' }
  | {
      readonly kind: 'BUY' | 'SELL';
      readonly symbol: string;
      /** Not negative. */
      readonly quantity: Decimal;
      /** The optional price of the action. */
      readonly statedPrice: Decimal | undefined;
    };

/** The fields of a row that an import reads; what else is in it does not matter. */
export interface RowRecord {
  readonly date: unknown;
  readonly id: unknown;
  readonly action: unknown;
  readonly positions: Readonly<Record<string, unknown>>;
}

const KINDS: ReadonlyMap<unknown, RowAction['kind']> = new Map([
  ['no_trade', 'NO_TRADE'],
  ['buy', 'BUY'],
  ['sell', 'SELL'],
  ['buy_crypto', 'BUY'],
  ['sell_crypto', 'SELL'],
] as const);

/**
 * The records keep quantities as sums of binary fractions, such as 0.4485060000000001. What lies
 * beyond a hundredth of the smallest lot there is (0.00000001) is noise, and is rounded away.
 */
const QUANTITY_DECIMALS = 10;
/** What a column keeps before the point. */
const NUMBER_MAX = new Decimal('1e20');
/** An exponent of a million would be a million digits. */
const NUMBER_MAX_CHARACTERS = 60;
const NUMBER_MIN_EXPONENT = -60;

export const fieldError = (place: FilePlace, path: string, reason: string): ImportError =>
  new ImportError(place, `"${path}": ${reason}`);

/** `value`: as parseNumberTexts reads it, like all values here. */
export function recordOf(value: unknown, place: FilePlace): RowRecord {
  if (!isObject(value)) throw new ImportError(place, 'A row is an object.');
  if (!isObject(value.positions)) throw fieldError(place, 'positions', 'An object is expected.');
  const { date, id, this_action: action, positions } = value;
  return { date, id, action, positions };
}

export function numberOf(value: unknown, path: string, place: FilePlace): Decimal {
  const text = numberTextOf(value);
  if (text === undefined) throw fieldError(place, path, 'A number is expected.');
  const number = new Decimal(text);
  const isTooLarge = text.length > NUMBER_MAX_CHARACTERS || number.abs().gte(NUMBER_MAX);
  if (isTooLarge) throw fieldError(place, path, 'The number is too large.');
  // Nobody has so little of anything; and it would be written with a digit for every power of ten.
  return number.e < NUMBER_MIN_EXPONENT ? ZERO : number;
}

export function quantityOf(value: unknown, path: string, place: FilePlace): Decimal {
  const quantity = numberOf(value, path, place).toDecimalPlaces(QUANTITY_DECIMALS);
  if (quantity.lessThan(ZERO)) throw fieldError(place, path, 'A quantity is not below zero.');
  return quantity;
}

/** Undefined when the row has no action. */
export function actionOf(
  value: unknown,
  { names, place }: { readonly names: SymbolNames; readonly place: FilePlace },
): RowAction | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw fieldError(place, 'this_action', 'An object is expected.');
  const kind = KINDS.get(value.action);
  if (kind === undefined) {
    const expected = [...KINDS.keys()].join(', ');
    throw fieldError(place, 'this_action / action', `One of ${expected} is expected.`);
  }
  if (kind === 'NO_TRADE') return { kind };
  if (typeof value.symbol !== 'string') {
    throw fieldError(place, 'this_action / symbol', 'A text is expected.');
  }
  return {
    kind,
    symbol: names.symbolOf(value.symbol, place),
    quantity: quantityOf(value.amount, 'this_action / amount', place),
    statedPrice: statedPriceOf(value.price, place),
  };
}

function statedPriceOf(value: unknown, place: FilePlace): Decimal | undefined {
  if (value === undefined || value === null) return undefined;
  const path = 'this_action / price';
  const price = numberOf(value, path, place);
  if (!price.greaterThan(ZERO)) throw fieldError(place, path, 'A price is above zero.');
  return price;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
