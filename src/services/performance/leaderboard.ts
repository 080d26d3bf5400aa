import { toColumn, ZERO, type Decimal } from '../platform/money.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Viewer } from '../platform/viewer.ts';
import { readBenchmark, type Benchmark } from './benchmark.ts';
import { readEquityHistories, type EquityHistory } from './daily-equity.ts';
import { MINIMUM_SAMPLE_TO_RANK, totalReturn, totalReturnInterval } from './metrics.ts';
import { rank, type Scored } from './ranking.ts';

export interface LeaderboardQuery {
  /** The time whose knowledge is asked for; now when left out, and never later than now. */
  readonly asOf?: Date;
  readonly benchmarkSymbol?: string;
}

export interface LeaderboardEntry {
  /** From 1; models of the same return share one. Null below the minimum sample. */
  readonly rank: number | null;
  readonly modelId: string;
  readonly modelName: string;
  /** Version of the model behind the score. */
  readonly version: number;
  readonly ownerId: string;
  readonly accountId: string;
  readonly currency: string;
  readonly startingEquity: Decimal;
  /** At the end of its last day, which for what trades around the clock is `asOf`. */
  readonly equity: Decimal;
  /** Fraction: 0.1294 is 12.94%. 0 before its first day is over. */
  readonly return: Decimal;
  /** 95% interval of the return; null where it is not defined. */
  readonly confidenceLow: Decimal | null;
  readonly confidenceHigh: Decimal | null;
  /** Daily returns behind the score. */
  readonly sampleSize: number;
  /** Whether the price of something that it holds is old, or missing. */
  readonly isStale: boolean;
}

export interface ReturnBoard {
  readonly metric: 'RETURN';
  readonly asOf: Date;
  readonly computedAt: Date;
  /** Daily returns that an entry needs for a rank. */
  readonly minimumSample: number;
  readonly benchmark: Benchmark | null;
  /** Ranked ones first, the highest return first; then those without a rank. */
  readonly entries: readonly LeaderboardEntry[];
}

export interface Leaderboard {
  /**
   * Public models by total return since their account opened, the starting balance included, for
   * anyone. The benchmark runs from the first daily close after the first of the accounts opened that
   * keep an exchange's sessions. At most {@link ENTRIES_MAX} entries.
   */
  returns(viewer: Viewer, query?: LeaderboardQuery): Promise<ReturnBoard>;
}

const ENTRIES_MAX = 1_000;
const DEFAULT_BENCHMARK = 'QQQ';

export function createLeaderboard({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): Leaderboard {
  return {
    async returns(viewer, { asOf: asked, benchmarkSymbol = DEFAULT_BENCHMARK } = {}) {
      const computedAt = clock.now();
      const asOf = asked && asked < computedAt ? asked : computedAt;
      const { histories, benchmark } = await db.snapshot(viewer, async (tx) => {
        const read = await readEquityHistories(tx, asOf);
        const openedAfter = firstOpening(read);
        if (!openedAfter) return { histories: read, benchmark: null };
        const command = { symbol: benchmarkSymbol, openedAfter, asOf };
        return { histories: read, benchmark: await readBenchmark(tx, command) };
      });
      const scored = histories.map((history) => score(history, asOf));
      const entries = rank(scored, MINIMUM_SAMPLE_TO_RANK)
        .slice(0, ENTRIES_MAX)
        .map(({ rank: place, entry }) => ({ rank: place, ...entry.entry }));
      return {
        metric: 'RETURN',
        asOf,
        computedAt,
        minimumSample: MINIMUM_SAMPLE_TO_RANK,
        benchmark,
        entries,
      };
    },
  };
}

interface ScoredEntry extends Scored {
  readonly entry: Omit<LeaderboardEntry, 'rank'>;
}

function score(history: EquityHistory, asOf: Date): ScoredEntry {
  const { startingEquity, equity, series, modelName, modelId } = history;
  const interval = totalReturnInterval(series);
  const value = toColumn(totalReturn(startingEquity, equity) ?? ZERO);
  const sampleSize = series.length - 1;
  return {
    score: value,
    sampleSize,
    name: `${modelName} ${modelId}`,
    entry: {
      modelId,
      modelName,
      version: history.version,
      ownerId: history.ownerId,
      accountId: history.accountId,
      currency: history.currency,
      startingEquity,
      equity,
      return: value,
      confidenceLow: interval?.low ?? null,
      confidenceHigh: interval?.high ?? null,
      sampleSize,
      isStale: isStale(history, asOf),
    },
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** From a Friday's close to the close of the Tuesday after a holiday, and an hour of summer time. */
const SESSION_MARK_MAX_AGE_MS = 4 * DAY_MS + 60 * MINUTE_MS;
/** Minute bars come every minute; a restart takes a few. */
const MINUTE_MARK_MAX_AGE_MS = 10 * MINUTE_MS;

function isStale(
  { holds, keepsSessions, oldestMarkAt, lastAt }: EquityHistory,
  asOf: Date,
): boolean {
  if (!holds) return false;
  if (!oldestMarkAt) return true;
  const ageMs = asOf.getTime() - oldestMarkAt.getTime();
  if (!keepsSessions) return ageMs > MINUTE_MARK_MAX_AGE_MS;
  const isFromBefore = lastAt !== undefined && oldestMarkAt < lastAt;
  return isFromBefore || ageMs > SESSION_MARK_MAX_AGE_MS;
}

function firstOpening(histories: readonly EquityHistory[]): Date | undefined {
  const times = histories
    .filter(({ keepsSessions }) => keepsSessions)
    .map(({ openedAt }) => openedAt.getTime());
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
