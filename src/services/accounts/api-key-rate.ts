import { RateLimited } from '../platform/errors.ts';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface ApiKeyRate {
  /**
   * Counts an operation of a key that has a limit of its own, over whatever transport it came; all other
   * viewers pass.
   * @throws RateLimited when the key has run as many in this minute as it may
   */
  take(viewer: Viewer): Promise<void>;
}

/**
 * Counts and never refuses: each key has a limit of its own, and one rule counts for all of them.
 */
const COUNTED: RateRule = { name: 'api-key', points: 1_000_000_000, windowSeconds: 60 };
const SECOND_MS = 1_000;

export function createApiKeyRate({
  rateLimits,
}: {
  readonly rateLimits: Pick<RateLimits, 'take'>;
}): ApiKeyRate {
  return {
    async take({ apiKey }) {
      if (apiKey === null || apiKey.requestsPerMinute === null) return;
      const { remaining, resetInMs } = await rateLimits.take(COUNTED, apiKey.id);
      const taken = COUNTED.points - remaining;
      if (taken <= apiKey.requestsPerMinute) return;
      throw new RateLimited(Math.max(1, Math.ceil(resetInMs / SECOND_MS)));
    },
  };
}
