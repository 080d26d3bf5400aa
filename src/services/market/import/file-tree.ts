import type { Dirent } from 'node:fs';
import { opendir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createLimiter } from '../../platform/limiter.ts';
import { ImportError } from './errors.ts';

/** A plain file below a directory. */
export interface FoundFile {
  readonly file: string;
  readonly name: string;
  /** From the name of the directory itself to that of the folder which holds the file. */
  readonly folders: readonly string[];
}

export interface FileSearch {
  /** Folders of these names are not entered. */
  readonly skippedFolders: ReadonlySet<string>;
  wants(name: string): boolean;
}

/** The records lie four folders deep at most below the root of their project. */
const DEPTH_MAX = 6;
/** A guard against being pointed at a whole disk. */
const ENTRIES_MAX = 200_000;
/** Folders that are read at once: a disk answers several as fast as one. */
const READS_MAX = 16;

/**
 * The plain files below `directory` that `wants` takes, sorted by path, down to six folders. Hidden
 * names are skipped, and so are links: what one within the directory leads to is met anyway, and
 * what lies outside was not asked for. Throws ImportError when there is no such directory, when one
 * may not be read, or when there are more than 200,000 entries.
 */
export async function findFiles(
  directory: string,
  search: FileSearch,
): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  let entries = 0;
  const reading = createLimiter({ runningMax: READS_MAX, waitingMax: ENTRIES_MAX });
  const walk = async (folder: string, folders: readonly string[]): Promise<void> => {
    const below: string[] = [];
    const read = () => readEntries(folder, ENTRIES_MAX - entries);
    for (const entry of await reading.run(read)) {
      entries += 1;
      const { name } = entry;
      if (name.startsWith('.')) continue;
      if (entry.isDirectory() && !search.skippedFolders.has(name)) below.push(name);
      if (entry.isFile() && search.wants(name))
        found.push({ file: join(folder, name), name, folders });
    }
    if (folders.length > DEPTH_MAX) return;
    await Promise.all(below.map((name) => walk(join(folder, name), [...folders, name])));
  };
  await walk(directory, [await nameOf(directory)]);
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Its real one, when it was given as ".". */
async function nameOf(directory: string): Promise<string> {
  return translateErrors(directory, async () => basename(await realpath(directory)));
}

async function readEntries(folder: string, countMax: number): Promise<readonly Dirent[]> {
  return translateErrors(folder, async () => {
    const entries: Dirent[] = [];
    // One by one: a list of everything would not stop at the limit.
    for await (const entry of await opendir(folder)) {
      if (entries.length >= countMax) {
        const reason = `There are more than ${String(ENTRIES_MAX)} files. Point at the records alone.`;
        throw new ImportError({ file: folder }, reason);
      }
      entries.push(entry);
    }
    return entries;
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such directory.',
  ENOTDIR: 'There is no such directory.',
  ELOOP: 'There is no such directory.',
  EACCES: 'The directory may not be read.',
};

async function translateErrors<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code];
    if (reason === undefined) throw error;
    throw new ImportError({ file: directory }, reason);
  }
}
