import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { decodeAnchor, encodeAnchor, type Anchor } from './anchor.ts';

/** Anchors in a file, one a line, that is only ever added to. */
export interface AnchorFile {
  /** Resolves when the line is on the disk. */
  append(anchor: Anchor): Promise<void>;
  /** The lines at the end of the file, the last one last; undefined when there is no file. */
  tail(): Promise<readonly AnchorLine[] | undefined>;
  /** Every line, the first one first; nothing when there is no file. */
  lines(): AsyncIterable<AnchorLine>;
}

export interface AnchorLine {
  /** From 1; of the tail, from 1 where that begins. */
  readonly number: number;
  /** Undefined for a line that cannot be read: a crash cut it short, or somebody wrote in it. */
  readonly anchor: Anchor | undefined;
}

const TAIL_BYTES = 64 * 1024;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const LINE_END = '\n';

export function createAnchorFile(file: string): AnchorFile {
  return {
    async append(anchor) {
      const folder = path.dirname(file);
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
      const handle = await open(file, 'a+', OWNER_ONLY);
      try {
        const { size } = await handle.stat();
        // A line that a crash cut short must not swallow this one.
        const start = size > 0 && (await lastByte(handle, size)) !== LINE_END ? LINE_END : '';
        await handle.appendFile(`${start}${encodeAnchor(anchor)}${LINE_END}`);
        await handle.sync();
        if (size === 0) await syncFolder(folder);
      } finally {
        await handle.close();
      }
    },

    async tail() {
      const handle = await openIfThere(file);
      if (!handle) return undefined;
      try {
        const { size } = await handle.stat();
        const start = Math.max(0, size - TAIL_BYTES);
        const { buffer, bytesRead } = await handle.read({
          buffer: Buffer.alloc(size - start),
          position: start,
        });
        const lines = buffer.subarray(0, bytesRead).toString('utf8').split(LINE_END);
        // The first piece may be the end of a line.
        return lines.slice(start > 0 ? 1 : 0).flatMap(toLine);
      } finally {
        await handle.close();
      }
    },

    async *lines() {
      const handle = await openIfThere(file);
      if (!handle) return;
      await handle.close();
      const input = createReadStream(file);
      let number = 0;
      for await (const line of createInterface({ input, crlfDelay: Infinity })) {
        number += 1;
        yield* toLine(line, number - 1);
      }
    },
  };
}

function toLine(line: string, index: number): AnchorLine[] {
  return line === '' ? [] : [{ number: index + 1, anchor: decodeAnchor(line) }];
}

type Handle = Awaited<ReturnType<typeof open>>;

async function lastByte(handle: Handle, size: number): Promise<string> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer.toString('latin1');
}

/** The name of a new file is a change of its folder. */
async function syncFolder(folder: string): Promise<void> {
  // Windows knows no such thing: there a folder cannot be opened.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openIfThere(file: string): Promise<Handle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
