import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a process of a bench tells: where it listens, once it does; and what it used, when asked. */
export interface ProcessReport {
  readonly url?: string;
  readonly cpu?: { readonly user: number; readonly system: number };
}

export interface BenchProcess {
  readonly url: string;
  readonly processId: number;
  /** Milliseconds of processor time since its start. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** Told to it as one JSON argument. */
  readonly options: object;
  /** Options of Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The one core that it may use, where `taskset` is there to say so. */
  readonly core?: number | undefined;
}

/** Starts a server in a process of its own, and waits until it says its address. */
export async function startProcess(
  file: string,
  { options, nodeOptions = [], environment = {}, core }: ProcessOptions,
): Promise<BenchProcess> {
  const command = [process.execPath, ...nodeOptions, file, JSON.stringify(options)];
  const pinned = core === undefined ? command : ['taskset', '-c', String(core), ...command];
  const [program = '', ...args] = pinned;
  const child = spawn(program, args, {
    // Its log is written and thrown away, as costly as one that is kept.
    stdio: ['ignore', 'ignore', process.env['BENCH_LOG'] ? 'inherit' : 'ignore', 'ipc'],
    env: { ...process.env, ...environment },
  });
  const ended = once(child, 'exit');
  const report = async (): Promise<ProcessReport> => {
    const told = once(child, 'message') as Promise<[ProcessReport]>;
    const gone = ended.then(() => {
      throw new Error(`${file} has ended. BENCH_LOG=1 shows what it says.`);
    });
    const [message] = await Promise.race([told, gone]);
    return message;
  };
  const { url = '' } = await report();
  return {
    url,
    processId: child.pid ?? 0,
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
