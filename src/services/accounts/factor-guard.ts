import { Unauthenticated } from '../platform/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { AuthenticatedViewer, Viewer } from '../platform/viewer.ts';
import { requireSession } from './capabilities.ts';
import { confirmPassword, type ConfirmPasswordPorts } from './confirm-password.ts';
import { lockFactors, methodsOf, readFactors, type Factors } from './factor-rows.ts';
import { isFresh, requireSecondFactor } from './second-factor.ts';
import { SecondFactorRequired } from './factor-errors.ts';

/** Someone who is there in person, in a session that can be told what they showed. */
export interface SessionViewer extends AuthenticatedViewer {
  readonly sessionId: string;
}

export interface FactorGuardPorts extends ConfirmPasswordPorts {
  readonly clock: Clock;
}

/** Throws Unauthenticated for nobody, and Forbidden for a bot. */
export function requireOwnSession(viewer: Viewer): SessionViewer {
  const self = requireSession(viewer);
  if (!hasSession(self)) throw new Unauthenticated();
  return self;
}

/** The same of who showed a second factor just now; throws SecondFactorRequired for all others. */
export function requireFreshSession(viewer: Viewer, now: Date): SessionViewer {
  return requireOwnSession(requireSecondFactor(viewer, now));
}

/**
 * Lets the viewer add a factor: the first one for their password, any other for one that they
 * showed just now. Throws SecondFactorRequired, or what {@link confirmPassword} throws.
 */
export async function allowNewFactor(
  ports: FactorGuardPorts,
  self: SessionViewer,
  password: string | null | undefined,
): Promise<void> {
  const { db, clock } = ports;
  const methods = methodsOf(await db.snapshot({ ...self }, (tx) => readFactors(tx, self.userId)));
  if (methods.length === 0) await confirmPassword(ports, self, password);
  else if (!isFresh(self, clock.now())) throw new SecondFactorRequired(methods);
}

/**
 * The viewer's factors, which nobody else changes before the end of `tx`. Throws
 * SecondFactorRequired if there is one, be it since a moment ago, and the viewer showed none: a
 * stranger who began to add one of theirs, with a password that they knew, does not end it beside
 * its owner's.
 */
export async function guardFactors(tx: Tx, self: SessionViewer, now: Date): Promise<Factors> {
  await lockFactors(tx, self.userId);
  const factors = await readFactors(tx, self.userId);
  const methods = methodsOf(factors);
  if (methods.length > 0 && !isFresh(self, now)) throw new SecondFactorRequired(methods);
  return factors;
}

function hasSession(viewer: AuthenticatedViewer): viewer is SessionViewer {
  return viewer.sessionId !== null;
}
