import { ImportError } from '../../market/import/errors.ts';
import type { Decimal } from '../../platform/money.ts';
import { ZERO } from '../../platform/money.ts';
import { readPositionRows, type PositionFile, type PositionRow } from './position-rows.ts';
import type { RowAction } from './row-fields.ts';

/** A row of position.jsonl beside the row before it. */
export interface PositionStep extends PositionRow {
  readonly kind: 'START' | 'RESTART' | 'NO_TRADE' | 'ZERO_TRADE' | 'TRADE';
  /** When it is booked: at its session's open, or at that of an earlier row if that is later. */
  readonly at: Date;
  /** The row is dated before one above it. */
  readonly isOutOfOrder: boolean;
  /** Change of cash since the row before. */
  readonly moved: Decimal;
  /** What the row has that does not follow; undefined when it does. */
  readonly gap: Gap | undefined;
}

export type TradeAction = Extract<RowAction, { kind: 'BUY' | 'SELL' }>;

/** Where a row is not the one before plus its own action. */
export interface Gap {
  /** A sentence. */
  readonly reason: string;
  readonly quantities: readonly QuantityGap[];
}

export interface QuantityGap {
  readonly symbol: string;
  /** After the row, if it followed. */
  readonly ours: Decimal;
  /** After the row, as the file has it. */
  readonly file: Decimal;
}

/**
 * Reads position.jsonl as a chain, and says of each row whether it follows: quantities exactly, and
 * cash only with a trade, in its direction. The first row opens the account, with cash, and follows
 * if it has nothing else. Throws ImportError for a row that cannot be read, and for one that opens
 * without cash.
 */
export async function* readPositionSteps(positions: PositionFile): AsyncGenerator<PositionStep> {
  const held = new Map<string, Decimal>();
  let before: PositionStep | undefined;
  for await (const row of readPositionRows(positions)) {
    const place = { file: positions.file, line: row.line };
    if (!before && !row.cash.greaterThan(ZERO)) {
      throw new ImportError(place, 'The account opens without cash.');
    }
    const step = stepOf(row, before, held);
    for (const [symbol, quantity] of row.changes) {
      if (quantity.isZero()) held.delete(symbol);
      else held.set(symbol, quantity);
    }
    yield step;
    before = step;
  }
  if (!before) throw new ImportError({ file: positions.file }, 'The file is empty.');
}

function stepOf(
  row: PositionRow,
  before: PositionStep | undefined,
  held: ReadonlyMap<string, Decimal>,
): PositionStep {
  const { openTime } = row.session;
  const isOutOfOrder = before !== undefined && openTime < before.at;
  const at = isOutOfOrder ? before.at : openTime;
  const moved = before ? row.cash.minus(before.cash) : ZERO;
  const kind = kindOf(row.action, before === undefined);
  const quantities = quantityGaps(row, held);
  const reason = reasonOf(row, { kind, moved, quantities, before });
  const gap = reason === undefined ? undefined : { reason, quantities };
  return { ...row, kind, at, isOutOfOrder, moved, gap };
}

function kindOf(action: RowAction | undefined, isFirst: boolean): PositionStep['kind'] {
  if (!action) return isFirst ? 'START' : 'RESTART';
  if (action.kind === 'NO_TRADE') return 'NO_TRADE';
  return action.quantity.isZero() ? 'ZERO_TRADE' : 'TRADE';
}

/** Symbols whose quantity is not that of the row before, plus what the row's own action traded. */
function quantityGaps(
  { changes, action }: PositionRow,
  held: ReadonlyMap<string, Decimal>,
): readonly QuantityGap[] {
  const gaps: QuantityGap[] = [];
  const compare = (symbol: string, change: Decimal) => {
    const before = held.get(symbol) ?? ZERO;
    const [ours, file] = [before.plus(change), changes.get(symbol) ?? before];
    if (!file.equals(ours)) gaps.push({ symbol, ours, file });
  };
  const traded = action && action.kind !== 'NO_TRADE' ? action : undefined;
  if (traded) compare(traded.symbol, signedQuantityOf(traded));
  for (const symbol of changes.keys()) if (symbol !== traded?.symbol) compare(symbol, ZERO);
  return gaps;
}

function signedQuantityOf({ kind, quantity }: TradeAction): Decimal {
  return kind === 'BUY' ? quantity : quantity.negated();
}

interface Findings extends Pick<PositionStep, 'kind' | 'moved'> {
  readonly quantities: readonly QuantityGap[];
  readonly before: PositionStep | undefined;
}

/** Why the row does not follow; undefined when it does. */
function reasonOf(
  { action, rowId }: PositionRow,
  { kind, moved, quantities, before }: Findings,
): string | undefined {
  if (!before && (quantities.length > 0 || kind === 'TRADE')) {
    return 'The first row opens the account, and has more than cash.';
  }
  if (kind === 'RESTART' && (quantities.length > 0 || !moved.isZero())) {
    return 'The row has no action, and begins the account anew.';
  }
  if (quantities.length > 0) {
    const restart = restartOf(before?.rowId ?? null, rowId);
    return `Quantities do not follow from the row before${restart}.`;
  }
  if (kind !== 'TRADE') {
    return moved.isZero() ? undefined : `Cash changes by ${moved.toFixed()} without a trade.`;
  }
  if (!action || action.kind === 'NO_TRADE' || paidFor(action, moved).greaterThan(ZERO)) {
    return undefined;
  }
  const what = `${action.kind} ${action.quantity.toFixed()} ${action.symbol}`;
  return `"${what}" cannot change cash by ${moved.toFixed()}.`;
}

/** A chain that was begun again shows it by its ids, as a rule: they go back. */
function restartOf(before: string | null, id: string | null): string {
  const isBack = before !== null && id !== null && Number(id) <= Number(before);
  return isBack ? `; its id ${id} comes after ${before}, as when a chain begins again` : '';
}

/**
 * What the change of cash is worth in the direction of the trade: negative when it is in the other.
 */
export function paidFor({ kind }: TradeAction, moved: Decimal): Decimal {
  return kind === 'BUY' ? moved.negated() : moved;
}
