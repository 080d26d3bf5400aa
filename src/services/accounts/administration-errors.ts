import { DomainError } from '../platform/errors.ts';

/** What cannot be taken back is done only to the person whose name was typed. */
export class ConfirmationMismatch extends DomainError {
  readonly code = 'CONFIRMATION_MISMATCH';
  readonly field = 'confirmUsername';
  constructor() {
    super('This is not the user name of the person. Nothing was deleted.');
  }
}
