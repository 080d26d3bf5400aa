import { once } from 'node:events';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Logger } from './logger.ts';
import { openRedisStore } from './open-redis.ts';
import { createRateLimits, memoryLimiter, type RateLimits } from './rate-limits.ts';

const CONNECT_TIMEOUT_MS = 2_000;

/**
 * One count for all processes. While Redis does not answer, each process counts for itself; a start waits
 * for Redis no longer than 2 s.
 */
export async function createRedisRateLimits(url: string, log: Logger): Promise<RateLimits> {
  const redis = openRedisStore(url, {
    connectionName: 'tradegraph-limits',
    // A count that cannot be had at once is made here instead of waited for.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: 500,
    enableAutoPipelining: true,
  });
  let isDown = false;
  redis.on('error', (error: unknown) => {
    if (!isDown) log.warn({ err: error }, 'Redis is not reachable: limits are counted here alone.');
    isDown = true;
  });
  redis.on('ready', () => {
    isDown = false;
  });
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  await once(redis, 'ready', { signal }).catch(() => undefined);
  return createRateLimits(
    (rule) =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `tradegraph:limit:${rule.name}`,
        points: rule.points,
        duration: rule.windowSeconds,
        insuranceLimiter: memoryLimiter(rule),
      }),
    () => {
      redis.disconnect();
      return Promise.resolve();
    },
  );
}
