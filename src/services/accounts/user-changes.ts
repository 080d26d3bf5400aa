import { Forbidden, type DomainError } from '../platform/errors.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import { roleMay } from './capabilities.ts';
import { OwnAccount, UserStateConflict } from './errors.ts';

/** What an administrator does to a person. */
export type UserChange =
  | { readonly kind: 'APPROVE' | 'REJECT' | 'DISABLE' | 'ENABLE' }
  | { readonly kind: 'SET_ROLE'; readonly role: UserRole };

/** Who somebody is, as far as a change goes. */
export interface UserState {
  readonly id: string;
  readonly role: UserRole;
  readonly status: UserStatus;
}

/** The life of an account: from where each step leads, and where to. A rejection may be thought over. */
const STEPS = {
  APPROVE: { from: ['PENDING', 'REJECTED'], to: 'ACTIVE' },
  REJECT: { from: ['PENDING'], to: 'REJECTED' },
  DISABLE: { from: ['ACTIVE'], to: 'DISABLED' },
  ENABLE: { from: ['DISABLED'], to: 'ACTIVE' },
} as const satisfies Record<string, { from: readonly UserStatus[]; to: UserStatus }>;

/**
 * The role and status that a change leads to, or why it is refused: `Forbidden` for whoever may not
 * make it, OwnAccount for a change of oneself, and UserStateConflict where the step does not begin.
 */
export function judgeChange(
  actor: UserState,
  target: UserState,
  change: UserChange,
): Pick<UserState, 'role' | 'status'> | DomainError {
  if (actor.status !== 'ACTIVE' || !roleMay(actor.role, 'MANAGE_USERS')) return new Forbidden();
  if (actor.id === target.id) return new OwnAccount();
  const roles = change.kind === 'SET_ROLE' ? [target.role, change.role] : [target.role];
  const isOfAdministrators = roles.some((role) => roleMay(role, 'MANAGE_USERS'));
  if (isOfAdministrators && !roleMay(actor.role, 'MANAGE_ADMINISTRATORS')) {
    return new Forbidden('A SUPER_ADMIN alone changes administrators.');
  }
  const { role, status } = target;
  if (change.kind === 'SET_ROLE') return { role: change.role, status };
  const { from, to } = STEPS[change.kind];
  const begins: readonly UserStatus[] = from;
  return begins.includes(status) ? { role, status: to } : new UserStateConflict(status);
}
