import { Prisma, type Instrument } from '../platform/prisma/client.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';

/** The right to fill the orders of an instrument, as long as nobody raised its epoch. */
export interface Lease {
  readonly instrument: Instrument;
  readonly holder: string;
  readonly epoch: bigint;
}

export interface Leases {
  /**
   * Takes every simulated instrument that is free or whose lease ran out, prolongs those held, and
   * returns all that are held now. A lease that changed hands has a higher epoch than before.
   */
  renew(): Promise<readonly Lease[]>;
  /** Lets all of them go, so that another process need not wait for them to run out. */
  release(): Promise<void>;
}

export function createLeases({
  workerDb,
  clock,
  holder,
  leaseMs,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly holder: string;
  readonly leaseMs: number;
}): Leases {
  return {
    async renew() {
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + leaseMs);
      // In the order of ids, so that two processes that renew at once never wait for each other.
      const rows = await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$queryRaw<(Instrument & { epoch: bigint })[]>`
          WITH held AS (
            INSERT INTO instrument_leases AS lease (instrument_id, holder, epoch, expires_at)
            SELECT id, ${holder}::uuid, 1, ${expiresAt} FROM instruments
            WHERE source = 'SIMULATED' ORDER BY id
            ON CONFLICT (instrument_id) DO UPDATE SET holder = excluded.holder,
              expires_at = excluded.expires_at,
              epoch = lease.epoch + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END
            WHERE lease.holder = excluded.holder OR lease.expires_at <= ${now}
            RETURNING instrument_id, epoch
          )
          SELECT i.id, i.symbol, i.name, i.asset_class AS "assetClass", i.currency, i.zone,
            i.tick_size AS "tickSize", i.lot_size AS "lotSize", i.is_tradable AS "isTradable",
            i.source, i.fee_bps AS "feeBps", i.fee_per_unit AS "feePerUnit",
            i.fee_minimum AS "feeMinimum", i.calendar, i.created_at AS "createdAt", held.epoch
          FROM held JOIN instruments i ON i.id = held.instrument_id`,
      );
      return rows.map(({ epoch, ...instrument }) => ({ instrument, holder, epoch }));
    },

    async release() {
      // The rows stay: an epoch that began again at 1 could let an old holder fill.
      await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$executeRaw`
          UPDATE instrument_leases SET expires_at = ${clock.now()} WHERE holder = ${holder}::uuid`,
      );
    },
  };
}

/**
 * SQL that is true while the lease is held, and locks it so that it cannot change hands before the
 * transaction ends. It is the last lock of a fill.
 */
export function leaseIsHeld({ instrument, holder, epoch }: Lease): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT 1 FROM instrument_leases WHERE instrument_id = ${instrument.id}::uuid
      AND holder = ${holder}::uuid AND epoch = ${epoch} FOR SHARE)`;
}
