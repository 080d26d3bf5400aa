import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';

/** A mail that this process sends, and no other one until its lease is over. */
export interface ClaimedMail {
  readonly id: string;
  readonly ownerId: string | null;
  readonly recipient: string;
  readonly template: string;
  readonly data: unknown;
  /** With this try. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/** What became of a try. */
export type Outcome =
  | { readonly kind: 'SENT' | 'DROPPED' }
  | { readonly kind: 'FAILED'; readonly error: string }
  | { readonly kind: 'RETRY'; readonly at: Date; readonly error: string };

export interface MailRows {
  /**
   * Takes up to `limit` mails that are due, oldest first. Whoever dies over one loses it to the next who
   * asks after `leaseMs`. Any number of processes may ask at once; no two get the same.
   */
  claim(options: {
    readonly now: Date;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly ClaimedMail[]>;
  /** Writes down what became of it, unless the lease was lost meanwhile. Answers whether it was ours. */
  settle(mail: ClaimedMail, outcome: Outcome, now: Date): Promise<boolean>;
}

const ERROR_MAX_CHARACTERS = 500;

export function createMailRows({ workerDb }: { readonly workerDb: Database }): MailRows {
  return {
    claim: ({ now, leaseMs, limit }) =>
      workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$queryRaw<ClaimedMail[]>`
          UPDATE mails SET attempts = attempts + 1,
            next_attempt_at = ${new Date(now.getTime() + leaseMs)}
          WHERE id IN (
            SELECT id FROM mails WHERE status = 'QUEUED' AND next_attempt_at <= ${now}
            ORDER BY next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
          RETURNING id::text, owner_id::text AS "ownerId", recipient, template, data, attempts,
            created_at AS "createdAt"`,
      ),

    async settle({ id, attempts }, outcome, now) {
      const status = outcome.kind === 'RETRY' ? 'QUEUED' : outcome.kind;
      const error = 'error' in outcome ? outcome.error.slice(0, ERROR_MAX_CHARACTERS) : null;
      const count = await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$executeRaw`
          UPDATE mails SET status = ${status}::mail_status, last_error = ${error},
            sent_at = ${outcome.kind === 'SENT' ? now : null}::timestamptz,
            next_attempt_at = ${outcome.kind === 'RETRY' ? outcome.at : null}::timestamptz
          WHERE id = ${id}::uuid AND status = 'QUEUED' AND attempts = ${attempts}`,
      );
      return count === 1;
    },
  };
}
