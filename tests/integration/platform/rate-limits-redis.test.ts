import { afterAll, expect, it } from 'vitest';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { createRedisRateLimits } from '../../../src/services/platform/rate-limits-redis.ts';
import type { RateRule } from '../../../src/services/platform/rate-limits.ts';
import { eventually } from '../../support/outbox.ts';
import { startTestRedis } from '../../support/redis.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const redis = await startTestRedis();

async function openLimits() {
  const log = createSilentLogger();
  const limits = await createRedisRateLimits(redis.url, log);
  afterAll(() => limits.close());
  return { ...limits, log };
}

const rule = (name: string): RateRule => ({ name, points: 5, windowSeconds: 600 });
const refusedOf = async (work: readonly unknown[]) =>
  (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');

it('counts together for all processes', async () => {
  const [one, other] = [await openLimits(), await openLimits()];
  const shared = rule('shared');
  const takes = Array.from({ length: 10 }, (_, n) => (n % 2 ? one : other).take(shared, 'ada'));
  const refused = await refusedOf(takes);
  expect(refused).toHaveLength(5);
  expect(refused.every(({ reason }) => reason instanceof RateLimited)).toBe(true);
  expect(await one.look(shared, 'ada')).toMatchObject({ taken: 10 });
  await other.reset(shared, 'ada');
  expect(await one.take(shared, 'ada')).toMatchObject({ remaining: 4 });
});

it.each(['away', 'hanging'] as const)(
  'counts for itself while Redis is %s, refuses all the same, and says so once',
  async (state) => {
    const limits = await openLimits();
    const name = `outage-${state}`;
    if (state === 'away') await redis.stop();
    else redis.freeze();
    for (let n = 0; n < 5; n += 1) await limits.take(rule(name), 'ada');
    await expect(limits.take(rule(name), 'ada')).rejects.toBeInstanceOf(RateLimited);
    expect(await limits.look(rule(name), 'nobody')).toEqual({ taken: 0, resetInMs: 0 });
    if (state === 'away') {
      const warnings = () => limits.log.lines.filter(({ level }) => level === 'warn').length;
      await eventually('it is said', () => warnings() > 0);
      expect(warnings()).toBe(1);
      await redis.start();
    } else {
      redis.thaw();
    }
  },
);
