import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';

/** What a running PostgreSQL writes about itself into its folder. */
export interface Postmaster {
  readonly processId: number;
  readonly port: number;
  readonly isReady: boolean;
}

export interface StartOptions {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly port: number;
  readonly logFile: string;
  /** Settings, such as `['fsync=off']`. */
  readonly settings: readonly string[];
  /** Whether it outlives this process, and Ctrl-C at its terminal. */
  readonly isDetached: boolean;
}

const POLL_MS = 10;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LINES = 3;

/** The PostgreSQL that runs on `folder`; undefined when none does. */
export function findPostmaster(folder: string): Postmaster | undefined {
  const file = path.join(folder, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  // Its lines: process, folder, start, port, socket folder, address, shared memory, status.
  const [processId, , , port, , , , status] = readFileSync(file, 'utf8').split('\n');
  if (!processId || !isAlive(Number(processId))) return undefined;
  return {
    processId: Number(processId),
    port: Number(port ?? 0),
    isReady: status?.trim() === 'ready',
  };
}

/**
 * A file of a killed PostgreSQL may name a process that is by now another program, most often after
 * a container was restarted; PostgreSQL would then refuse to start. Removes the file if that is
 * certain, and leaves it if not.
 */
export function forgetKilledPostmaster(folder: string): void {
  const found = findPostmaster(folder);
  if (!found) return;
  const command = commandOf(found.processId);
  if (command !== undefined && !command.includes(folder)) {
    rmSync(path.join(folder, 'postmaster.pid'));
  }
}

/**
 * Starts PostgreSQL on `folder`, and waits until it answers.
 * @throws Error with the last lines of its log when it ends instead
 */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  const { binaries, folder, port, logFile } = options;
  const log = openSync(logFile, 'w', 0o600);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    ...options.settings,
  ].flatMap((setting) => ['-c', setting]);
  const child = spawn(binaries.postgres, ['-D', folder, '-p', String(port), ...settings], {
    ...binaries.account,
    // Its account may not enter our own folder.
    cwd: path.dirname(binaries.postgres),
    detached: options.isDetached,
    windowsHide: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.once('error', () => undefined);
  if (options.isDetached) child.unref();

  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += POLL_MS) {
    const found = findPostmaster(folder);
    if (found?.isReady && found.processId === child.pid) return found;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break;
    await sleep(POLL_MS);
  }
  throw new Error(`PostgreSQL did not start. ${tailOf(logFile)}`);
}

/** Ends every connection and stops in an orderly way; waits until it is gone. */
export async function stopPostmaster(binaries: Binaries, folder: string): Promise<void> {
  const found = findPostmaster(folder);
  if (!found) return;
  if (process.platform === 'win32') {
    spawnSync(binaries.pgCtl, ['stop', '-D', folder, '-m', 'fast', '-w']);
    return;
  }
  process.kill(found.processId, 'SIGINT');
  for (let waitedMs = 0; waitedMs < STOP_TIMEOUT_MS; waitedMs += POLL_MS) {
    if (!isAlive(found.processId)) return;
    await sleep(POLL_MS);
  }
  process.kill(found.processId, 'SIGQUIT');
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The command line of a process, or undefined where it cannot be known. */
function commandOf(processId: number): string | undefined {
  if (process.platform === 'linux') {
    const file = `/proc/${String(processId)}/cmdline`;
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
  const { status, stdout } = spawnSync('ps', ['-p', String(processId), '-o', 'command=']);
  return status === 0 ? stdout.toString('utf8') : undefined;
}

function tailOf(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return lines.slice(-LOG_TAIL_LINES).join(' ');
}
