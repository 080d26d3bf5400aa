import { Forbidden, type DomainError } from '../platform/errors.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import { roleMay } from './capabilities.ts';
import { OwnAccount, UserStateConflict } from './errors.ts';

/** What an administrator does to a person. */
export type UserChange =
  | { readonly kind: 'APPROVE' | 'REJECT' | 'DISABLE' | 'ENABLE' }
  | { readonly kind: 'SET_ROLE'; readonly role: UserRole };

/** The last thing that is done to anybody: it leaves an anonymous row. */
type Deletion = { readonly kind: 'DELETE' };

/** Who somebody is, as far as a change goes. */
export interface UserState {
  readonly id: string;
  readonly role: UserRole;
  readonly status: UserStatus;
}

/**
 * The life of an account: from where each step leads, and where to. A rejection may be thought
 * over; from DELETED nothing leads anywhere.
 */
const STEPS = {
  APPROVE: { from: ['PENDING', 'REJECTED'], to: 'ACTIVE' },
  REJECT: { from: ['PENDING'], to: 'REJECTED' },
  DISABLE: { from: ['ACTIVE'], to: 'DISABLED' },
  ENABLE: { from: ['DISABLED'], to: 'ACTIVE' },
  DELETE: { from: ['PENDING', 'ACTIVE', 'REJECTED', 'DISABLED'], to: 'DELETED' },
} as const satisfies Record<string, { from: readonly UserStatus[]; to: UserStatus }>;

/**
 * The role and status that a change leads to, or why it is refused: `Forbidden` for whoever may not
 * make it, OwnAccount for a change of oneself, and UserStateConflict where the step does not begin.
 */
export function judgeChange(
  actor: UserState,
  target: UserState,
  change: UserChange | Deletion,
): Pick<UserState, 'role' | 'status'> | DomainError {
  const roles = change.kind === 'SET_ROLE' ? [target.role, change.role] : [target.role];
  const refusal = judgeActor(actor, target.id, roles);
  if (refusal) return refusal;
  const { role, status } = target;
  if (status === 'DELETED') return new UserStateConflict(status);
  if (change.kind === 'SET_ROLE') return { role: change.role, status };
  const { from, to } = STEPS[change.kind];
  const begins: readonly UserStatus[] = from;
  return begins.includes(status) ? { role, status: to } : new UserStateConflict(status);
}

/**
 * Why somebody may not write into the record of another person, or null. As {@link judgeChange}.
 */
export function judgeUpdate(actor: UserState, target: UserState): DomainError | null {
  const refusal = judgeActor(actor, target.id, [target.role]);
  if (refusal) return refusal;
  return target.status === 'DELETED' ? new UserStateConflict(target.status) : null;
}

/**
 * Why somebody may not act on the person (null for one who is not there yet) who has, or gets,
 * these roles; null when they may.
 */
export function judgeActor(
  actor: UserState,
  targetId: string | null,
  roles: readonly UserRole[],
): Forbidden | OwnAccount | null {
  if (actor.status !== 'ACTIVE' || !roleMay(actor.role, 'MANAGE_USERS')) return new Forbidden();
  if (actor.id === targetId) return new OwnAccount();
  const isOfAdministrators = roles.some((role) => roleMay(role, 'MANAGE_USERS'));
  return isOfAdministrators && !roleMay(actor.role, 'MANAGE_ADMINISTRATORS')
    ? new Forbidden('A SUPER_ADMIN alone changes administrators.')
    : null;
}
