import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { findPostmaster } from '../src/services/platform/embedded/postmaster.ts';

/** What Linux counts in. */
const TICK_MS = 10;

/**
 * Milliseconds of processor time so far of all processes of the PostgreSQL on `folder`, those that have
 * ended among them, as Linux tells it; 0 elsewhere.
 */
export function databaseCpuMs(folder: string): number {
  const postmaster = String(findPostmaster(folder)?.processId);
  const endedTicks = ENDED.reduce((sum, place) => sum + Number(statOf(postmaster)[place] ?? 0), 0);
  return cpuMsOf((processId) => statOf(processId)[PARENT] === postmaster) + endedTicks * TICK_MS;
}

/** The same of the program that keeps its data in `folder`, without its database. */
export function programCpuMs(folder: string): number {
  return cpuMsOf(
    (processId) =>
      environmentOf(processId).includes(`DATA_DIRECTORY=${folder}`) &&
      !fileOf(processId, 'comm').startsWith('postgres'),
  );
}

/** Places behind the name: the parent, and the time in user and in kernel mode. */
const [PARENT, USER, KERNEL] = [1, 11, 12] as const;
/** The same two of the children that have ended. */
const ENDED = [13, 14] as const;

function cpuMsOf(isCounted: (processId: string) => boolean): number {
  if (!existsSync('/proc/self/stat')) return 0;
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || !isCounted(entry)) continue;
    const fields = statOf(entry);
    ticks += Number(fields[USER] ?? 0) + Number(fields[KERNEL] ?? 0);
  }
  return ticks * TICK_MS;
}

/** What stands behind the name of a process, which may hold blanks; nothing if it has just ended. */
function statOf(processId: string): readonly string[] {
  const text = fileOf(processId, 'stat');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const environmentOf = (processId: string): readonly string[] =>
  fileOf(processId, 'environ').split('\0');

/** Empty if the process has just ended, or is not ours to look into. */
function fileOf(processId: string, name: string): string {
  try {
    return readFileSync(`/proc/${processId}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
