import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ImportError } from '../../market/import/errors.ts';
import { findFiles } from '../../market/import/file-tree.ts';
import { translateFileErrors } from '../../market/import/lines.ts';

/** The records of one trader. */
export interface TraderFolder {
  /** Name of the folder, which names the trader: what its files call it may differ. */
  readonly name: string;
  /** Name of the folder that holds the traders' folders, such as "agent_data". */
  readonly group: string;
  readonly positionFile: string;
  readonly logs: readonly LogFile[];
  readonly sizeBytes: number;
}

/** What a trader read and wrote on one day, or in one hour. */
export interface LogFile {
  /** Such as "2025-10-01" or "2025-10-01 10:30:00". */
  readonly label: string;
  readonly file: string;
}

const POSITION_FILE = join('position', 'position.jsonl');
const LOG_FILE = 'log.jsonl';
const LABEL = /^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/;
const NOT_ENTERED: ReadonlySet<string> = new Set(['node_modules']);

/**
 * Finds the traders below `directory`, or in it, by their `position/position.jsonl`, in order of
 * path; finding none is no fault. Other files beside theirs are passed over. Throws ImportError
 * when there is no such directory, when a trader has a log and no positions, or when a folder of a
 * day's log has another name than a date or no log. Links are not followed: a folder that is one is
 * passed over, and in the place of a file that must be there, it is refused as a device is, which
 * might be read forever.
 */
export async function findTraderFolders(directory: string): Promise<readonly TraderFolder[]> {
  const found = await findFiles(directory, {
    skippedFolders: NOT_ENTERED,
    wants: (name) => name === LOG_FILE || name === 'position.jsonl',
  });
  const root = await realpath(directory);
  const folders = new Set(found.flatMap(({ file }) => traderFolderOf(file) ?? []));
  return Promise.all(
    [...folders].map((folder) => {
      const names = join(root, relative(directory, folder)).split(sep);
      const [group = '', name = ''] = names.slice(-2);
      return readTraderFolder(folder, { name, group });
    }),
  );
}

/** The folder above `position/position.jsonl`, or above `log/<date>/log.jsonl`. */
function traderFolderOf(file: string): string | undefined {
  if (file.endsWith(`${sep}${POSITION_FILE}`)) return dirname(dirname(file));
  const logs = dirname(dirname(file));
  return file.endsWith(`${sep}${LOG_FILE}`) && logs.endsWith(`${sep}log`)
    ? dirname(logs)
    : undefined;
}

async function readTraderFolder(
  folder: string,
  names: Pick<TraderFolder, 'name' | 'group'>,
): Promise<TraderFolder> {
  const positionFile = join(folder, POSITION_FILE);
  const logs = await findLogs(join(folder, 'log'));
  const files = [positionFile, ...logs.map(({ file }) => file)];
  const sizes = await Promise.all(files.map(sizeOf));
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { ...names, positionFile, logs, sizeBytes };
}

async function findLogs(folder: string): Promise<readonly LogFile[]> {
  const entries = await readEntries(folder);
  const labels = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  return labels.map((label) => {
    if (LABEL.test(label)) return { label, file: join(folder, label, LOG_FILE) };
    const reason = 'A date such as 2025-10-01 or 2025-10-01 10:30:00 is expected.';
    throw new ImportError({ file: join(folder, label) }, reason);
  });
}

/** A trader may have no log; what is called so may be a file, or a link. */
async function readEntries(folder: string): Promise<readonly Dirent[]> {
  if (!(await isFolder(folder).catch(() => false))) return [];
  return translateFileErrors(folder, () => readdir(folder, { withFileTypes: true }));
}

const isFolder = async (path: string): Promise<boolean> => (await lstat(path)).isDirectory();

async function sizeOf(file: string): Promise<number> {
  return translateFileErrors(file, async () => {
    const isInFolder = await isFolder(dirname(file));
    const found = await lstat(file);
    if (isInFolder && found.isFile()) return found.size;
    throw new ImportError({ file }, 'A plain file is expected here, and no link or device.');
  });
}
