import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DatabaseUrls } from '../src/services/platform/config/database-urls.ts';

/** What a program of a bench is started with. */
export interface ProgramOptions {
  readonly urls: DatabaseUrls;
  /** Variables of its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** For what it keeps in files. */
  readonly folder: string;
  /** Whether it asks the database bare: no transaction, and no viewer. */
  readonly isBare?: boolean;
  /** Options of Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Folder of the checkout that is run; this one if it is not given. */
  readonly root?: string;
}

export interface ProgramReport {
  readonly url?: string;
  readonly cpu?: { readonly user: number; readonly system: number };
}

export interface BenchProgram {
  /** Of GraphQL. */
  readonly url: string;
  /** Milliseconds of processor time since its start. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `bench-server.ts` in a process of its own, and waits until it answers. */
export async function startProgram(options: ProgramOptions): Promise<BenchProgram> {
  const { nodeOptions = [], root = path.join(import.meta.dirname, '..') } = options;
  const file = path.join(root, 'bench/bench-server.ts');
  const child = spawn(process.execPath, [...nodeOptions, file, JSON.stringify(options)], {
    // Its log is written and thrown away, as costly as one that is kept.
    stdio: ['ignore', 'ignore', process.env['BENCH_LOG'] ? 'inherit' : 'ignore', 'ipc'],
  });
  const ended = once(child, 'exit');
  const report = async (): Promise<ProgramReport> => {
    const told = once(child, 'message') as Promise<[ProgramReport]>;
    const gone = ended.then(() => {
      throw new Error('The program of the bench has ended. BENCH_LOG=1 shows what it says.');
    });
    const [message] = await Promise.race([told, gone]);
    return message;
  };
  const { url = '' } = await report();
  return {
    url,
    async cpuMs() {
      const answered = report();
      child.send('cpu');
      const { cpu = { user: 0, system: 0 } } = await answered;
      return (cpu.user + cpu.system) / 1_000;
    },
    async stop() {
      if (child.exitCode === null) child.disconnect();
      await ended;
    },
  };
}
