import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';
import { eventually } from './outbox.ts';

const PROGRAM = 'redis-server';

/** One process of Redis among several that work together. */
export interface RedisProcess {
  readonly port: number;
  stop(): Promise<void>;
}

/** Several processes of Redis that work together, in a folder of their own. */
export interface RedisGroup {
  readonly url: string;
  /** Of each server, in the order of the URL for a cluster: the master and its replica for sentinels. */
  readonly servers: readonly RedisProcess[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;

/** Three masters that share the keys out among them. */
export async function startRedisCluster(): Promise<RedisGroup> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-redis-'));
  const servers: RedisProcess[] = [];
  const buses: number[] = [];
  for (let node = 0; node < 3; node += 1) {
    const bus = await findFreePort();
    servers.push(
      await spawnRedis([
        ...['--dir', folder, '--cluster-enabled', 'yes', '--cluster-port', String(bus)],
        ...['--cluster-config-file', `node-${node}.conf`, '--cluster-node-timeout', '2000'],
      ]),
    );
    buses.push(bus);
  }
  const admins = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  for (const [node, admin] of admins.entries()) {
    const [from, to] = [Math.floor((node * SLOTS) / 3), Math.floor(((node + 1) * SLOTS) / 3) - 1];
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    const port = servers[0]?.port ?? 0;
    if (node > 0) await admin.call('CLUSTER', 'MEET', '127.0.0.1', port, buses[0] ?? 0);
  }
  await eventually('the nodes know each other', async () => {
    const states = await Promise.all(admins.map((admin) => admin.call('CLUSTER', 'INFO')));
    return states.every(
      (state) =>
        String(state).includes('cluster_state:ok') &&
        String(state).includes('cluster_known_nodes:3'),
    );
  });
  for (const admin of admins) admin.disconnect();
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis-cluster://${hosts}`, servers, stop: () => stopAll(servers, folder) };
}

/** A master with a replica, and a sentinel that alone decides which is which. */
export async function startRedisSentinel(): Promise<RedisGroup> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-redis-'));
  const master = await spawnRedis([]);
  const replica = await spawnRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  const file = path.join(folder, 'sentinel.conf');
  const settings = [
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 10000',
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  const sentinel = await spawnRedis(['--sentinel'], file);
  const admin = new Redis(sentinel.port, '127.0.0.1');
  await eventually('the sentinel knows the replica', async () => {
    const replicas = await admin.call('SENTINEL', 'REPLICAS', 'main');
    return JSON.stringify(replicas).includes('"master-link-status","ok"');
  });
  admin.disconnect();
  return {
    url: `redis-sentinel://127.0.0.1:${sentinel.port}/main`,
    servers: [master, replica],
    stop: () => stopAll([master, replica, sentinel], folder),
  };
}

async function stopAll(processes: readonly RedisProcess[], folder: string): Promise<void> {
  await Promise.all(processes.map((each) => each.stop()));
  await rm(folder, { recursive: true, force: true });
}

/** Starts one on a free port, with these options, over those of `configFile` if there is one. */
async function spawnRedis(options: readonly string[], configFile?: string): Promise<RedisProcess> {
  const port = await findFreePort();
  const common = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const args = [...(configFile === undefined ? [] : [configFile]), ...common, ...options];
  // A replica writes a file of what it was sent to where it stands.
  const server = spawn(PROGRAM, args, {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let output = '';
  server.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (/Ready to accept connections|Sentinel ID is/.test(output)) resolve(undefined);
  });
  server.once('error', reject);
  server.once('exit', (code) => {
    reject(new Error(`redis-server ended with code ${String(code)}.\n${output}`));
  });
  await promise;
  return {
    port,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    },
  };
}
