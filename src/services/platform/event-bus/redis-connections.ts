import type { Redis, RedisOptions } from 'ioredis';
import type { Logger } from '../logger.ts';

export interface RedisConnections {
  readonly publisher: Redis;
  readonly subscriber: Redis;
  /** Runs `publish` unless Redis hangs. Never rejects: a failure is logged once an outage. */
  publish(publish: () => Promise<void>): Promise<void>;
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
  commandTimeout: 2_000,
  // What is published in one turn of the loop goes out in one write.
  enableAutoPipelining: true,
};
const SUBSCRIBER: RedisOptions = {
  ...COMMON,
  connectionName: 'tradegraph-subscriber',
  // Subscriptions wait for Redis as long as it takes.
  maxRetriesPerRequest: null,
  // ioredis sends SUBSCRIBE while it still checks that Redis is ready; the check, which may not run in
  // a subscribed connection, then fails, and ioredis forgets the channel when it connects again.
  enableReadyCheck: false,
  disableClientInfo: true,
  autoResubscribe: false,
};

/** The two connections that publish and subscribe need: Redis lets a subscribed one do nothing else. */
export async function openRedisConnections(url: string, log: Logger): Promise<RedisConnections> {
  const { openRedisLink } = await import('../open-redis.ts');
  const publisher = openRedisLink(url, PUBLISHER);
  const subscriber = openRedisLink(url, SUBSCRIBER);
  const publish = createCarefulPublishing(publisher, log);
  // Each attempt to connect emits an error; the publisher's outage is told already.
  subscriber.on('error', () => undefined);
  hearRejections(subscriber);
  return {
    publisher,
    subscriber,
    publish,
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function createCarefulPublishing(publisher: Redis, log: Logger): RedisConnections['publish'] {
  let isDown = false;
  let isHanging = false;
  const begin = (error: unknown): void => {
    if (!isDown) log.warn({ err: error }, OUTAGE);
    isDown = true;
  };
  /** Each command to a Redis that hangs takes its whole time-out; so none is sent till it is back. */
  const cutOff = (): void => {
    if (!isHanging) publisher.disconnect(true);
    isHanging = true;
  };
  publisher.on('error', begin);
  publisher.on('ready', () => {
    if (isDown) log.info({}, 'Redis is reachable again.');
    isDown = false;
    isHanging = false;
  });
  return async (publish) => {
    if (isHanging) return;
    try {
      await publish();
    } catch (error) {
      begin(error);
      if (isTimeout(error) && publisher.status === 'ready') cutOff();
    }
  };
}

const OUTAGE = 'Redis is not reachable: events are made up from the log till it is.';

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
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
