import { open } from 'node:fs/promises';
import { translateFileErrors } from './lines.ts';

/** Enough for the description of any file of the records, and the key of what it holds. */
const HEAD_BYTES = 4_096;

/** How a file begins. */
export interface FileHead {
  /** One letter a byte: to look for ASCII in, and not to show. */
  readonly text: string;
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  readonly sizeBytes: number;
}

/** Throws ImportError for a file that is not there any more, or may not be read. */
export async function readFileHead(file: string): Promise<FileHead> {
  return translateFileErrors(file, async () => {
    const handle = await open(file);
    try {
      const { size: sizeBytes } = await handle.stat();
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(HEAD_BYTES),
        position: 0,
      });
      const text = buffer.toString('latin1', 0, bytesRead);
      return { text, isWhole: sizeBytes <= bytesRead, sizeBytes };
    } finally {
      await handle.close();
    }
  });
}

/**
 * Whether a file may be JSON by its beginning: one that is cut off within it, or binary, is not.
 */
export function mayBeJson({ text, isWhole }: FileHead): boolean {
  if (!isWhole) return /^\s*[[{]/.test(text);
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
