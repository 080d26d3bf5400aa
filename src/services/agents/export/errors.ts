import { DomainError } from '../../platform/errors.ts';

/** What was asked for cannot be written, or not there. */
export class ExportError extends DomainError {
  readonly code = 'EXPORT_REFUSED';
}
