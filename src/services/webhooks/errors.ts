import { DomainError } from '../platform/errors.ts';

/** A person who has this many webhooks does not know what they are all for. */
export class WebhookLimit extends DomainError {
  readonly code = 'WEBHOOK_LIMIT';
  readonly limit: number;
  constructor(limit: number) {
    super(`You have ${limit} webhooks, which is the most. Delete one first.`);
    this.limit = limit;
  }
}
