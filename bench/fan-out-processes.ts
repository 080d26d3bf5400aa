import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type {
  ClientsReport,
  ConnectOrder,
  Offer,
  ServerOptions,
  ServerReport,
} from './fan-out-messages.ts';

export interface ServerProcess {
  readonly port: number;
  offer(offer: Offer): void;
  /** After a collection of garbage, where `isCollecting` was said at its start. */
  report(): Promise<ServerReport>;
  stop(): Promise<void>;
}

export interface ClientsProcess {
  /** Answers how long it took. */
  connect(order: ConnectOrder): Promise<number>;
  count(): Promise<{ readonly messages: number; readonly agesMs: readonly number[] }>;
  leave(): Promise<void>;
  stop(): Promise<void>;
}

export async function launchServer(
  options: ServerOptions,
  nodeOptions: readonly string[] = [],
): Promise<ServerProcess> {
  const child = launch('fan-out-server.ts', nodeOptions);
  // Too long for an argument.
  child.send(options);
  const { port } = await told<{ port: number }>(child);
  return {
    port,
    offer(offer) {
      child.send({ offer });
    },
    async report() {
      const answer = told<{ report: ServerReport }>(child);
      child.send({ report: true });
      return (await answer).report;
    },
    stop: () => end(child, nodeOptions.includes('--cpu-prof')),
  };
}

export async function launchClients(): Promise<ClientsProcess> {
  const child = launch('fan-out-clients.ts', []);
  await told(child);
  const ask = async (order: object): Promise<ClientsReport> => {
    const answer = told<ClientsReport>(child);
    child.send(order);
    const report = await answer;
    if (report.failed !== undefined) throw new Error(report.failed);
    return report;
  };
  return {
    connect: async (connect) => (await ask({ connect })).connected?.tookMs ?? 0,
    count: async () => (await ask({ count: true })).counted ?? { messages: 0, agesMs: [] },
    async leave() {
      await ask({ leave: true });
    },
    stop: () => end(child),
  };
}

function launch(file: string, nodeOptions: readonly string[]): ChildProcess {
  const script = path.join(import.meta.dirname, file);
  return spawn(process.execPath, [...nodeOptions, script], {
    // The program warns of sockets that are cut, by the thousand, when the clients end.
    stdio: ['ignore', process.env['BENCH_LOG'] ? 'inherit' : 'ignore', 'inherit', 'ipc'],
  });
}

/** The next thing that the process says. */
async function told<Message>(child: ChildProcess): Promise<Message> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const gone = once(child, 'exit', { signal }).then(() => {
      throw new Error('A process of the bench has ended.');
    });
    const message = once(child, 'message', { signal });
    return (await Promise.race([message, gone]))[0] as Message;
  } finally {
    waiting.abort();
  }
}

async function end(child: ChildProcess, isProfiled = false): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // One that is offered more than it can do hears nothing for long; a profile must be written.
  if (isProfiled) child.disconnect();
  else child.kill('SIGKILL');
  await ended;
}
