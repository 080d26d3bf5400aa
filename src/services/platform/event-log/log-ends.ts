import type { Database } from '../database.ts';
import { gatherLookUps } from '../gathered-look-ups.ts';
import { Prisma } from '../prisma/client.ts';

/** Where the log ends, and a channel in it. */
export interface LogEnd {
  /** The last position given. */
  readonly head: bigint;
  /** What lies up to here is not kept any more. */
  readonly floor: bigint;
  /** Position of the last event of the channel; 0 when it has none that is kept. */
  readonly last: bigint;
}

/** Looks up where a channel ends, as of a moment after the call. */
export function createLogEnds(db: Pick<Database, 'lookUp'>): (channel: string) => Promise<LogEnd> {
  return gatherLookUps((channels) => readLogEnds(db, channels));
}

interface EndsRow {
  readonly head: string;
  readonly floor: string;
  /** In the order of the channels. */
  readonly last: readonly string[];
}

async function readLogEnds(
  db: Pick<Database, 'lookUp'>,
  channels: readonly string[],
): Promise<LogEnd[]> {
  const [row] = await db.lookUp<EndsRow>(Prisma.sql`
    SELECT head.position::text AS head, floor.position::text AS floor,
      last_positions(${channels}::text[])::text[] AS last
    FROM event_head AS head, event_head AS floor WHERE head.id = 1 AND floor.id = 2`);
  if (!row) throw new Error('The event log has no head.');
  const [head, floor] = [BigInt(row.head), BigInt(row.floor)];
  return row.last.map((last) => ({ head, floor, last: BigInt(last) }));
}
