import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Database } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import { systemViewer } from '../platform/viewer.ts';
import { webhookDisabled } from './events.ts';
import type { Failure } from './failures.ts';
import type { HeldWebhook } from './held-webhook.ts';

/**
 * Gives a webhook up whose receiver takes nothing, and tells its owner by an event and a mail. It keeps its
 * cursor, and goes on there when its owner sets it going again. Answers whether it was still ours to end.
 */
export type EndWebhook = (held: HeldWebhook, failure: Failure, now: Date) => Promise<boolean>;

export function createWebhookEnding({
  workerDb,
  audit,
  mails,
}: {
  readonly workerDb: Database;
  readonly audit: Audit;
  readonly mails: Mails;
}): EndWebhook {
  return ({ id, ownerId, epoch, attempt }, failure, now) =>
    workerDb.withViewer(systemViewer(), async (tx) => {
      const { code, message } = failure;
      const count = await tx.$executeRaw`
        UPDATE webhooks SET state = 'DISABLED', attempt = ${attempt + 1}, next_attempt_at = NULL,
          last_failed_at = ${now}, last_failure_code = ${code}, last_failure = ${message},
          leased_until = ${now}
        WHERE id = ${id}::uuid AND epoch = ${epoch}`;
      if (count === 0) return false;
      await audit.record(tx, systemViewer(), {
        action: 'webhook.disabled',
        targetType: 'Webhook',
        targetId: id,
        after: { state: 'DISABLED', code, attempts: attempt + 1 },
      });
      await appendEvents(tx, [webhookDisabled({ id, ownerId }, failure, now)]);
      const { username, email } = await tx.user.findUniqueOrThrow({ where: { id: ownerId } });
      await mails.queue(tx, {
        ...{ template: 'webhook-disabled', recipient: email, ownerId },
        // Not its URL, which is whatever they typed, and may hold a secret.
        data: { username, failure: message },
      });
      return true;
    });
}
