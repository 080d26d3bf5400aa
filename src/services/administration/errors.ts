import { DomainError } from '../platform/errors.ts';
import type { MailStatus } from '../platform/prisma/enums.ts';

/**
 * Only a mail that failed is tried again: one that waits is sent anyway, one that was sent arrived,
 * and one that was dropped is for nobody.
 */
export class MailStateConflict extends DomainError {
  readonly code = 'MAIL_STATE_CONFLICT';
  readonly status: MailStatus;
  constructor(status: MailStatus) {
    super(`The mail is ${status}.`);
    this.status = status;
  }
}
