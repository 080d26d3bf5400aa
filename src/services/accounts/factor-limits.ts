import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import { isAuthenticated, type Viewer } from '../platform/viewer.ts';
import { addressKey } from './entry-limits.ts';

const QUARTER_HOUR_SECONDS = 15 * 60;

/**
 * Codes of one person, from wherever; a right one begins anew. Six digits have a million values.
 */
const CODES: RateRule = {
  name: 'second-factor-code',
  points: 10,
  windowSeconds: QUARTER_HOUR_SECONDS,
};
/** Each is a row in the database, and checking the answer to it takes work. */
const CHALLENGES: RateRule = {
  name: 'passkey-challenge',
  points: 60,
  windowSeconds: QUARTER_HOUR_SECONDS,
};

export interface FactorLimits {
  /**
   * Lets a code be looked at. Two at once cannot both be the last.
   * @throws RateLimited for a person for whom too many were wrong
   */
  beforeCode(userId: string): Promise<void>;
  /** A right one. */
  afterCode(userId: string): Promise<void>;
  /** @throws RateLimited for a person, or an address without one, that has asked too often */
  beforeChallenge(viewer: Viewer): Promise<void>;
}

export function createFactorLimits(rateLimits: RateLimits): FactorLimits {
  return {
    async beforeCode(userId) {
      await rateLimits.take(CODES, userId);
    },
    async afterCode(userId) {
      await rateLimits.reset(CODES, userId);
    },
    async beforeChallenge(viewer) {
      const key = isAuthenticated(viewer) ? viewer.userId : addressKey(viewer.address);
      await rateLimits.take(CHALLENGES, key);
    },
  };
}
