import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { may, type Capability } from './capabilities.ts';
import { OwnAccount } from './errors.ts';

export interface AdministrativeWritePorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface AdministrativeWrite {
  /** Name of the mutation. */
  readonly operation: string;
  /** What it takes; `MANAGE_USERS` when it is left out. */
  readonly capability?: Capability;
  readonly idempotencyKey: string;
  /** What is done, without secrets: the key is bound to a hash of it. */
  readonly command: object;
  /** Whom it is about; null for somebody who is not there yet. */
  readonly targetId: string | null;
  /** What the audit row of an attempt says that was refused. */
  readonly attempt: Prisma.InputJsonObject;
}

/**
 * Runs what an administrator does to people: once for its key, in one transaction. For whoever may
 * not it throws Forbidden, or Unauthenticated when nobody is logged in. An attempt that is refused
 * for want of rights is worth knowing of, whoever made it, and leaves an audit row of its own.
 */
export function createAdministrativeWrites({ db, clock, audit }: AdministrativeWritePorts) {
  return async <Outcome extends Prisma.InputJsonObject>(
    viewer: Viewer,
    { capability = 'MANAGE_USERS', operation, command, targetId, ...asking }: AdministrativeWrite,
    effect: (tx: Tx, self: AuthenticatedViewer) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const self = requireUser(viewer);
    try {
      if (!may(self, capability)) throw new Forbidden();
      const key = asking.idempotencyKey;
      const asked = { ownerId: self.userId, operation, key, command, now: clock.now() };
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent(tx, asked, () => effect(tx, self)),
      );
      return outcome;
    } catch (error) {
      if (error instanceof Forbidden || error instanceof OwnAccount) {
        await db.withViewer(self, (tx) =>
          audit.record(tx, self, {
            action: 'user.change-refused',
            targetType: 'User',
            targetId,
            after: asking.attempt,
          }),
        );
      }
      throw error;
    }
  };
}

/**
 * Who acts and whom it is about, as they are now: the role that the request came with may be gone.
 * Both are locked, in one order, until the transaction ends. Throws NotFound, or Forbidden for a
 * viewer who is not there any more.
 */
export async function lockPeople(tx: Tx, viewer: AuthenticatedViewer, userId: string) {
  await tx.$queryRaw`SELECT lock_user_change(${userId}::uuid)::text`;
  const actor = await tx.user.findUnique({ where: { id: viewer.userId } });
  const target = await tx.user.findUnique({ where: { id: userId } });
  if (!actor) throw new Forbidden();
  if (!target) throw new NotFound('User');
  return { actor, target };
}
