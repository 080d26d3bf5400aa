import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExportError, saying } from './errors.ts';

/** A file to be written: where below the folder, and its text, a piece at a time. */
export interface ExportFile {
  readonly path: string;
  readonly text: AsyncIterable<string> | Iterable<string>;
}

/**
 * Writes files into a folder that is not there yet, or is empty, and returns how many. The folder
 * appears under its name when all of them are in it; until then they are in one of a name that
 * nobody had, beside it, which goes when writing fails. Throws ExportError when there is something
 * in the folder, and when none can be made there.
 */
export async function writeFolder(
  directory: string,
  files: AsyncIterable<ExportFile>,
): Promise<number> {
  const target = resolve(directory);
  await refuseFilled(target);
  const partial = await saying(dirname(target), () => mkdtemp(`${target}.partial-`));
  try {
    let count = 0;
    for await (const { path, text } of files) {
      const file = join(partial, path);
      await mkdir(dirname(file), { recursive: true });
      await pipeline(Readable.from(text), createWriteStream(file, { flags: 'wx' }));
      count += 1;
    }
    // An empty folder of that name gives way.
    await saying(target, () => rename(partial, target));
    return count;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function refuseFilled(directory: string): Promise<void> {
  try {
    const names = await readdir(directory);
    if (names.length === 0) return;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return;
    if (code !== 'ENOTDIR') throw error;
  }
  throw new ExportError(`${directory} is there already. Name a folder that is new or empty.`);
}
