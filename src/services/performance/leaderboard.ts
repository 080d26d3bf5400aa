import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Viewer } from '../platform/viewer.ts';
import { readBenchmark, type Benchmark } from './benchmark.ts';
import { scoreEntry, type LeaderboardEntry, type LeaderboardMetric } from './board-entry.ts';
import { daysBefore } from './days-before.ts';
import { readDailyEquities, type BoardScope, type DailyEquity } from './daily-equity.ts';
import { MINIMUM_SAMPLE_TO_RANK } from './metrics.ts';
import { rank } from './ranking.ts';

/** How far back a board looks. */
export type LeaderboardWindow = 'ALL' | 'DAYS_7' | 'DAYS_30' | 'DAYS_90' | 'YEAR_1';

export interface LeaderboardQuery {
  /** RETURN when it is left out. */
  readonly metric?: LeaderboardMetric;
  /** ALL when it is left out. */
  readonly window?: LeaderboardWindow;
  /** The time whose knowledge is asked for; now when left out, and never later than now. */
  readonly asOf?: Date;
  readonly benchmarkSymbol?: string;
  /** PUBLIC when it is left out. ALL is for administrators. */
  readonly scope?: BoardScope;
}

export interface Board {
  readonly metric: LeaderboardMetric;
  readonly window: LeaderboardWindow;
  readonly asOf: Date;
  readonly computedAt: Date;
  /** Daily returns that an entry needs for a rank. */
  readonly minimumSample: number;
  /** Read when it is asked for. Null when there is no price of it in that time. */
  readonly benchmark: () => Promise<Benchmark | null>;
  /** Ranked ones first, the best first; then those without a rank. */
  readonly entries: readonly LeaderboardEntry[];
}

export interface Leaderboard {
  /**
   * Models by what they made, or by how far they fell, in a window that ends at `asOf`: public ones
   * for anyone, all for administrators (throws Forbidden for the rest). The window begins with the
   * last daily value at or before its first moment, or with the starting balance of an account that
   * opened later. The benchmark runs from the first close after the first of the accounts opened
   * that keep an exchange's sessions, or from the last close at or before the window's first moment
   * if that is later. At most {@link ENTRIES_MAX} entries.
   */
  read(viewer: Viewer, query?: LeaderboardQuery): Promise<Board>;
}

const ENTRIES_MAX = 1_000;
const DEFAULT_BENCHMARK = 'QQQ';

const DAYS: Readonly<Record<LeaderboardWindow, number | undefined>> = {
  ALL: undefined,
  DAYS_7: 7,
  DAYS_30: 30,
  DAYS_90: 90,
  YEAR_1: 365,
};

export function createLeaderboard({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): Leaderboard {
  return {
    async read(viewer, query = {}) {
      const { metric = 'RETURN', window = 'ALL', benchmarkSymbol = DEFAULT_BENCHMARK } = query;
      const { scope = 'PUBLIC' } = query;
      if (scope === 'ALL') requireCapability(viewer, 'READ_EVERYONE');
      const computedAt = clock.now();
      const asOf = query.asOf && query.asOf < computedAt ? query.asOf : computedAt;
      const days = DAYS[window];
      const since = days === undefined ? undefined : daysBefore(asOf, days);
      const equities = await db.read(viewer, (ask) =>
        readDailyEquities(ask, { asOf, since, scope }),
      );
      const scored = equities.map((daily) => scoreEntry(daily, { metric, asOf }));
      const entries = rank(scored, MINIMUM_SAMPLE_TO_RANK)
        .slice(0, ENTRIES_MAX)
        .map(({ rank: place, entry }) => entry.entryAt(place));
      const minimumSample = MINIMUM_SAMPLE_TO_RANK;
      const openedAfter = firstOpening(equities);
      const benchmark = async (): Promise<Benchmark | null> => {
        if (!openedAfter) return null;
        const command = { symbol: benchmarkSymbol, openedAfter, since, asOf };
        return db.read(viewer, (ask) => readBenchmark(ask, command));
      };
      return { metric, window, asOf, computedAt, minimumSample, benchmark, entries };
    },
  };
}

function firstOpening(equities: readonly DailyEquity[]): Date | undefined {
  const times = equities
    .filter(({ keepsSessions }) => keepsSessions)
    .map(({ openedAt }) => openedAt.getTime());
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
