import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 1_000;
/** A holder touches its file every second; one that is silent for so long is gone. */
const SILENCE_MS = 15_000;
const NEWS_MS = 5_000;

/**
 * Runs `work` while no other process does so under the same file. A file that a dead or silent
 * process left behind is taken over.
 */
export async function withLock(file, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  let toldMs = -Infinity;
  while (!take(file)) {
    removeIfStale(file);
    if (performance.now() - toldMs > NEWS_MS) {
      process.stdout.write(
        `Waiting for another set-up in this folder (process ${holderOf(file)})\n`,
      );
      toldMs = performance.now();
    }
    await sleep(200);
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  const release = () => rmSync(file, { force: true });
  // A set-up that exits half way must not make the next one wait.
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

function take(file) {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(file) {
  try {
    const silentMs = Date.now() - statSync(file).mtimeMs;
    if (silentMs > SILENCE_MS || (silentMs > BEAT_MS && !isAlive(holderOf(file)))) rmSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function touch(file) {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Another process took the file for stale, after this one was suspended; nothing is to be done.
  }
}
