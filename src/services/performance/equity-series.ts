import { ZERO, type Decimal } from '../platform/money.ts';
import { conditionIn, createValues } from '../platform/list-conditions.ts';
import { accountsAreOf } from '../platform/owner-filter.ts';
import type { Account, Prisma } from '../platform/prisma/client.ts';
import type { Query } from '../platform/query.ts';
import type { Ask } from '../platform/read-transaction.ts';
import { isAuthenticated, type Viewer } from '../platform/viewer.ts';
import type { Series } from './lttb.ts';

/** An account whose curve the viewer may see. */
export interface CurveAccount {
  readonly id: string;
  readonly currency: string;
  readonly startingCash: Decimal;
  readonly openedAt: Date;
  /** Of its newest point, rounded up to a millisecond; undefined before the first. */
  readonly newestAt: Date | undefined;
  /** Read with the rights of the boards; else with the viewer's own. */
  readonly isPublic: boolean;
}

/** What an account was worth at a time, by what happened before it. */
export interface EquityPoint {
  readonly at: Date;
  readonly equity: Decimal;
  readonly cash: Decimal;
  /** equity − cash − booked cost of what was held. */
  readonly unrealizedPnl: Decimal;
}

/** Points in floating point, to choose among; `x` in milliseconds since 1970. */
export interface EquitySeries extends Series {
  /** The first point, when it is the opening of the account: no stored one tells of it. */
  readonly opening: EquityPoint | undefined;
  /** Time of a stored point as PostgreSQL reads it, to the microsecond. */
  timeOf(index: number): string;
}

/**
 * The viewer's own account, by its id, or the newest one of a model that is the viewer's own or
 * public. Null for all others, as for one that never was.
 */
export async function findCurveAccount(
  ask: Ask,
  viewer: Viewer,
  wanted: { readonly id: string } | { readonly modelId: string },
): Promise<CurveAccount | null> {
  const [own] = isAuthenticated(viewer) ? await ask(ownAccountOf(viewer, wanted)) : [];
  if (own) return { ...own, newestAt: own.newestAt ?? undefined, isPublic: false };
  return 'modelId' in wanted ? publicAccount(ask, wanted.modelId) : null;
}

interface OwnRow extends Pick<Account, 'id' | 'currency' | 'startingCash'> {
  readonly openedAt: Date;
  readonly newestAt: Date | null;
}

/** The newest such account, with the time of its newest point, of which ours have no microseconds. */
function ownAccountOf(
  viewer: Viewer,
  wanted: { readonly id: string } | { readonly modelId: string },
): Query<OwnRow> {
  const [field, id] = 'id' in wanted ? ['id', wanted.id] : ['modelId', wanted.modelId];
  const values = createValues();
  const conditions = [{ field, is: id }, ...accountsAreOf(viewer)];
  return {
    text: `SELECT a.id, a.currency, a.starting_cash AS "startingCash", a.created_at AS "openedAt",
  newest.at AS "newestAt"
FROM (
  SELECT * FROM accounts WHERE ${conditions.map(conditionIn(values)).join(' AND ')}
  ORDER BY created_at DESC, id DESC LIMIT 1
) a
LEFT JOIN LATERAL (
  SELECT date_trunc('milliseconds', at + interval '999 microseconds') AS at
  FROM equity_points WHERE account_id = a.id ORDER BY equity_points.at DESC LIMIT 1
) newest ON true`,
    values: values.all,
  };
}

interface PublicRow {
  readonly account_id: string;
  readonly currency: string;
  readonly starting_cash: Prisma.Decimal;
  readonly opened_at: Date;
  readonly newest_at: Date | null;
}

const PUBLIC_ACCOUNT = `SELECT account_id, currency, starting_cash, opened_at, newest_at
  FROM public_equity_account($1::uuid)`;

async function publicAccount(ask: Ask, modelId: string): Promise<CurveAccount | null> {
  const [row] = await ask<PublicRow>({ text: PUBLIC_ACCOUNT, values: [modelId] });
  return row
    ? {
        id: row.account_id,
        currency: row.currency,
        startingCash: row.starting_cash,
        openedAt: row.opened_at,
        newestAt: row.newest_at ?? undefined,
        isPublic: true,
      }
    : null;
}

interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** The first point of a curve, when it is the opening of the account: no stored one tells of it. */
function openingOf(
  { openedAt, startingCash }: CurveAccount,
  { from, to }: Window,
): EquityPoint | undefined {
  const isOpened = openedAt >= from && openedAt <= to;
  const amounts = { equity: startingCash, cash: startingCash, unrealizedPnl: ZERO };
  return isOpened ? { at: openedAt, ...amounts } : undefined;
}

/** An account that opened later has no points before. */
const startOf = ({ openedAt }: CurveAccount, { from }: Window): Date =>
  from > openedAt ? from : openedAt;

/** What is selected of a stored point; PostgreSQL reckons to the last digit. */
const POINT = 'at, equity, cash, equity - cash - cost AS "unrealizedPnl"';

const FEW = `SELECT ${POINT} FROM equity_points
  WHERE account_id = $1::uuid AND at >= $2 AND at <= $3 ORDER BY at LIMIT $4`;

/**
 * All points of a window, as {@link readSeries} has them, if there are no more than `most`: none of them
 * is left out, and so there is nothing to choose by. Undefined if there are more, and for a public
 * account, whose rows are asked for by their times alone.
 */
export async function readFew(
  ask: Ask,
  account: CurveAccount,
  { most, ...window }: Window & { readonly most: number },
): Promise<readonly EquityPoint[] | undefined> {
  if (account.isPublic) return undefined;
  const values = [account.id, startOf(account, window), window.to, most + 1];
  const stored = await ask<EquityPoint>({ text: FEW, values });
  const opening = openingOf(account, window);
  const points = opening ? [opening, ...stored] : stored;
  return points.length > most ? undefined : points;
}

/** The points of a window, both ends included, and before them the opening if it lies in it. */
export async function readSeries(
  ask: Ask,
  account: CurveAccount,
  window: Window,
): Promise<EquitySeries> {
  const name = account.isPublic ? 'public_equity_series' : 'equity_series';
  const rows = await ask<PackedRow>({
    text: `SELECT ${name} AS packed FROM ${name}($1::uuid, $2, $3)`,
    values: [account.id, startOf(account, window), window.to],
  });
  const parts = rows.map(({ packed }) => Buffer.from(packed, 'base64'));
  return unpack(parts, openingOf(account, window));
}

interface PackedRow {
  readonly packed: string;
}

/** As the database's function `equity_series` packs a point: its time, then its equity. */
const POINT_BYTES = 16;
const EPOCH_2000_MS = Date.UTC(2000, 0, 1);
const HIGH_WORD = 2 ** 32;

function unpack(parts: readonly Buffer[], opening: EquityPoint | undefined): EquitySeries {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  let place = opening ? 1 : 0;
  const size = bytes / POINT_BYTES + place;
  const [x, y] = [new Float64Array(size), new Float64Array(size)];
  if (opening) [x[0], y[0]] = [opening.at.getTime(), opening.equity.toNumber()];
  for (const part of parts) {
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    for (let offset = 0; offset < part.length; offset += POINT_BYTES, place += 1) {
      // Exact as a number until the year 2285.
      const microseconds = view.getInt32(offset) * HIGH_WORD + view.getUint32(offset + 4);
      x[place] = microseconds / 1_000 + EPOCH_2000_MS;
      y[place] = view.getFloat64(offset + 8);
    }
  }
  return { x, y, opening, timeOf: (index) => timeText(x[index] ?? NaN) };
}

/** A time in milliseconds has a quarter of a microsecond for its last bit. */
function timeText(time: number): string {
  const microseconds = Math.round((time - EPOCH_2000_MS) * 1_000);
  const ms = Math.floor(microseconds / 1_000);
  const rest = String(microseconds - ms * 1_000).padStart(3, '0');
  return new Date(ms + EPOCH_2000_MS).toISOString().replace('Z', `${rest}Z`);
}

/** The stored points at these times, oldest first, to the last digit. */
export async function readPoints(
  ask: Ask,
  { id, isPublic }: CurveAccount,
  times: readonly string[],
): Promise<readonly EquityPoint[]> {
  if (times.length === 0) return [];
  const source = isPublic
    ? 'public_equity_rows($1::uuid, $2::text[]::timestamptz[])'
    : 'equity_points WHERE account_id = $1::uuid AND at = ANY ($2::text[]::timestamptz[])';
  return ask<EquityPoint>({
    text: `SELECT ${POINT} FROM ${source} ORDER BY at`,
    values: [id, times],
  });
}
