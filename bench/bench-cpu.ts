import { readdirSync, readFileSync } from 'node:fs';
import { findPostmaster } from '../src/services/platform/embedded/postmaster.ts';

/** What Linux counts in. */
const TICK_MS = 10;

/**
 * Milliseconds of processor time so far of all processes of the PostgreSQL on `folder`, as Linux tells
 * it; 0 elsewhere.
 */
export function databaseCpuMs(folder: string): number {
  const postmaster = String(findPostmaster(folder)?.processId);
  let ticks = 0;
  try {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const fields = statOf(entry);
      // After the name: state, parent, and in the 12th and 13th place the time in user and in kernel mode.
      if (fields[1] === postmaster) ticks += Number(fields[11]) + Number(fields[12]);
    }
  } catch {
    return 0;
  }
  return ticks * TICK_MS;
}

/** What stands behind the name of a process, which may hold blanks; nothing if it has just ended. */
function statOf(processId: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
