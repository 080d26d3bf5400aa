import { Client } from 'pg';
import { encodeGlobalId } from '../../../src/schema/global-ids.ts';
import { decodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import type { TradeFollower } from '../../support/trade-follower.ts';

/** A client, and the user whose trades alone it may be told of. */
export interface Following {
  readonly userId: string;
  readonly follower: Pick<TradeFollower, 'trades' | 'gaps' | 'resumptions'>;
}

/** By the global id of each trade, the id of the user whose it is. */
export type Owners = ReadonlyMap<string, string>;

/** What the clients got, beside what is in the database. */
export interface Judgement {
  readonly trades: number;
  readonly deliveries: number;
  /** Made by the time at which the clients should have had all, and not told. */
  readonly lost: number;
  readonly doubled: number;
  /** Told to somebody whose they are not. */
  readonly foreign: number;
  /** Clients to whom something came behind what has a later position. */
  readonly disordered: number;
  readonly gaps: number;
  readonly resumptions: number;
}

/** All trades that are in the database now, past all that the program shows. */
export async function readOwners(databaseUrl: string): Promise<Owners> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; ownerId: string }>(
      'SELECT id, owner_id AS "ownerId" FROM trades',
    );
    return new Map(rows.map(({ id, ownerId }) => [encodeGlobalId('Trade', id), ownerId]));
  } finally {
    await client.end();
  }
}

/** Whether each client has all that is its user's in `made`. */
export function haveAll(followings: readonly Following[], made: Owners): boolean {
  return followings.every((following) => missingOf(following, made).length === 0);
}

/**
 * `made`: what all clients should have; `known`: all trades that there are since they stopped, so that
 * one that was made meanwhile, and told, is somebody's.
 */
export function judge(
  followings: readonly Following[],
  { made, known }: { readonly made: Owners; readonly known: Owners },
): Judgement {
  const sumOf = (count: (following: Following) => number): number =>
    followings.reduce((sum, following) => sum + count(following), 0);
  return {
    trades: made.size,
    deliveries: sumOf(({ follower }) => follower.trades.length),
    lost: sumOf((following) => missingOf(following, made).length),
    doubled: sumOf(({ follower: { trades } }) => trades.length - idsOf(trades).size),
    foreign: sumOf(
      ({ userId, follower: { trades } }) =>
        trades.filter(({ tradeId }) => known.get(tradeId) !== userId).length,
    ),
    disordered: sumOf(({ follower: { trades } }) => (isInOrder(trades) ? 0 : 1)),
    gaps: sumOf(({ follower }) => follower.gaps.length),
    resumptions: sumOf(({ follower }) => follower.resumptions),
  };
}

type Trades = TradeFollower['trades'];

function idsOf(trades: Trades): ReadonlySet<string> {
  return new Set(trades.map(({ tradeId }) => tradeId));
}

function missingOf({ userId, follower }: Following, made: Owners): readonly string[] {
  const got = idsOf(follower.trades);
  return [...made].flatMap(([id, ownerId]) => (ownerId === userId && !got.has(id) ? [id] : []));
}

/** One that is told twice is no disorder: it is counted as doubled. */
function isInOrder(trades: Trades): boolean {
  const positions = trades.map(({ cursor }) => decodeCursor(cursor));
  return positions.every((position, index) => position >= (positions[index - 1] ?? 0n));
}
