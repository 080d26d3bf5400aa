import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { saying } from '../services/agents/export/errors.ts';

/** To a file, which has its name when it is whole; or, when none is named, to the screen. */
export function writeText(output: string | undefined, text: AsyncIterable<string>): Promise<void> {
  return output === undefined ? writeToScreen(text) : writeToFile(output, text);
}

async function writeToFile(output: string, text: AsyncIterable<string>): Promise<void> {
  const file = resolve(output);
  // In a folder of a name that nobody had: what lies beside the file is not ours.
  const folder = await saying(dirname(file), () => mkdtemp(`${file}.partial-`));
  try {
    const partial = join(folder, 'table');
    await pipeline(Readable.from(text), createWriteStream(partial));
    await saying(file, () => rename(partial, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A reader that has seen enough (`… | head`) ends it quietly. */
async function writeToScreen(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}
