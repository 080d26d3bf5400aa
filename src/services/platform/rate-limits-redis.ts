import { once } from 'node:events';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Logger } from './logger.ts';
import { openRedisStore } from './open-redis.ts';
import { rateLimitedFor, type RateLimits, type RateRule } from './rate-limits.ts';

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
  return {
    ...countedBy(({ name, points, windowSeconds: duration }) => {
      const insuranceLimiter = new RateLimiterMemory({ keyPrefix: name, points, duration });
      const keyPrefix = `tradegraph:limit:${name}`;
      return new RateLimiterRedis({
        ...{ storeClient: redis, keyPrefix, points, duration, insuranceLimiter },
      });
    }),
    close() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

/** Counts with a limiter for each rule. */
function countedBy(newLimiter: (rule: RateRule) => RateLimiterAbstract): Omit<RateLimits, 'close'> {
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (rule: RateRule): RateLimiterAbstract => {
    const known = limiters.get(rule.name);
    if (known) return known;
    const made = newLimiter(rule);
    limiters.set(rule.name, made);
    return made;
  };
  return {
    async take(rule, key, points = 1) {
      try {
        const { remainingPoints, msBeforeNext } = await limiterOf(rule).consume(key, points);
        return { remaining: remainingPoints, resetInMs: msBeforeNext };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw rateLimitedFor(error.msBeforeNext);
      }
    },
    async count(rule, key) {
      return (await limiterOf(rule).penalty(key, 1)).consumedPoints;
    },
    async giveBack(rule, key) {
      await limiterOf(rule).reward(key, 1);
    },
    async look(rule, key) {
      const found = await limiterOf(rule).get(key);
      return { taken: found?.consumedPoints ?? 0, resetInMs: found?.msBeforeNext ?? 0 };
    },
    async reset(rule, key) {
      await limiterOf(rule).delete(key);
    },
  };
}
