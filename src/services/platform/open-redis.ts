import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectEncrypted, type TLSSocket } from 'node:tls';
import { AbstractConnector, Cluster, Redis, type RedisOptions } from 'ioredis';
import { parseRedisAddress, type RedisAddress, type RedisHost } from './redis-address.ts';

const DISCONNECT_TIMEOUT_MS = 2_000;
/** While a node is away: its keys are not worth waiting for. */
const IMPATIENT = {
  maxRedirections: 2,
  retryDelayOnFailover: 50,
  retryDelayOnClusterDown: 50,
} as const;

/**
 * One connection for messages: to the server, to the master that sentinels name, or to any node of a
 * cluster, where each tells its messages to all others. Of the nodes, the next one is taken each time
 * that it connects again.
 */
export function openRedisLink(url: string, options: RedisOptions): Redis {
  const address = addressOf(url);
  const common = { ...options, ...serverOptions(address) };
  switch (address.kind) {
    case 'server':
      return new Redis({ ...common, ...address.hosts[0] });
    case 'sentinel':
      return new Redis({ ...common, ...sentinelOptions(address) });
    case 'cluster':
      return new Redis({ ...common, Connector: nodesInTurn(address) });
  }
}

/** For keys: a cluster's are spread over its nodes. */
export function openRedisStore(url: string, options: RedisOptions): Redis | Cluster {
  const address = addressOf(url);
  if (address.kind !== 'cluster') return openRedisLink(url, options);
  return new Cluster([...address.hosts], {
    redisOptions: { ...options, ...serverOptions(address) },
    enableOfflineQueue: options.enableOfflineQueue ?? true,
    ...IMPATIENT,
  });
}

function addressOf(url: string): RedisAddress {
  const address = parseRedisAddress(url);
  if (!address) throw new Error('The URL of Redis cannot be read.');
  return address;
}

function serverOptions({ isEncrypted, username, password, database }: RedisAddress): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { db: database }),
    ...(isEncrypted && { tls: {} }),
  };
}

function sentinelOptions({ hosts, master, isEncrypted }: RedisAddress): RedisOptions {
  return {
    sentinels: [...hosts],
    name: master ?? '',
    enableTLSForSentinelMode: isEncrypted,
    ...(isEncrypted && { sentinelTLS: {} }),
  };
}

/** Connects to one host after another. */
function nodesInTurn({ hosts, isEncrypted }: RedisAddress): NonNullable<RedisOptions['Connector']> {
  let turn = 0;
  const next = (): RedisHost => {
    const host = hosts[turn % hosts.length];
    turn += 1;
    if (!host) throw new Error('A cluster has at least one node.');
    return host;
  };
  return class extends AbstractConnector {
    constructor() {
      super(DISCONNECT_TIMEOUT_MS);
    }
    override async connect(): Promise<Socket | TLSSocket> {
      this.connecting = true;
      const { host, port } = next();
      const stream = isEncrypted
        ? connectEncrypted({ host, port, servername: host })
        : connectPlain({ host, port });
      this.stream = stream;
      stream.once('error', (error: Error) => {
        this.firstError = error;
      });
      return stream;
    }
  };
}
