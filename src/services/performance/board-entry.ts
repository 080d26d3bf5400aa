import { toColumn, type Decimal } from '../platform/money.ts';
import type { DailyEquity } from './daily-equity.ts';
import {
  maxDrawdown,
  totalReturn,
  totalReturnInterval,
  type ConfidenceInterval,
} from './metrics.ts';
import type { Scored } from './ranking.ts';

export type LeaderboardMetric = 'RETURN' | 'MAX_DRAWDOWN';

export interface LeaderboardEntry {
  /** From 1; models of the same score share one. Null below the minimum sample. */
  readonly rank: number | null;
  readonly modelId: string;
  readonly modelName: string;
  /** Version of the model behind the score. */
  readonly version: number;
  readonly ownerId: string;
  readonly accountId: string;
  readonly currency: string;
  readonly startingEquity: Decimal;
  /** What the window begins with: the starting equity where the account opened later. */
  readonly baseEquity: Decimal;
  /** At the end of its last day, which for what trades around the clock is `asOf`. */
  readonly equity: Decimal;
  /**
   * Equity over base equity, less one: 0.1294 is 12.94%. 0 before its first day is over. Null for a
   * base that is not above zero.
   */
  readonly return: Decimal | null;
  /** Largest fall from a high of the window's days: see `maxDrawdown`. Null as the return is. */
  readonly maxDrawdown: Decimal | null;
  /** 95% interval of the return; null where it is not defined. */
  readonly confidenceLow: Decimal | null;
  readonly confidenceHigh: Decimal | null;
  /** Daily returns behind the score. */
  readonly sampleSize: number;
  /**
   * Cash that came from nowhere, since its imported records jump by it; negative for cash that
   * went.
   */
  readonly corrections: Decimal;
  /** Whether the price of something that it holds is old, or missing. */
  readonly isStale: boolean;
}

export interface ScoredEntry extends Scored {
  readonly entryAt: (rank: number | null) => LeaderboardEntry;
}

/**
 * An entry with what it is ranked by: the higher the better, so that a drawdown counts below zero.
 */
export function scoreEntry(
  history: DailyEquity,
  { metric, asOf }: { metric: LeaderboardMetric; asOf: Date },
): ScoredEntry {
  const { startingEquity, base, equity, series, modelName, modelId } = history;
  const gained = totalReturn(base, equity);
  const returned = gained ? toColumn(gained) : null;
  const estimates = estimatesOf(series);
  const sampleSize = series.length - 1;
  const entryAt = (rank: number | null): LeaderboardEntry => ({
    rank,
    modelId,
    modelName,
    version: history.version,
    ownerId: history.ownerId,
    accountId: history.accountId,
    currency: history.currency,
    startingEquity,
    baseEquity: base,
    equity,
    return: returned,
    get maxDrawdown() {
      return estimates.drawdown() ?? null;
    },
    get confidenceLow() {
      return estimates.interval()?.low ?? null;
    },
    get confidenceHigh() {
      return estimates.interval()?.high ?? null;
    },
    sampleSize,
    corrections: history.corrections,
    isStale: isStale(history, asOf),
  });
  const score = metric === 'RETURN' ? returned : estimates.drawdown()?.negated();
  return { score: score ?? undefined, sampleSize, name: `${modelName} ${modelId}`, entryAt };
}

/** What costs more than the rest of an entry: made for who asks, and once. */
function estimatesOf(series: readonly number[]) {
  let drawdown: { readonly value: Decimal | undefined } | undefined;
  let interval: { readonly value: ConfidenceInterval | undefined } | undefined;
  return {
    drawdown: () => (drawdown ??= { value: maxDrawdown(series) }).value,
    interval: () => (interval ??= { value: totalReturnInterval(series) }).value,
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/**
 * From a Friday's close to the close of the Tuesday after a holiday, and an hour of summer time.
 */
const SESSION_MARK_MAX_AGE_MS = 4 * DAY_MS + 60 * MINUTE_MS;
/** Prices come every minute and are recorded every minute; a restart takes a few. */
const MINUTE_MARK_MAX_AGE_MS = 10 * MINUTE_MS;

function isStale({ keepsSessions, oldestMarkAt, lastAt }: DailyEquity, asOf: Date): boolean {
  if (!oldestMarkAt) return false;
  const ageMs = asOf.getTime() - oldestMarkAt.getTime();
  if (!keepsSessions) return ageMs > MINUTE_MARK_MAX_AGE_MS;
  const isFromBefore = lastAt !== undefined && oldestMarkAt < lastAt;
  return isFromBefore || ageMs > SESSION_MARK_MAX_AGE_MS;
}
