import type { Database, Tx } from '../platform/database.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Failure } from './failures.ts';

/** A webhook that this process serves, and no other one while its lease lasts. */
export interface HeldWebhook {
  readonly id: string;
  readonly ownerId: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly cursor: bigint;
  /** Failures of the event at hand so far. */
  readonly attempt: number;
  /** Counts those who had it: what is written by another than the last one is not kept. */
  readonly epoch: number;
  readonly leasedUntil: Date;
}

export interface SealedSecret {
  readonly id: string;
  readonly ownerId: string;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export interface WebhookRows {
  /**
   * Takes the webhook that has waited longest of those with something to do, or undefined. Whoever dies
   * over one loses it when the lease is over. Any number of processes may ask; no two get the same.
   */
  claim(now: Date): Promise<HeldWebhook | undefined>;
  /** The secrets that are good now, the newest first. */
  secretsOf(webhookId: string, now: Date): Promise<readonly SealedSecret[]>;
  /**
   * Moves the cursor on, over news that were delivered or over none, and prolongs the lease. Undefined when
   * the webhook is not this process's to serve any more: another has it, or its owner changed it or may
   * have none now.
   */
  advance(
    held: HeldWebhook,
    to: { readonly cursor: bigint; readonly isDelivered: boolean; readonly now: Date },
  ): Promise<HeldWebhook | undefined>;
  /** Lets it go until there are news, or until it is to be looked at again. */
  release(
    held: HeldWebhook,
    times: { readonly now: Date; readonly lookAgainAt: Date | undefined },
  ): Promise<void>;
  /** Keeps a failure, to try again at a time. Answers whether it was this process's to keep. */
  retry(
    held: HeldWebhook,
    given: { readonly failure: Failure; readonly at: Date; readonly now: Date },
  ): Promise<boolean>;
}

/** A send has been broken off long before its webhook may be taken by another process. */
const LEASE_MS = 45_000;
/** Of one person at the same time, so that slow receivers of theirs leave room for those of others. */
const OF_ONE_PERSON = 2;

export function createWebhookRows({
  workerDb,
  roles,
}: {
  readonly workerDb: Database;
  /** Those that may have webhooks. */
  readonly roles: readonly UserRole[];
}): WebhookRows {
  const lease = (now: Date): Date => new Date(now.getTime() + LEASE_MS);

  return {
    claim: (now) =>
      workerDb.withViewer(systemViewer(), (tx) => claim(tx, { now, until: lease(now), roles })),

    secretsOf: (webhookId, now) =>
      workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$queryRaw<SealedSecret[]>`
          SELECT id::text, owner_id::text AS "ownerId", key_id AS "keyId", sealed_value AS bytes
          FROM webhook_secrets
          WHERE webhook_id = ${webhookId}::uuid AND (expires_at IS NULL OR expires_at > ${now})
          ORDER BY expires_at DESC NULLS FIRST LIMIT 2`,
      ),

    async advance(held, { cursor, isDelivered, now }) {
      const leasedUntil = lease(now);
      const [kept] = await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$queryRaw<{ mayGoOn: boolean }[]>`
          UPDATE webhooks w SET state = 'ACTIVE', attempt = 0, next_attempt_at = NULL,
            cursor = ${cursor}, leased_until = ${leasedUntil},
            last_delivered_at = CASE WHEN ${isDelivered} THEN ${now} ELSE w.last_delivered_at END
          FROM users u
          WHERE w.id = ${held.id}::uuid AND w.epoch = ${held.epoch} AND u.id = w.owner_id
          RETURNING u.status = 'ACTIVE' AND u.role::text = ANY(${[...roles]}) AS "mayGoOn"`,
      );
      if (!kept?.mayGoOn) return undefined;
      return { ...held, cursor, leasedUntil, attempt: 0 };
    },

    async release({ id, epoch }, { now, lookAgainAt }) {
      await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$executeRaw`
          UPDATE webhooks SET leased_until = ${now},
            next_attempt_at = CASE WHEN state = 'ACTIVE' THEN ${lookAgainAt ?? null}::timestamptz
              ELSE next_attempt_at END
          WHERE id = ${id}::uuid AND epoch = ${epoch}`,
      );
    },

    async retry({ id, epoch, attempt }, { failure: { code, message }, at, now }) {
      const count = await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$executeRaw`
          UPDATE webhooks SET state = 'RETRYING', attempt = ${attempt + 1}, next_attempt_at = ${at},
            last_failed_at = ${now}, last_failure_code = ${code}, last_failure = ${message},
            leased_until = ${now}
          WHERE id = ${id}::uuid AND epoch = ${epoch}`,
      );
      return count === 1;
    },
  };
}

/** The one that was let go the longest ago. */
async function claim(
  tx: Tx,
  given: { readonly now: Date; readonly until: Date; readonly roles: readonly UserRole[] },
): Promise<HeldWebhook | undefined> {
  const { now, until, roles } = given;
  const [held] = await tx.$queryRaw<HeldWebhook[]>`
    UPDATE webhooks SET epoch = epoch + 1, leased_until = ${until}
    WHERE id = (
      SELECT w.id FROM webhooks w
      JOIN users u ON u.id = w.owner_id AND u.status = 'ACTIVE' AND u.role::text = ANY(${[...roles]})
      LEFT JOIN event_topics t ON t.topic = 'owner:' || w.owner_id
      WHERE (w.leased_until IS NULL OR w.leased_until <= ${now})
        AND (w.state = 'RETRYING' AND w.next_attempt_at <= ${now}
          OR w.state = 'ACTIVE' AND (w.next_attempt_at <= ${now} OR t.position > w.cursor))
        AND (SELECT count(*) FROM webhooks x
          WHERE x.owner_id = w.owner_id AND x.leased_until > ${now}) < ${OF_ONE_PERSON}
      ORDER BY w.leased_until NULLS FIRST, w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
    RETURNING id::text, owner_id::text AS "ownerId", url, types, cursor, attempt, epoch,
      leased_until AS "leasedUntil"`;
  return held;
}
