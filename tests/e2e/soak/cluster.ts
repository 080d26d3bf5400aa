import { embeddedDatabaseUrl } from '../kill-server/postgres.ts';
import { openBalancingProxy, type BalancingProxy } from '../../support/balancing-proxy.ts';
import { startRedisServer, type RedisServer } from '../../support/redis-server.ts';
import {
  launchProgram,
  launchWorker,
  makeDataFolder,
  type RunningProgram,
  type ShownDemo,
} from '../../support/running-program.ts';

export interface ClusterOptions {
  readonly servers: number;
  readonly workers: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** API processes behind a proxy, workers, Redis and PostgreSQL, all on the loopback address. */
export interface Cluster {
  readonly dataDirectory: string;
  readonly proxy: BalancingProxy;
  readonly redis: RedisServer;
  readonly demo: ShownDemo;
  /** `kill -9` of a server, and another in its place. */
  killServer(index: number): Promise<void>;
  /** Asks each server, and then each worker, to stop, and starts another in its place. */
  roll(): Promise<void>;
  close(): Promise<void>;
}

/** On a machine that is busy with all of this, an answer may take longer than five seconds. */
const PATIENCE = { SHUTDOWN_GRACE_MS: '30000' };
const JWT_SECRET = 'a secret that all servers of the soak share, 32 bytes';

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder: dataDirectory, remove } = await makeDataFolder();
  const folders = [{ folder: dataDirectory, remove }];
  const redis = await startRedisServer();
  const proxy = await openBalancingProxy();
  const environment = { ...options.environment, REDIS_URL: redis.url, JWT_SECRET, ...PATIENCE };
  const ofServer = { ...environment, PROCESS_PARTS: 'api' };
  // It brings PostgreSQL up and fills it, and answers nobody; the others have folders of their own.
  const keeper = await launchProgram({ dataDirectory, environment: ofServer });
  const startServer = async () => {
    const made = await makeDataFolder();
    folders.push(made);
    const DATABASE_URL = embeddedDatabaseUrl(dataDirectory);
    return launchProgram({
      dataDirectory: made.folder,
      environment: { ...ofServer, DATABASE_URL },
    });
  };
  const startWorker = () => launchWorker({ dataDirectory, environment });
  const servers: RunningProgram[] = [];
  const workers: Awaited<ReturnType<typeof startWorker>>[] = [];
  const aim = (): void => {
    proxy.setTargets(servers.filter((server) => !server.hasEnded()).map(({ url }) => url));
  };
  for (let n = 0; n < options.servers; n += 1) servers.push(await startServer());
  for (let n = 0; n < options.workers; n += 1) workers.push(await startWorker());
  aim();
  const { demo } = keeper;
  if (!demo) throw new Error('The first start showed no demo.');

  return {
    ...{ dataDirectory, proxy, redis, demo },
    async killServer(index) {
      await servers[index]?.kill();
      aim();
      servers[index] = await startServer();
      aim();
    },
    async roll() {
      for (const [index, server] of servers.entries()) {
        // The proxy is told of the new one, and finds out by itself that the old one takes no more.
        const next = await startServer();
        proxy.setTargets([...servers, next].map(({ url }) => url));
        await server.stop();
        servers[index] = next;
        aim();
      }
      for (const [index, worker] of workers.entries()) {
        await worker.stop();
        workers[index] = await startWorker();
      }
    },
    async close() {
      await proxy.close();
      for (const program of [...servers, ...workers, keeper]) await program.stop();
      await redis.stop();
      for (const folder of folders) await folder.remove();
    },
  };
}
