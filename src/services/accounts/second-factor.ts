import { Forbidden } from '../platform/errors.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { SecondFactorRequired } from './factor-errors.ts';

/** What a person can show beside the password. A passkey stands for both. */
export const SECOND_FACTOR_METHODS = ['TOTP', 'PASSKEY', 'RECOVERY_CODE'] as const;
export type SecondFactorMethod = (typeof SECOND_FACTOR_METHODS)[number];

/** How long a factor counts that was shown. */
export const FRESH_SECONDS = 15 * 60;

/** Whether the viewer showed a second factor in this session within the last 15 minutes. */
export function isFresh({ secondFactorAt }: Viewer, now: Date): boolean {
  if (secondFactorAt === null) return false;
  const ageSeconds = (now.getTime() - secondFactorAt.getTime()) / 1_000;
  return ageSeconds < FRESH_SECONDS;
}

/**
 * The viewer, who showed a second factor within the last 15 minutes of `now`. Throws
 * Unauthenticated for nobody, Forbidden for a bot with an API key, which has none to show, and
 * {@link SecondFactorRequired} for everyone else.
 */
export function requireSecondFactor(viewer: Viewer, now: Date): AuthenticatedViewer {
  const self = requireUser(viewer);
  if (self.apiKey !== null) {
    throw new Forbidden('An API key shows no second factor. Log in to do this.');
  }
  if (self.sessionId === null || !isFresh(self, now)) throw new SecondFactorRequired();
  return self;
}
