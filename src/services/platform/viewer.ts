import { Unauthenticated } from './errors.ts';
import type { ApiKeyEnvironment, ApiKeyScope, UserRole } from './prisma/enums.ts';

/**
 * Who asks. One object is made for each request and each event of a stream: the database keeps the
 * request's snapshot by the object's identity, so it is passed on and never copied or shared.
 */
export interface Viewer {
  /** Null when nobody is logged in. */
  readonly userId: string | null;
  readonly role: UserRole | 'ANONYMOUS';
  readonly sessionId: string | null;
  /** When they last showed a second factor in their session; null if never. */
  readonly secondFactorAt: Date | null;
  /** What a bot came with in place of a session; null for everyone else. */
  readonly apiKey: ViewerApiKey | null;
  /** Of the request, for logs and audit rows. */
  readonly requestId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** What a key of the API lets its bearer do, as far as its owner may. */
export interface ViewerApiKey {
  readonly id: string;
  readonly environment: ApiKeyEnvironment;
  readonly scopes: readonly ApiKeyScope[];
  /** How many operations it may run in a minute; null for no limit of its own. */
  readonly requestsPerMinute: number | null;
}

/** A viewer who is known to be logged in. */
export interface AuthenticatedViewer extends Viewer {
  readonly userId: string;
  readonly role: UserRole;
}

type Circumstances = Partial<Omit<Viewer, 'userId' | 'role'>>;

const NO_CIRCUMSTANCES = {
  ...{ sessionId: null, secondFactorAt: null, apiKey: null },
  ...{ requestId: null, address: null, userAgent: null },
};

/** A fresh viewer who is not logged in. */
export function anonymousViewer(circumstances: Circumstances = {}): Viewer {
  return { userId: null, role: 'ANONYMOUS', ...NO_CIRCUMSTANCES, ...circumstances };
}

/** A fresh viewer for a person. */
export function userViewer(
  user: { readonly userId: string; readonly role: UserRole },
  circumstances: Circumstances = {},
): AuthenticatedViewer {
  return { ...NO_CIRCUMSTANCES, ...circumstances, userId: user.userId, role: user.role };
}

/**
 * A fresh viewer for the program itself: engine, relay, importer. It is nobody to row-level
 * security; what it sees comes from the worker's database role.
 */
export function systemViewer(): Viewer {
  return anonymousViewer();
}

/** The viewer, known to be logged in; throws {@link Unauthenticated} otherwise. */
export function requireUser(viewer: Viewer): AuthenticatedViewer {
  if (isAuthenticated(viewer)) return viewer;
  throw new Unauthenticated();
}

export function isAuthenticated(viewer: Viewer): viewer is AuthenticatedViewer {
  return viewer.userId !== null && viewer.role !== 'ANONYMOUS';
}
