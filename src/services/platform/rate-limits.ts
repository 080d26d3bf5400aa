import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { RateLimited } from './errors.ts';

/** So many points of one key within a time that begins with the first of them. */
export interface RateRule {
  /** Names what is counted; a rule of the same name counts the same. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/** What is left of a key's points. */
export interface RateState {
  readonly remaining: number;
  /** Until all of them are back. */
  readonly resetInMs: number;
}

/**
 * Counts what callers ask for. A single process counts in its own memory; processes with Redis share
 * one count, and each counts for itself while Redis does not answer.
 */
export interface RateLimits {
  /**
   * Takes points of a key before the work that they are for; two requests at once cannot take the same.
   * @throws RateLimited when fewer are left, with the time until there are more
   */
  take(rule: RateRule, key: string, points?: number): Promise<RateState>;
  /** Takes a point without ever refusing, and answers how many were taken then. */
  count(rule: RateRule, key: string): Promise<number>;
  /** Takes a point back that was taken for nothing. */
  giveBack(rule: RateRule, key: string): Promise<void>;
  /** How many points were taken in this window, and until when it lasts; takes none. */
  look(rule: RateRule, key: string): Promise<{ taken: number; resetInMs: number }>;
  /** Forgets what was taken. */
  reset(rule: RateRule, key: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes the counter of a rule. */
type NewLimiter = (rule: RateRule) => RateLimiterAbstract;

export function createRateLimits(
  newLimiter: NewLimiter = memoryLimiter,
  close: () => Promise<void> = () => Promise.resolve(),
): RateLimits {
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
        return stateOf(await limiterOf(rule).consume(key, points));
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new RateLimited(Math.max(1, Math.ceil(error.msBeforeNext / 1000)));
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
    close,
  };
}

export function memoryLimiter({ name, points, windowSeconds }: RateRule): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix: name, points, duration: windowSeconds });
}

function stateOf({ remainingPoints, msBeforeNext }: RateLimiterRes): RateState {
  return { remaining: remainingPoints, resetInMs: msBeforeNext };
}
