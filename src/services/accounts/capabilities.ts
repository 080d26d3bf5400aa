import { Forbidden } from '../platform/errors.ts';
import type { ApiKeyScope, UserRole } from '../platform/prisma/enums.ts';
import {
  isAuthenticated,
  requireUser,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';

const ADMINISTRATORS = ['ADMIN', 'SUPER_ADMIN'] as const;
const TRADERS = ['USER', 'PREMIUM', ...ADMINISTRATORS] as const;

/**
 * What each role may do, beside looking at what is public and at what is one's own, which everyone
 * may. PREMIUM may do what USER may, with more of it: see the budgets of costs.
 */
const ROLES = {
  /** Own accounts and trade on them. */
  TRADE: TRADERS,
  /** Make models, change them, and let them run. */
  RUN_MODELS: TRADERS,
  /** Keep secrets for services of others. Whoever has some may always delete them. */
  KEEP_SECRETS: TRADERS,
  /** Have events sent to URLs of theirs. Whoever has webhooks may always pause and delete them. */
  KEEP_WEBHOOKS: TRADERS,
  /** See what everyone has. */
  READ_EVERYONE: ADMINISTRATORS,
  /** Approve, reject, disable and enable people below, and write into their records. */
  MANAGE_USERS: ADMINISTRATORS,
  /** Make such people, change their roles, and delete them. */
  MANAGE_ACCESS: ADMINISTRATORS,
  /** All of that to administrators, and make or unmake them. */
  MANAGE_ADMINISTRATORS: ['SUPER_ADMIN'],
  /** Set what is everyone's, such as the providers of language models. */
  MANAGE_SETTINGS: ADMINISTRATORS,
  /** Halt the trading of others, or of everybody, and let it go on. */
  HALT_TRADING: ADMINISTRATORS,
  /** Set the limits that the orders of others, or of everybody, are held to. */
  LIMIT_RISKS: ADMINISTRATORS,
} as const satisfies Record<string, readonly UserRole[]>;

export type Capability = keyof typeof ROLES;

/**
 * What a key of the API needs to be for, beside its owner's role. `IN_PERSON`: no key is for it,
 * and its owner has to log in.
 */
const SCOPES: Readonly<Record<Capability, ApiKeyScope | 'IN_PERSON'>> = {
  TRADE: 'TRADE',
  RUN_MODELS: 'AGENT',
  KEEP_SECRETS: 'IN_PERSON',
  // A key that leaked would have copies of all that happens sent out from then on.
  KEEP_WEBHOOKS: 'IN_PERSON',
  READ_EVERYONE: 'ADMIN',
  MANAGE_USERS: 'ADMIN',
  // A key that leaked would make itself a way in that outlives it.
  MANAGE_ACCESS: 'IN_PERSON',
  MANAGE_ADMINISTRATORS: 'ADMIN',
  MANAGE_SETTINGS: 'IN_PERSON',
  HALT_TRADING: 'ADMIN',
  LIMIT_RISKS: 'IN_PERSON',
};

/** Whether a role may do it. */
export function roleMay(role: UserRole, capability: Capability): boolean {
  const roles: readonly UserRole[] = ROLES[capability];
  return roles.includes(role);
}

/** Whether what the viewer came with is good for it: a session is for everything. */
export function hasScope({ apiKey }: Viewer, scope: ApiKeyScope): boolean {
  return apiKey === null || apiKey.scopes.includes(scope);
}

/**
 * Whether the viewer may do it, and what they came with; nobody who is not logged in may do
 * anything of this.
 */
export function may(viewer: Viewer, capability: Capability): boolean {
  if (!isAuthenticated(viewer) || !roleMay(viewer.role, capability)) return false;
  const scope = SCOPES[capability];
  return scope === 'IN_PERSON' ? viewer.apiKey === null : hasScope(viewer, scope);
}

/** The viewer, who may do it. Throws Unauthenticated for nobody, and Forbidden for another role. */
export function requireCapability(
  viewer: Viewer,
  capability: Capability,
  refusal?: string,
): AuthenticatedViewer {
  const user = requireUser(viewer);
  if (!may(user, capability)) throw new Forbidden(refusal);
  return user;
}

/**
 * The viewer, with a key that is for it if they came with one. Throws Unauthenticated or Forbidden.
 */
export function requireScope(viewer: Viewer, scope: ApiKeyScope): AuthenticatedViewer {
  const user = requireUser(viewer);
  if (!hasScope(user, scope)) throw new Forbidden(`This key has not the scope ${scope}.`);
  return user;
}

/**
 * The viewer, who is there in person. Throws Unauthenticated for nobody, and Forbidden for a bot:
 * what opens an account (passwords, factors, keys, secrets, sessions) is out of reach of every key.
 */
export function requireSession(viewer: Viewer): AuthenticatedViewer {
  const user = requireUser(viewer);
  if (user.apiKey !== null) throw new Forbidden('No API key may do this. Log in to do it.');
  return user;
}

/**
 * The role that a key acts with: its owner's, but no administrator's without the scope for it. So
 * the rows of others stay out of its sight whatever else is forgotten, in the database too.
 */
export function roleOfKey(ownerRole: UserRole, scopes: readonly ApiKeyScope[]): UserRole {
  if (scopes.includes('ADMIN') || !roleMay(ownerRole, 'READ_EVERYONE')) return ownerRole;
  return 'PREMIUM';
}
