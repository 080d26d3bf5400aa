import { DomainError } from '../../platform/errors.ts';

/** Where in the imported records something was found. */
export interface FilePlace {
  readonly file: string;
  /** From 1; undefined when it is the file as a whole. */
  readonly line?: number | undefined;
}

/** The records cannot be imported as they are. Nothing of them was. */
export class ImportError extends DomainError {
  readonly code = 'IMPORT_REFUSED';
  readonly file: string;
  readonly line: number | undefined;
  /** `reason`: a sentence about what was found there. */
  constructor({ file, line }: FilePlace, reason: string) {
    super(`${file}${line === undefined ? '' : `:${String(line)}`}: ${reason}`);
    this.file = file;
    this.line = line;
  }
}
