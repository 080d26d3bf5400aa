import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../../market/import/errors.ts';
import { readDirectory } from '../../market/import/price-files.ts';

/** The records of one trader. */
export interface TraderFolder {
  /** Name of the folder, which names the trader: what its files call it may differ. */
  readonly name: string;
  readonly positionFile: string;
  readonly logs: readonly LogFile[];
  readonly sizeBytes: number;
}

/** What a trader read and wrote on one day. */
export interface LogFile {
  /** Such as "2025-10-01". */
  readonly date: string;
  readonly file: string;
}

const TRADERS = 'agent_data';
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Finds the traders under `directory`, in order of name. Throws ImportError when there is none, when
 * one has no position file, or when a day's folder has another name than a date or no log.
 */
export async function findTraderFolders(directory: string): Promise<readonly TraderFolder[]> {
  const root = join(directory, TRADERS);
  const names = await readDirectory(root);
  if (names.length === 0) throw new ImportError({ file: root }, 'There is no trader here.');
  const folders: TraderFolder[] = [];
  for (const name of names) folders.push(await readTraderFolder(root, name));
  return folders;
}

async function readTraderFolder(root: string, name: string): Promise<TraderFolder> {
  const entries = await readDirectory(join(root, name));
  const positionFile = join(root, name, 'position', 'position.jsonl');
  const logs = entries.includes('log') ? await findLogs(join(root, name, 'log')) : [];
  let sizeBytes = await sizeOf(positionFile);
  for (const { file } of logs) sizeBytes += await sizeOf(file);
  return { name, positionFile, logs, sizeBytes };
}

async function findLogs(folder: string): Promise<readonly LogFile[]> {
  const dates = await readDirectory(folder);
  return dates.map((date) => {
    if (DATE.test(date)) return { date, file: join(folder, date, 'log.jsonl') };
    throw new ImportError({ file: join(folder, date) }, 'A date such as 2025-10-01 is expected.');
  });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new ImportError({ file }, 'There is no such file.');
  }
}
