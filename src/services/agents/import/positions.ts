import { ImportError } from '../../market/import/errors.ts';
import { Decimal, ZERO } from '../../platform/money.ts';
import type { Calendar, Session } from '../../market/import/exchange.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';
import { readPositionRows, type PositionRow, type RowAction } from './position-rows.ts';

/** What a row of position.jsonl did, once it is known to follow from the row before it. */
export type PositionStep = {
  readonly line: number;
  readonly session: Session;
  /** After the step, with all the decimals of the file. */
  readonly cash: Decimal;
  /** After the step. */
  readonly quantities: ReadonlyMap<string, Decimal>;
  readonly sizeBytes: number;
} & (
  | { readonly kind: 'START' | 'NO_TRADE' | 'ZERO_TRADE' }
  | {
      readonly kind: 'TRADE';
      readonly side: OrderSide;
      readonly symbol: string;
      readonly quantity: Decimal;
      readonly price: Decimal;
    }
);

/**
 * Reads position.jsonl as a chain: the first row opens the account with cash alone, and each row after
 * it must be the one before plus its own action, quantities exactly, and cash only with a trade.
 * Throws ImportError with file and line at the first row that is not.
 */
export async function* readPositionSteps(
  file: string,
  calendar: Calendar,
): AsyncGenerator<PositionStep> {
  let before: PositionRow | undefined;
  for await (const row of readPositionRows(file, calendar)) {
    yield before ? stepFrom(before, row, { file, calendar }) : startFrom(row, file);
    before = row;
  }
  if (!before) throw new ImportError({ file }, 'The file is empty.');
}

interface Context {
  readonly file: string;
  readonly calendar: Calendar;
}

function startFrom(row: PositionRow, file: string): PositionStep {
  const place = { file, line: row.line };
  if (row.action)
    throw new ImportError(place, 'The first row opens the account: it has no action.');
  if (!row.cash.greaterThan(ZERO)) throw new ImportError(place, 'The account opens without cash.');
  const held = [...row.quantities].find(([, quantity]) => !quantity.isZero());
  if (held) throw new ImportError(place, `The account opens with ${held[0]} in it.`);
  return { ...commonOf(row), kind: 'START' };
}

function stepFrom(before: PositionRow, row: PositionRow, context: Context): PositionStep {
  const place = { file: context.file, line: row.line };
  const { action } = row;
  if (!action) throw new ImportError(place, 'The row has no "this_action".');
  if (row.session.openTime < before.session.openTime) {
    throw new ImportError(place, `The row goes back from ${before.session.date} in time.`);
  }
  refuseOtherQuantities(before, row, action, place);
  const moved = row.cash.minus(before.cash);
  if (action.kind === 'NO_TRADE' || action.quantity.isZero()) {
    if (!moved.isZero()) {
      throw new ImportError(place, `Cash changes by ${moved.toFixed()} without a trade.`);
    }
    return { ...commonOf(row), kind: action.kind === 'NO_TRADE' ? 'NO_TRADE' : 'ZERO_TRADE' };
  }
  const { kind: side, symbol, quantity } = action;
  const paid = side === 'BUY' ? moved.negated() : moved;
  if (!paid.greaterThan(ZERO)) {
    const what = `${side} ${quantity.toFixed()} ${symbol}`;
    throw new ImportError(place, `"${what}" cannot change cash by ${moved.toFixed()}.`);
  }
  const price = withoutFloatNoise(paid.dividedBy(quantity), context.calendar.exchange.tickSize);
  return { ...commonOf(row), kind: 'TRADE', side, symbol, quantity, price };
}

const commonOf = ({ line, session, cash, quantities, sizeBytes }: PositionRow) => ({
  line,
  session,
  cash,
  quantities,
  sizeBytes,
});

/** Every quantity is that of the row before, and the traded one differs by what was traded. */
function refuseOtherQuantities(
  before: PositionRow,
  row: PositionRow,
  action: RowAction,
  place: { file: string; line: number },
): void {
  const traded = action.kind === 'NO_TRADE' ? undefined : action.symbol;
  const symbols = new Set([...before.quantities.keys(), ...row.quantities.keys()]);
  if (traded !== undefined) symbols.add(traded);
  for (const symbol of symbols) {
    const change = symbol === traded ? signedQuantityOf(action) : ZERO;
    const expected = (before.quantities.get(symbol) ?? ZERO).plus(change);
    const found = row.quantities.get(symbol) ?? ZERO;
    if (found.equals(expected)) continue;
    throw new ImportError(
      place,
      `The row does not follow from the one before: it has ${found.toFixed()} ${symbol} ` +
        `where ${expected.toFixed()} are expected.`,
    );
  }
}

function signedQuantityOf(action: RowAction): Decimal {
  switch (action.kind) {
    case 'BUY':
      return action.quantity;
    case 'SELL':
      return action.quantity.negated();
    case 'NO_TRADE':
      return ZERO;
  }
}

/** Part of a tick within which a price is taken for the tick: 0.000001 for a tick of 0.0001. */
const NOISE_TICKS = new Decimal('0.01');

/**
 * A price is |Δcash| / amount, and the files keep cash as sums of binary fractions, such as
 * 257.99299999999994. A price within a hundredth of a tick of a tick is that tick; any other is kept
 * as it is, since it was no price of the exchange to begin with.
 */
export function withoutFloatNoise(price: Decimal, tickSize: Decimal): Decimal {
  const nearest = price.toNearest(tickSize);
  const isNoise = nearest.minus(price).abs().lessThanOrEqualTo(tickSize.times(NOISE_TICKS));
  return isNoise && !nearest.isZero() ? nearest : price;
}
