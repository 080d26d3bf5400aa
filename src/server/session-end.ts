import { Revoked } from '../services/accounts/revoked.ts';
import type { OwnEvents } from '../services/accounts/own-events.ts';
import type { Clock } from '../services/platform/clock.ts';
import { Unauthenticated } from '../services/platform/errors.ts';
import { isAuthenticated, type Viewer } from '../services/platform/viewer.ts';
import type { Timers } from '../services/platform/timers.ts';
import type { Caller } from './callers.ts';

/** Why a caller's streams end. */
export interface SessionEnd {
  readonly error: Unauthenticated;
  /** Whether a fresh token may bring the caller back. */
  readonly mayReturn: boolean;
}

export interface SessionEndPorts {
  readonly ownEvents: Pick<OwnEvents, 'watch'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A timer cannot wait longer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Calls `onEnd` once, when the caller's token or key runs out, their session ends, their key is revoked
 * or their role changes; never for one who is anonymous. Returns the function that stops watching.
 */
export function watchSession(
  { ownEvents, clock, timers }: SessionEndPorts,
  { viewer, expiresAt, goodUpTo }: Caller,
  onEnd: (end: SessionEnd) => void,
): () => void {
  if (!isAuthenticated(viewer)) return () => undefined;
  const revocations = ownEvents.watch(viewer, goodUpTo);
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    stopTimer();
    // Nothing waits for it, and a failure to stop changes nothing.
    revocations.return?.().catch(() => undefined);
  };
  const finish = (end: SessionEnd): void => {
    if (isOver) return;
    stop();
    onEnd(end);
  };
  let stopTimer = (): void => undefined;
  const waitFor = (end: Date): void => {
    const leftMs = Math.max(0, end.getTime() - clock.now().getTime());
    stopTimer = timers.after(Math.min(leftMs, TIMER_MAX_MS), () => {
      if (leftMs > TIMER_MAX_MS) waitFor(end);
      else finish(expiryOf(viewer));
    });
  };
  if (expiresAt) waitFor(expiresAt);
  // The stream gives nothing: it ends with Revoked, or because it cannot watch any longer.
  revocations.next().then(
    () => undefined,
    (error: unknown) => {
      const cannotWatch = new Unauthenticated('Your session cannot be checked now. Come again.');
      finish(
        error instanceof Revoked
          ? { error, mayReturn: error.mayReturn }
          : { error: cannotWatch, mayReturn: true },
      );
    },
  );
  return stop;
}

/** Throws Unauthenticated for a caller whose token or key has run out, whatever the timers do. */
export function refuseExpired({ viewer, expiresAt }: Caller, now: Date): void {
  if (expiresAt && expiresAt.getTime() <= now.getTime()) throw expiryOf(viewer).error;
}

/** A token is followed by a fresh one. A key that ran out stays so. */
function expiryOf({ apiKey }: Viewer): SessionEnd {
  const what = apiKey ? 'API key' : 'access token';
  return { error: new Unauthenticated(`The ${what} has expired.`), mayReturn: apiKey === null };
}
