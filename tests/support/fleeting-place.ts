import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A folder of Linux that is memory. */
const MEMORY = '/dev/shm';
/** More than the databases of a run take, and no more than a machine can spare. */
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * Where the folders of databases lie that a test throws away: in memory, where there is room. Each is a
 * thousand small files, which a disk may need a second to make.
 */
export function fleetingPlace(): string {
  if (process.env['TMPDIR'] !== undefined) return tmpdir();
  const room = Math.min(roomIn(MEMORY), process.availableMemory());
  return room >= ROOM_BYTES ? MEMORY : tmpdir();
}

function roomIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
