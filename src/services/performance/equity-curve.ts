import { InvalidInput } from '../platform/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Ask } from '../platform/read-transaction.ts';
import type { Viewer } from '../platform/viewer.ts';
import { findBenchmark, readCurveBenchmark, type CurveBenchmark } from './curve-benchmark.ts';
import { daysBefore } from './days-before.ts';
import {
  findCurveAccount,
  readFew,
  readPoints,
  readSeries,
  type CurveAccount,
  type EquityPoint,
} from './equity-series.ts';
import { pickPoints, PICKS_MIN } from './lttb.ts';

export interface EquityCurveQuery {
  /** Of one's own account; or `modelId`. */
  readonly accountId?: string;
  /** Of a model that is one's own or public: its newest account. */
  readonly modelId?: string;
  /** 30 days before `to` when it is left out. */
  readonly from?: Date;
  /** The newest point when it is left out, so that an old record shows something. */
  readonly to?: Date;
  /** From 2 to {@link CURVE_POINTS_MAX}; {@link CURVE_POINTS_DEFAULT} when it is left out. */
  readonly points?: number;
  /** Symbol of an instrument to compare with; none when it is left out. */
  readonly benchmark?: string;
}

/** What an account was worth over time, thinned for a chart. */
export interface EquityCurve {
  readonly currency: string;
  readonly from: Date;
  readonly to: Date;
  /** How many points the window has, before they were thinned. */
  readonly pointCount: number;
  /** Oldest first: at most as many as were asked for, the lowest and the highest among them. */
  readonly points: readonly EquityPoint[];
  /** Null when none was asked for, and when it has no two closes in that time. */
  readonly benchmark: CurveBenchmark | null;
}

export interface EquityCurves {
  /**
   * Null for an account or a model that the viewer may not see, as for one that never was. Refuses
   * with InvalidInput none or both of `accountId` and `modelId`, a number of points out of range, a
   * `from` that is not before `to` or what stands for it, and a benchmark that no instrument is. A
   * curve of one's own or of a public model; it begins with what the account had when it opened, if
   * it did in the window. From 4 points on, the lowest and the highest equity are among them.
   */
  read(viewer: Viewer, query: EquityCurveQuery): Promise<EquityCurve | null>;
}

const CURVE_POINTS_DEFAULT = 500;
/** A time series is read in one go and drawn as a line, so it is longer than lists are. */
const CURVE_POINTS_MAX = 5_000;
const WINDOW_DEFAULT_DAYS = 30;

export function createEquityCurves({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): EquityCurves {
  return {
    read(viewer, query) {
      const { points, wanted } = checked(query);
      return db.read(viewer, async (ask) => {
        const account = await findCurveAccount(ask, viewer, wanted);
        if (!account) return null;
        const window = windowOf(query, account, clock.now());
        const compared =
          query.benchmark === undefined ? undefined : await findBenchmark(ask, query.benchmark);
        const read = await readCurve(ask, account, { ...window, points });
        const { currency } = account;
        const [start] = read.points;
        const { to } = window;
        const benchmark =
          compared && start
            ? await readCurveBenchmark(ask, compared, { start, to, asOf: clock.now(), points })
            : null;
        return { currency, ...window, ...read, benchmark };
      });
    },
  };
}

/** The number of points, and whose; throws for what cannot be asked. */
function checked({
  accountId,
  modelId,
  from,
  to,
  points = CURVE_POINTS_DEFAULT,
}: EquityCurveQuery) {
  if (from && to) checkOrder(from, to);
  if (!Number.isInteger(points) || points < PICKS_MIN || points > CURVE_POINTS_MAX) {
    const range = `${String(PICKS_MIN)} to ${String(CURVE_POINTS_MAX)}`;
    throw new InvalidInput('points', `\`points\` goes from ${range}.`);
  }
  if (accountId !== undefined && modelId === undefined)
    return { points, wanted: { id: accountId } };
  if (modelId !== undefined && accountId === undefined) return { points, wanted: { modelId } };
  throw new InvalidInput('accountId', 'Give `accountId` or `modelId`, and not both.');
}

function checkOrder(from: Date, to: Date): void {
  if (from >= to) throw new InvalidInput('from', '`from` must be before `to`.');
}

function windowOf({ from, to }: EquityCurveQuery, { newestAt }: CurveAccount, now: Date) {
  // Nothing newer than `from` is there yet, or nothing at all: up to now, which shows the opening.
  const isShown = newestAt !== undefined && (from === undefined || from < newestAt);
  const end = to ?? (isShown ? newestAt : now);
  if (from) checkOrder(from, end);
  return { from: from ?? daysBefore(end, WINDOW_DEFAULT_DAYS), to: end };
}

async function readCurve(
  ask: Ask,
  account: CurveAccount,
  { from, to, points }: { from: Date; to: Date; points: number },
): Promise<Pick<EquityCurve, 'points' | 'pointCount'>> {
  const few = await readFew(ask, account, { from, to, most: points });
  if (few) return { pointCount: few.length, points: few };
  const series = await readSeries(ask, account, { from, to });
  const opening = series.opening ? [series.opening] : [];
  // The first point is always picked, so that the opening is never among those that are read.
  const picks = [...pickPoints(series, points)].slice(opening.length);
  const read = await readPoints(
    ask,
    account,
    picks.map((pick) => series.timeOf(pick)),
  );
  return { pointCount: series.y.length, points: [...opening, ...read] };
}
