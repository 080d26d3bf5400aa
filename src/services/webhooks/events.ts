import { z } from 'zod';
import type { NewEvent } from '../platform/outbox.ts';
import type { Failure } from './failures.ts';

export const WEBHOOK_DISABLED = 'WebhookDisabled';

/** A webhook that sends nothing any more, and the last failure that ended it. */
export interface WebhookEnd {
  readonly webhookId: string;
  readonly code: string;
  readonly message: string;
}

/** Tells a person that one of their webhooks was given up. Its URL, which may hold a secret, is not told. */
export function webhookDisabled(
  { id, ownerId }: { readonly id: string; readonly ownerId: string },
  { code, message }: Failure,
  occurredAt: Date,
): NewEvent {
  return {
    ...{ topic: `user:${ownerId}`, ownerId, type: WEBHOOK_DISABLED, version: 1, occurredAt },
    payload: { webhookId: id, code, message },
  };
}

const endPayload = z.object({ webhookId: z.string(), code: z.string(), message: z.string() });

/** What a WebhookDisabled event of version 1 tells; throws a ZodError for anything else. */
export function parseWebhookDisabled(payload: unknown): WebhookEnd {
  return endPayload.parse(payload);
}
