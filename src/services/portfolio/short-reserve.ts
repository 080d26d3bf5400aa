import { Decimal, ZERO } from '../platform/money.ts';
import type { AccountKind } from '../platform/prisma/enums.ts';
import type { FillResult, Holding } from './position.ts';

const PARTS = 2;

/**
 * Cash that a position on paper holds back while it is short: what selling it brought in, and as
 * much again. So a short takes as much of the buying power as a purchase of the same size, and can
 * be bought back at up to twice its price. Zero for what is held and for what is closed.
 */
export function shortReserveOf(
  position: Pick<Holding, 'quantity' | 'totalCost'> | undefined,
): Decimal {
  if (!position?.quantity.isNegative() || position.quantity.isZero()) return ZERO;
  return new Decimal(position.totalCost).abs().times(PARTS);
}

/**
 * The change of that by a fill, of an account that keeps it: on paper alone, since a broker asks
 * for its own.
 */
export function shortReserveChange(
  kind: AccountKind,
  before: Holding | undefined,
  { held, opened }: Pick<FillResult, 'held' | 'opened'>,
): Decimal {
  if (kind !== 'PAPER') return ZERO;
  return shortReserveOf(opened ?? held).minus(shortReserveOf(before));
}
