import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { ImportError } from './errors.ts';

/** One line of a text file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** What it takes in the file, its end included; for progress. */
  readonly sizeBytes: number;
}

const LINE_MAX_BYTES = 16 * 1024 * 1024;
const FILE_MAX_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads a UTF-8 file line by line; what is held is one line. Lines of nothing but white space are
 * left out and counted. Throws ImportError for a file that is not there, that is not text, or that
 * has a line of more than 16 MiB.
 */
export async function* readLines(file: string): AsyncGenerator<Line> {
  let number = 1;
  let pieces: Buffer[] = [];
  let size = 0;
  const lineOf = (sizeBytes: number): Line | undefined => {
    const text = decode(Buffer.concat(pieces), { file, line: number });
    return text.trim() === '' ? undefined : { number, text, sizeBytes };
  };
  for await (const chunk of readChunks(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = lineOf(size + end - start + 1);
      if (line) yield line;
      [pieces, size, start] = [[], 0, end + 1];
      number += 1;
    }
    pieces.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > LINE_MAX_BYTES) {
      throw new ImportError({ file, line: number }, 'The line is longer than 16 MiB.');
    }
  }
  const last = lineOf(size);
  if (last) yield last;
}

/**
 * Reads a small UTF-8 file whole. Throws ImportError as {@link readLines} does, and above 64 MiB.
 */
export async function readText(file: string): Promise<string> {
  const bytes = await translateFileErrors(file, async () => {
    const { size } = await stat(file);
    if (size > FILE_MAX_BYTES) throw new ImportError({ file }, 'The file is larger than 64 MiB.');
    return readFile(file);
  });
  return decode(bytes, { file });
}

async function* readChunks(file: string): AsyncGenerator<Buffer> {
  const chunks = createReadStream(file)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  try {
    for (;;) {
      const next = await translateFileErrors(file, () => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // A reader that stops early leaves no open file behind.
    await chunks.return?.();
  }
}

/** `fatal`: bytes that are no UTF-8 are refused, not replaced. */
const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer, place: { file: string; line?: number }): string {
  try {
    const text = decoder.decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new ImportError(place, 'This is not text. Is the file binary, or damaged?');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  ENOTDIR: 'There is no such file.',
  EISDIR: 'This is a directory, where a file is expected.',
  EACCES: 'The file may not be read.',
};

export async function translateFileErrors<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined;
    if (reason === undefined) throw error;
    throw new ImportError({ file }, reason);
  }
}
