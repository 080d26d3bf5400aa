import path from 'node:path';
import { databaseCpuMs } from './bench-cpu.ts';
import { openReadClient, type PreparedRequest } from './read-client.ts';
import type { System } from './read-systems.ts';

/** What one system did with one measure in one round. */
export interface Slot {
  readonly answered: number;
  readonly seconds: number;
  /** Milliseconds of processor time. */
  readonly serverMs: number;
  readonly databaseMs: number;
  /** How long each request waited for its answer. */
  readonly latenciesMs: readonly number[];
}

export interface Load {
  readonly requests: readonly PreparedRequest[];
  readonly connections: number;
  readonly seconds: number;
}

/** Connections that ask one after the other, the next request of the list at every turn. */
export async function load(
  system: System,
  { requests, connections, seconds }: Load,
): Promise<Slot> {
  const { url } = system.process;
  const clients = await Promise.all(Array.from({ length: connections }, () => openReadClient(url)));
  const latenciesMs: number[] = [];
  const before = await cpuNow(system);
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1_000;
  let asked = 0;
  try {
    await Promise.all(
      clients.map(async (client) => {
        let nowMs = performance.now();
        while (nowMs < endMs) {
          const request = requests[asked % requests.length];
          if (!request) throw new Error('There is nothing to ask for.');
          asked += 1;
          await client.ask(request);
          const answeredMs = performance.now();
          latenciesMs.push(answeredMs - nowMs);
          nowMs = answeredMs;
        }
      }),
    );
  } finally {
    for (const client of clients) client.close();
  }
  const tookMs = performance.now() - startedMs;
  const after = await cpuNow(system);
  return {
    answered: latenciesMs.length,
    seconds: tookMs / 1_000,
    serverMs: after.server - before.server,
    databaseMs: after.database - before.database,
    latenciesMs,
  };
}

async function cpuNow(system: System): Promise<{ server: number; database: number }> {
  return {
    server: await system.process.cpuMs(),
    database: databaseCpuMs(path.join(system.cluster.folder, 'postgres')),
  };
}
