import { Forbidden } from '../platform/errors.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
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
  /** See what everyone has. */
  READ_EVERYONE: ADMINISTRATORS,
  /** Approve, reject, disable and enable people, and change the roles of those below. */
  MANAGE_USERS: ADMINISTRATORS,
  /** The same to administrators, and make or unmake them. */
  MANAGE_ADMINISTRATORS: ['SUPER_ADMIN'],
} as const satisfies Record<string, readonly UserRole[]>;

export type Capability = keyof typeof ROLES;

/** Whether a role may do it. */
export function roleMay(role: UserRole, capability: Capability): boolean {
  const roles: readonly UserRole[] = ROLES[capability];
  return roles.includes(role);
}

/** Whether the viewer may do it; nobody who is not logged in may do anything of this. */
export function may(viewer: Viewer, capability: Capability): boolean {
  return isAuthenticated(viewer) && roleMay(viewer.role, capability);
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
