import { afterAll } from 'vitest';
import { startRedisServer, type RedisServer } from './redis-server.ts';

/**
 * The URL of a Redis for tests that only talk to it: the one of REDIS_URL, or one that is started for
 * the file and stopped after its last test.
 */
export async function redisUrlForTests(): Promise<string> {
  return process.env['REDIS_URL'] ?? (await startTestRedis()).url;
}

/** A Redis server of the test file's own, stopped after its last test. */
export async function startTestRedis(): Promise<RedisServer> {
  const redis = await startRedisServer();
  afterAll(() => redis.stop());
  return redis;
}
