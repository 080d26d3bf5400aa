import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { AccountType } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireSession } from './capabilities.ts';
import { parseFullName } from './full-name.ts';
import type { UserSelection } from './users.ts';

export interface UpdateProfile {
  /** Left out, it stays; an empty one takes it away. */
  readonly fullName?: string | undefined;
  readonly accountType?: AccountType | undefined;
  readonly idempotencyKey: string;
}

export type Profile = ReturnType<typeof createProfile>;

export function createProfile({
  db,
  clock,
  audit,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}) {
  return {
    /**
     * Changes what the viewer says of themselves. What administrators found out (KYC) is not theirs
     * to change. Throws Unauthenticated, Forbidden for an API key, InvalidInput or
     * IdempotencyConflict.
     */
    async update(viewer: Viewer, command: UpdateProfile, selection: UserSelection = {}) {
      const self = requireSession(viewer);
      const { userId: id } = self;
      const { accountType, idempotencyKey: key } = command;
      const fullName =
        command.fullName === undefined ? undefined : (parseFullName(command.fullName) ?? '');
      const changes = {
        ...(fullName !== undefined && { fullName }),
        ...(accountType !== undefined && { accountType }),
      };
      await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: id, operation: 'updateProfile', key };
        return idempotent(tx, { ...asked, command: changes, now: clock.now() }, async () => {
          const before = await tx.user.findUniqueOrThrow({ where: { id } });
          await tx.$executeRaw`SELECT update_profile(${fullName ?? null}, 
            ${accountType ?? null}::account_type, ${clock.now()})`;
          await audit.record(tx, self, {
            ...{ action: 'user.profile-updated', targetType: 'User', targetId: id },
            before: { accountType: before.accountType },
            // Not the name: the audit log outlives a person who is deleted.
            after: {
              accountType: accountType ?? before.accountType,
              isFullNameNew: fullName !== undefined && fullName !== (before.fullName ?? ''),
            },
          });
          return { userId: id };
        });
      });
      return db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id } }),
      );
    },
  };
}
