import { DomainError } from '../../platform/errors.ts';

/** What was asked for cannot be written, or not there. */
export class ExportError extends DomainError {
  readonly code = 'EXPORT_REFUSED';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such folder.',
  ENOTDIR: 'There is no such folder.',
  EACCES: 'Nothing may be written there.',
  EPERM: 'Nothing may be written there.',
  EROFS: 'Nothing may be written there.',
  EISDIR: 'This is a folder, where a file is to be.',
  ENOTEMPTY: 'It is there already.',
  EEXIST: 'It is there already.',
  EBUSY: 'It is in use.',
  ENOSPC: 'The disk is full.',
};

/** Runs `work`; what a disk refuses becomes an ExportError that names `path` and says why. */
export async function saying<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code];
    if (reason === undefined) throw error;
    throw new ExportError(`${path}: ${reason}`);
  }
}
