import { Prisma, type Instrument } from '../platform/prisma/client.ts';
import { systemViewer } from '../platform/viewer.ts';
import { WORKING } from './engine/order-state.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Query } from '../platform/query.ts';

/** The right to fill the orders of an instrument, as long as nobody raised its epoch. */
export interface Lease {
  readonly instrument: Instrument;
  readonly holder: string;
  readonly epoch: bigint;
}

export interface Leases {
  /**
   * Says that this holder is alive, prolongs what it holds, and takes its share of what is free:
   * the instruments are shared out evenly among the holders that are alive, so that one that has
   * too many lets some go. Returns all that are held now. A lease that changed hands has a higher
   * epoch than before.
   */
  renew(): Promise<readonly Lease[]>;
  /** Lets all of them go, so that another process need not wait for them to run out. */
  release(): Promise<void>;
}

/** Rows of holders that fell are of no use to anybody after this. */
const FORGOTTEN_AFTER = Prisma.raw(`interval '1 hour'`);

/**
 * Leases begin and end by the clock of the database, which is the same for all: a process whose own
 * clock is wrong takes nothing from the others and holds nothing longer.
 */
export function createLeases({
  workerDb,
  holder,
  leaseMs,
}: {
  readonly workerDb: Database;
  readonly holder: string;
  readonly leaseMs: number;
}): Leases {
  const end = Prisma.sql`now() + ${leaseMs}::int * interval '1 millisecond'`;
  return {
    renew: () =>
      workerDb.withViewer(systemViewer(), async (tx) => {
        await tx.$executeRaw`
          INSERT INTO engine_workers (id, started_at, expires_at)
          VALUES (${holder}::uuid, now(), ${end})
          ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`;
        await listInstruments(tx, holder);
        // In two steps: who waits has taken nothing yet, so that no two wait for each other.
        await keep(tx, holder, end);
        await take(tx, holder, end);
        return held(tx, holder);
      }),

    async release() {
      // The rows stay: an epoch that began again at 1 could let an old holder fill.
      await workerDb.withViewer(systemViewer(), async (tx) => {
        await tx.$executeRaw`
          UPDATE instrument_leases SET expires_at = now() WHERE holder = ${holder}::uuid`;
        await tx.$executeRaw`
          DELETE FROM engine_workers
          WHERE id = ${holder}::uuid OR expires_at < now() - ${FORGOTTEN_AFTER}`;
      });
    },
  };
}

const WORKING_LIST = Prisma.raw(WORKING.map((status) => `'${status}'`).join(', '));

/**
 * A lease for each instrument that lacks one: of the simulated ones for all, so that their orders
 * are filled at once; of others, of which there may be ten thousand, for those that have an order.
 * In the order of ids, so that two processes never wait for each other.
 */
async function listInstruments(tx: Tx, holder: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO instrument_leases (instrument_id, holder, epoch, expires_at)
    SELECT id, ${holder}::uuid, 0, '-infinity' FROM (
      SELECT id FROM instruments WHERE source = 'SIMULATED'
      UNION SELECT instrument_id FROM orders WHERE status IN (${WORKING_LIST})) wanted
    WHERE NOT EXISTS (SELECT 1 FROM instrument_leases l WHERE l.instrument_id = wanted.id)
    ORDER BY id ON CONFLICT DO NOTHING`;
}

/**
 * The part of a holder. It follows from who is alive alone, so that nobody has to agree on
 * anything, and the quotas of all sum to all instruments.
 */
const quotaOf = (holder: string): Prisma.Sql => Prisma.sql`
  SELECT instruments / holders + (rank <= instruments % holders)::int AS size
  FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS rank, count(*) OVER () AS holders
    FROM engine_workers WHERE expires_at > now()) alive,
    (SELECT count(*) AS instruments FROM instrument_leases) counted
  WHERE id = ${holder}::uuid`;

/**
 * Prolongs what the holder has, also what ran out and was taken by nobody. What is above its quota
 * is free from now on. Waits for those who take some of it, in the order of their instruments' ids;
 * not for the fills that go on.
 */
async function keep(tx: Tx, holder: string, end: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`
    WITH quota AS (${quotaOf(holder)}),
    own AS (
      SELECT instrument_id, row_number() OVER (ORDER BY epoch = 0, instrument_id) AS place
      FROM (
        SELECT instrument_id, epoch FROM instrument_leases WHERE holder = ${holder}::uuid
        ORDER BY instrument_id FOR NO KEY UPDATE) locked)
    UPDATE instrument_leases l SET
      epoch = CASE WHEN place <= size THEN greatest(l.epoch, 1) ELSE l.epoch END,
      expires_at = CASE WHEN place <= size THEN ${end} ELSE least(l.expires_at, now()) END
    FROM own, quota
    WHERE l.instrument_id = own.instrument_id AND l.holder = ${holder}::uuid`;
}

/** Takes what is free up to the quota. What somebody else is taking is skipped: it never waits. */
async function take(tx: Tx, holder: string, end: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`
    UPDATE instrument_leases l
    SET holder = ${holder}::uuid, epoch = l.epoch + 1, expires_at = ${end}
    FROM (
      SELECT instrument_id FROM instrument_leases
      WHERE holder <> ${holder}::uuid AND expires_at <= now()
      ORDER BY instrument_id
      LIMIT greatest((${quotaOf(holder)}) -
        (SELECT count(*) FROM instrument_leases WHERE holder = ${holder}::uuid), 0)
      FOR UPDATE SKIP LOCKED) free
    WHERE l.instrument_id = free.instrument_id`;
}

async function held(tx: Tx, holder: string): Promise<Lease[]> {
  const rows = await tx.$queryRaw<(Instrument & { epoch: bigint })[]>`
    SELECT i.id, i.symbol, i.name, i.asset_class AS "assetClass", i.currency, i.zone,
      i.tick_size AS "tickSize", i.lot_size AS "lotSize", i.is_tradable AS "isTradable",
      i.source, i.fee_bps AS "feeBps", i.fee_per_unit AS "feePerUnit",
      i.fee_minimum AS "feeMinimum", i.calendar, i.created_at AS "createdAt", l.epoch
    FROM instrument_leases l JOIN instruments i ON i.id = l.instrument_id
    WHERE l.holder = ${holder}::uuid AND l.expires_at > now()`;
  return rows.map(({ epoch, ...instrument }) => ({ instrument, holder, epoch }));
}

const LEASE_LOCK = `SELECT epoch FROM instrument_leases
  WHERE instrument_id = $1::uuid AND holder = $2::uuid AND epoch = $3 FOR KEY SHARE`;

/**
 * A row while the lease is held, and locks it so that it cannot change hands before the transaction
 * ends. It is the last lock of a fill. Who takes a lease locks it FOR UPDATE, which this keeps out;
 * the holder prolongs it, or lets it go, with a weaker lock, so that fills and renewals do not wait
 * for each other.
 */
export function leaseLock({ instrument, holder, epoch }: Lease): Query<{ epoch: bigint }> {
  return { text: LEASE_LOCK, values: [instrument.id, holder, epoch] };
}

/** In two parts, since the planner walks no index for an OR with a NULL. */
const FILL_LOCK = LEASE_LOCK.replace(
  'SELECT epoch',
  `SELECT epoch, EXISTS (SELECT FROM kill_switches WHERE owner_id IS NULL AND is_on)
      OR EXISTS (SELECT FROM accounts a JOIN kill_switches k ON k.owner_id = a.owner_id
        WHERE a.id = $4::uuid AND k.is_on AND (k.account_id IS NULL OR k.account_id = a.id))
    AS "isHalted"`,
);

/**
 * The same, with whether a kill switch holds for the account: read after the account's lock was
 * taken, so that a fill that has its locks once a switch is committed knows of it, and the last of
 * a fill's statements tells it.
 */
export function fillLock(
  { instrument, holder, epoch }: Lease,
  accountId: string,
): Query<{ readonly epoch: bigint; readonly isHalted: boolean }> {
  return { text: FILL_LOCK, values: [instrument.id, holder, epoch, accountId] };
}

/** SQLSTATE of {@link leaseHold} for a lease that is over. */
export const LEASE_OVER = 'TG001';

/**
 * The same where what is stored need not wait for the answer: the transaction fails without the
 * lease.
 */
export function leaseHold({ instrument, holder, epoch }: Lease): Query {
  return {
    text: 'SELECT hold_lease($1::uuid, $2::uuid, $3::bigint)',
    values: [instrument.id, holder, epoch],
  };
}
