import { z } from 'zod';
import type { Audit, AuditAction } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { DomainError, Forbidden, NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import { appendEvents } from '../platform/outbox.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { may } from './capabilities.ts';
import { assertOwnEmail } from './email-claim.ts';
import { OwnAccount } from './errors.ts';
import { userChanged } from './events.ts';
import { judgeChange, type UserChange } from './user-changes.ts';
import type { UserSelection } from './users.ts';

export interface ChangeUser {
  readonly userId: string;
  readonly change: UserChange;
  readonly idempotencyKey: string;
}

export type UserAdministration = ReturnType<typeof createUserAdministration>;

const uuid = z.uuid();
const OPERATIONS = {
  APPROVE: 'approveUser',
  REJECT: 'rejectUser',
  DISABLE: 'disableUser',
  ENABLE: 'enableUser',
  SET_ROLE: 'setUserRole',
} as const satisfies Record<UserChange['kind'], string>;
const ACTIONS = {
  APPROVE: 'user.approved',
  REJECT: 'user.rejected',
  DISABLE: 'user.disabled',
  ENABLE: 'user.enabled',
  SET_ROLE: 'user.role-changed',
} as const satisfies Record<UserChange['kind'], AuditAction>;

/** What the person is told of; a change of role is seen at the next look. */
const TOLD_BY = {
  APPROVE: 'account-approved',
  REJECT: 'account-rejected',
  DISABLE: 'account-disabled',
  ENABLE: 'account-enabled',
} as const;

/** A role may let somebody in where a key may not go itself. */
const capabilityFor = ({ kind }: UserChange) =>
  kind === 'SET_ROLE' ? 'MANAGE_ACCESS' : 'MANAGE_USERS';

/** What administrators do to people, in their own name. */
export function createUserAdministration(ports: {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
}) {
  const { db, clock, audit, mails } = ports;

  /** The change itself, in the transaction that its key is bound to. */
  const apply = async (tx: Tx, viewer: AuthenticatedViewer, { userId, change }: ChangeUser) => {
    await tx.$queryRaw`SELECT lock_user_change(${userId}::uuid)::text`;
    // Read under the lock: the role that the request came with may be gone.
    const actor = await tx.user.findUnique({ where: { id: viewer.userId } });
    const target = await tx.user.findUnique({ where: { id: userId } });
    if (!actor) throw new Forbidden();
    if (!target) throw new NotFound('User');
    const next = judgeChange(actor, target, change);
    if (next instanceof DomainError) throw next;
    if (change.kind === 'APPROVE') assertOwnEmail(target);
    const { role, status, tokenVersion } = target;
    if (next.role === role && next.status === status) return { userId };
    const now = clock.now();
    const [ended] = await tx.$queryRaw<{ apiKeys: number }[]>`SELECT change_user(${userId}::uuid,
      ${next.role}::user_role, ${next.status}::user_status, ${now}) AS "apiKeys"`;
    await audit.record(tx, viewer, {
      action: ACTIONS[change.kind],
      targetType: 'User',
      targetId: userId,
      before: { role, status },
      after: { ...next, ...(next.status !== status && { ended: { ...ended } }) },
    });
    const { username } = target;
    const changed = { id: userId, username, ...next, tokenVersion: tokenVersion + 1 };
    await appendEvents(tx, [userChanged(changed, now)]);
    if (change.kind !== 'SET_ROLE') {
      const mail = { recipient: target.email, ownerId: userId, data: { username } };
      await mails.queue(tx, { template: TOLD_BY[change.kind], ...mail });
    }
    return { userId };
  };

  /** An attempt that was refused is worth knowing of, whoever made it. */
  const recordRefusal = (viewer: AuthenticatedViewer, { userId, change }: ChangeUser) =>
    db.withViewer(viewer, (tx) =>
      audit.record(tx, viewer, {
        action: 'user.change-refused',
        targetType: 'User',
        targetId: userId,
        after: { change: change.kind, ...(change.kind === 'SET_ROLE' && { role: change.role }) },
      }),
    );

  return {
    /**
     * Changes the role or the status of a person: their older access tokens are void and their
     * streams end; after a change of status their sessions and keys of the API end as well. Throws
     * Forbidden for a viewer who may not, and for a key that would change a role, OwnAccount,
     * UserStateConflict, EmailInUse, NotFound or IdempotencyConflict.
     */
    async change(viewer: Viewer, command: ChangeUser, selection: UserSelection = {}) {
      const self = requireUser(viewer);
      const { userId, change, idempotencyKey: key } = command;
      if (!uuid.safeParse(userId).success) throw new NotFound('User');
      try {
        if (!may(self, capabilityFor(change))) throw new Forbidden();
        const asked = { ownerId: self.userId, operation: OPERATIONS[change.kind], key };
        await db.withViewer(viewer, (tx) =>
          idempotent(tx, { ...asked, command: { userId, change }, now: clock.now() }, () =>
            apply(tx, self, command),
          ),
        );
      } catch (error) {
        const isRefused = error instanceof Forbidden || error instanceof OwnAccount;
        if (isRefused) await recordRefusal(self, command);
        throw error;
      }
      return db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id: userId } }),
      );
    },
  };
}
