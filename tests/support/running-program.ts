import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { auditBooksLeft } from './books-left.ts';
import { findEmbeddedDatabase } from './embedded-database.ts';
import { fleetingPlace } from './fleeting-place.ts';
import { plainEnvironment } from './run-program.ts';

/** What a first start shows of its demo; a later one shows nothing. */
export interface ShownDemo {
  readonly accessToken: string;
  readonly passwords: Readonly<Record<string, string>>;
}

/** The real program, as `npm start` runs it, in a process group of its own. */
export interface RunningProgram {
  /** Of GraphQL, on whatever port was free. */
  readonly url: string;
  readonly demo: ShownDemo | undefined;
  /** All that it wrote so far, to standard output and to standard error. */
  output(): string;
  /**
   * Asks it to stop, and waits until it and its database have. Fails when the books that are in its
   * embedded database then are broken.
   */
  stop(): Promise<void>;
  /** `kill -9` of its process group. The embedded PostgreSQL is not part of it and runs on. */
  kill(): Promise<void>;
  /** Lets it do nothing, not even end, until it goes on. */
  pause(): void;
  goOn(): void;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** The code it ended with; null while it runs, and for one that a signal ended. */
  exitCode(): number | null;
}

interface ProgramOptions {
  readonly dataDirectory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;
/** The last line of a start. */
const READY = 'Stop it with Ctrl-C.';
const WORKER_READY = 'Tradegraph works';

/** A folder that the user of the embedded PostgreSQL may enter, for everything of one test. */
export async function makeDataFolder(): Promise<{
  readonly folder: string;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(path.join(fleetingPlace(), 'tradegraph-e2e-'));
  await chmod(folder, 0o755);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Starts the program and waits until it answers. Throws with what it wrote when it does not. */
export async function launchProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { program, stdout } = await launch('bin/start.mjs', READY, options);
  return {
    ...{ ...program, url: urlIn(stdout), demo: demoIn(stdout) },
    async stop() {
      const url = program.hasEnded() ? undefined : findEmbeddedDatabase(options.dataDirectory);
      try {
        if (url !== undefined) await auditBooksLeft(url);
      } finally {
        await program.stop();
      }
    },
  };
}

/** The same of a worker, as `npm run worker` runs it. */
export async function launchWorker(
  options: ProgramOptions,
): Promise<Omit<RunningProgram, 'url' | 'demo'>> {
  return (await launch('bin/worker.mjs', WORKER_READY, options)).program;
}

async function launch(entry: string, ready: string, options: ProgramOptions) {
  const child = spawn(process.execPath, [path.join(ROOT, entry)], {
    cwd: ROOT,
    env: {
      ...plainEnvironment(),
      ...{ PORT: '0', WORKER_PORT: '0' },
      LOG_LEVEL: 'warn',
      ...options.environment,
      DATA_DIRECTORY: options.dataDirectory,
    },
    detached: true,
    // It stops when this channel closes: a test that is killed leaves nothing running.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const output = () => stdout + stderr;
  const ended = once(child, 'close').then(() => undefined);
  const program = programOf(child, ended, output);
  try {
    const isReady = () => stdout.includes(ready);
    await waitUntilReady({ isReady, isOver: () => hasEnded(child), output });
  } catch (error) {
    await program.kill();
    throw error;
  }
  return { program, stdout };
}

function programOf(child: ChildProcess, ended: Promise<void>, output: () => string) {
  return {
    output,
    ended,
    hasEnded: () => hasEnded(child),
    exitCode: () => child.exitCode,
    async stop() {
      if (hasEnded(child)) return;
      child.kill('SIGTERM');
      const tooLong = delay(STOP_TIMEOUT_MS, 'tooLong', { ref: false });
      if ((await Promise.race([ended, tooLong])) !== 'tooLong') return;
      await killGroup();
      throw new Error(`The program did not stop.\n${output()}`);
    },
    kill: killGroup,
    pause: () => signalGroup('SIGSTOP'),
    goOn: () => signalGroup('SIGCONT'),
  };

  function signalGroup(signal: NodeJS.Signals): void {
    if (!hasEnded(child) && child.pid !== undefined) process.kill(-child.pid, signal);
  }

  async function killGroup(): Promise<void> {
    if (hasEnded(child)) return;
    signalGroup('SIGKILL');
    await ended;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function waitUntilReady(of: {
  readonly isReady: () => boolean;
  readonly isOver: () => boolean;
  readonly output: () => string;
}): Promise<void> {
  const POLL_MS = 20;
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_MS) {
    if (of.isReady()) return;
    if (of.isOver()) throw new Error(`The program ended instead of starting.\n${of.output()}`);
    await delay(POLL_MS);
  }
  throw new Error(`The program did not start.\n${of.output()}`);
}

function urlIn(stdout: string): string {
  const url = / answers at (?<url>\S+)/.exec(stdout)?.groups?.['url'];
  if (url === undefined) throw new Error(`No URL was shown.\n${stdout}`);
  return url;
}

function demoIn(stdout: string): ShownDemo | undefined {
  const accessToken = /Bearer (?<token>[\w.-]+)/.exec(stdout)?.groups?.['token'];
  if (accessToken === undefined) return undefined;
  const people = stdout.matchAll(/^ {2}(?<name>admin|trader) +(?<password>\S+)$/gm);
  const passwords = [...people].map(({ groups }) => [groups?.['name'], groups?.['password']]);
  return { accessToken, passwords: Object.fromEntries(passwords) as Record<string, string> };
}
