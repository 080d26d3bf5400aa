import { embeddedDatabaseUrl } from '../kill-server/postgres.ts';
import { openBalancingProxy, type BalancingProxy } from '../../support/balancing-proxy.ts';
import { findLastingPorts } from '../../support/lasting-ports.ts';
import { startNginx } from '../../support/nginx.ts';
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
  /** Before the servers: one of our own, which can cut connections, or nginx. */
  readonly proxy: 'cutting' | 'nginx';
}

type Worker = Awaited<ReturnType<typeof launchWorker>>;

/** API processes behind a proxy, workers, Redis and PostgreSQL, all on the loopback address. */
export interface Cluster {
  /** Of GraphQL, by way of the proxy. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Resets connections for which `isChosen` answers true, and answers how many; none of nginx. */
  cut(isChosen: () => boolean): number;
  /** What the proxy complained of. */
  complaints(): Promise<string>;
  readonly redis: RedisServer;
  readonly demo: ShownDemo;
  /** `kill -9` of a server, and another in its place. */
  killServer(index: number): Promise<void>;
  /**
   * Asks each server, and then each worker, to stop, and starts another in its place. Fails when one of
   * them ends with a code other than 0.
   */
  roll(): Promise<void>;
  close(): Promise<void>;
}

const ENVIRONMENT = {
  JWT_SECRET: 'a secret that all servers of the soak share, 32 bytes',
  // On a machine that is busy with all of this, an answer may take longer than five seconds.
  SHUTDOWN_GRACE_MS: '30000',
  OPEN_STREAM_LIMIT_PER_ADDRESS: '5000',
  OPEN_STREAM_LIMIT_PER_PERSON: '5000',
};

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder: dataDirectory, remove } = await makeDataFolder();
  const removals = [remove];
  const redis = await startRedisServer();
  const environment = { ...ENVIRONMENT, REDIS_URL: redis.url };
  const ofServer = { ...environment, PROCESS_PARTS: 'api' };
  // It brings PostgreSQL up and fills it, and answers nobody; the others have folders of their own.
  const keeper = await launchProgram({ dataDirectory, environment: ofServer });
  const databaseUrl = embeddedDatabaseUrl(dataDirectory);
  const startServer = async (port: number): Promise<RunningProgram> => {
    const made = await makeDataFolder();
    removals.push(made.remove);
    const own = { DATABASE_URL: databaseUrl, PORT: String(port) };
    return launchProgram({ dataDirectory: made.folder, environment: { ...ofServer, ...own } });
  };
  const startWorker = () => launchWorker({ dataDirectory, environment });
  const [proxyPort = 0, ...ports] = await findLastingPorts(1 + options.servers);
  const servers = await Promise.all(ports.map(startServer));
  const workers: Worker[] = [];
  for (let n = 0; n < options.workers; n += 1) workers.push(await startWorker());
  const proxy = await openProxy(options.proxy, { proxyPort, servers, ports });
  const { demo } = keeper;
  if (!demo) throw new Error('The first start showed no demo.');

  return {
    ...{ url: proxy.url, databaseUrl, cut: proxy.cut, redis, demo },
    complaints: proxy.complaints,
    async killServer(index) {
      await servers[index]?.kill();
      servers[index] = await startServer(ports[index] ?? 0);
    },
    async roll() {
      for (const [index, server] of servers.entries()) {
        await stopInOrder(server);
        servers[index] = await startServer(ports[index] ?? 0);
      }
      for (const [index, worker] of workers.entries()) {
        await stopInOrder(worker);
        workers[index] = await startWorker();
      }
    },
    async close() {
      await proxy.close();
      await Promise.all([...servers, ...workers].map((program) => program.stop()));
      await keeper.stop();
      await redis.stop();
      for (const removeFolder of removals) await removeFolder();
    },
  };
}

interface BehindProxy {
  readonly proxyPort: number;
  readonly servers: readonly RunningProgram[];
  readonly ports: readonly number[];
}

async function openProxy(
  kind: ClusterOptions['proxy'],
  { proxyPort, servers, ports }: BehindProxy,
): Promise<Pick<BalancingProxy, 'url' | 'cut' | 'close'> & Pick<Cluster, 'complaints'>> {
  if (kind === 'nginx') {
    const nginx = await startNginx(proxyPort, ports);
    return { ...nginx, complaints: nginx.errors, cut: () => 0 };
  }
  const proxy = await openBalancingProxy();
  proxy.setTargets(servers.map(({ url }) => url));
  return { ...proxy, complaints: () => Promise.resolve('') };
}

async function stopInOrder(program: Worker): Promise<void> {
  await program.stop();
  const code = program.exitCode();
  if (code !== 0) throw new Error(`It ended with code ${String(code)}.\n${program.output()}`);
}
