import type { Database } from '../platform/database.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Failure } from './failures.ts';
import { leaseFrom, type HeldWebhook } from './held-webhook.ts';
import { createWebhookClaims } from './webhook-claims.ts';

export interface SealedSecret {
  readonly id: string;
  readonly ownerId: string;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export interface WebhookRows {
  /**
   * Takes a webhook with something to do, those first that waited longest when they were looked for last;
   * or undefined. Whoever dies over one loses it when the lease is over. Any number of processes may ask;
   * no two get the same.
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

export function createWebhookRows({
  workerDb,
  roles,
}: {
  readonly workerDb: Database;
  /** Those that may have webhooks. */
  readonly roles: readonly UserRole[];
}): WebhookRows {
  return {
    claim: createWebhookClaims({ workerDb, roles }),

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
      const leasedUntil = leaseFrom(now);
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
