import type { Redis, RedisOptions } from 'ioredis';
import type { Logger } from '../logger.ts';

export interface RedisConnections {
  readonly publisher: Redis;
  readonly subscriber: Redis;
  /** A message could not be published: logged once an outage. */
  readonly publishingFailed: (error: unknown) => void;
  close(): void;
}

const RETRY_MAX_MS = 2_000;
const COMMON: RedisOptions = {
  connectTimeout: 2_000,
  keepAlive: 5_000,
  retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RETRY_MAX_MS),
};
const PUBLISHER: RedisOptions = {
  ...COMMON,
  connectionName: 'tradegraph-publisher',
  // A message that cannot be sent now is lost; the log makes up for it, a growing queue would not.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1_000,
  // What is published in one turn of the loop goes out in one write.
  enableAutoPipelining: true,
};
const SUBSCRIBER: RedisOptions = {
  ...COMMON,
  connectionName: 'tradegraph-subscriber',
  // Subscriptions wait for Redis as long as it takes.
  maxRetriesPerRequest: null,
};

/** The two connections that publish and subscribe need: Redis lets a subscribed one do nothing else. */
export async function openRedisConnections(url: string, log: Logger): Promise<RedisConnections> {
  const { Redis } = await import('ioredis');
  const publisher = new Redis(url, PUBLISHER);
  const subscriber = new Redis(url, SUBSCRIBER);
  const outage = createOutageLog(log);
  publisher.on('error', outage.begin);
  publisher.on('ready', outage.end);
  // Each attempt to connect emits an error; the publisher's outage is told already.
  subscriber.on('error', () => undefined);
  hearRejections(subscriber);
  return {
    publisher,
    subscriber,
    publishingFailed(error) {
      const isFirst = outage.begin(error);
      // A Redis that hangs takes the time-out of every command; without a connection they fail at once.
      if (isFirst && publisher.status === 'ready') publisher.disconnect(true);
    },
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function createOutageLog(log: Logger) {
  let isDown = false;
  return {
    /** Whether the outage begins with this error. */
    begin: (error: unknown): boolean => {
      if (isDown) return false;
      isDown = true;
      log.warn(
        { err: error },
        'Redis is not reachable: events are made up from the log till it is.',
      );
      return true;
    },
    end: (): void => {
      if (isDown) log.info({}, 'Redis is reachable again.');
      isDown = false;
    },
  };
}

/**
 * ioredis and graphql-redis-subscriptions call these without hearing their promise, and a rejection
 * that nobody hears ends the process (when the connection is closed while one waits for Redis).
 */
function hearRejections(subscriber: Redis): void {
  for (const command of ['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'] as const) {
    const original = subscriber[command].bind(subscriber) as (
      ...args: unknown[]
    ) => Promise<unknown>;
    const heard = (...args: unknown[]): Promise<unknown> => {
      const answer = original(...args);
      answer.catch(() => undefined);
      return answer;
    };
    Object.assign(subscriber, { [command]: heard });
  }
}
