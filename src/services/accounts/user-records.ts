import { z } from 'zod';
import { NotFound } from '../platform/errors.ts';
import type { AccountType, KycStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import {
  createAdministrativeWrites,
  lockPeople,
  type AdministrativeWritePorts,
} from './administrative-writes.ts';
import { parseFullName } from './full-name.ts';
import { judgeUpdate } from './user-changes.ts';
import type { UserSelection } from './users.ts';

/** What is left out stays as it is. */
export interface UpdateUser {
  readonly userId: string;
  /** An empty one takes the name away. */
  readonly fullName?: string | undefined;
  readonly accountType?: AccountType | undefined;
  readonly kycStatus?: KycStatus | undefined;
  readonly idempotencyKey: string;
}

const uuid = z.uuid();

export type UserRecords = ReturnType<typeof createUserRecords>;

/** What administrators write down of people. */
export function createUserRecords(ports: AdministrativeWritePorts) {
  const { db, clock, audit } = ports;
  const write = createAdministrativeWrites(ports);
  return {
    /**
     * Writes into the record of another person. The address is not there: a new one is taken only
     * after its link was followed. Throws Forbidden, OwnAccount, UserStateConflict for somebody who
     * is gone, NotFound, InvalidInput or IdempotencyConflict.
     */
    async update(viewer: Viewer, command: UpdateUser, selection: UserSelection = {}) {
      const { userId, fullName, accountType, kycStatus, idempotencyKey } = command;
      if (!uuid.safeParse(userId).success) throw new NotFound('User');
      const changes = {
        ...(fullName !== undefined && { fullName: parseFullName(fullName) }),
        ...(accountType !== undefined && { accountType }),
        ...(kycStatus !== undefined && { kycStatus }),
      };
      const asked = { operation: 'updateUser', idempotencyKey, command: { userId, ...changes } };
      const attempt = { change: 'UPDATE', fields: Object.keys(changes) };
      await write(viewer, { ...asked, targetId: userId, attempt }, async (tx, self) => {
        const { actor, target } = await lockPeople(tx, self, userId);
        const refusal = judgeUpdate(actor, target);
        if (refusal) throw refusal;
        const before = recordOf(target);
        const after = { ...before, ...changes };
        if (JSON.stringify(before) === JSON.stringify(after)) return { userId };
        await tx.$queryRaw`SELECT update_user(${userId}::uuid, ${after.fullName},
          ${after.accountType}::account_type, ${after.kycStatus}::kyc_status, ${clock.now()})::text`;
        await audit.record(tx, self, {
          action: 'user.updated',
          targetType: 'User',
          targetId: userId,
          before: toldOf(before),
          after: { ...toldOf(after), isFullNameNew: before.fullName !== after.fullName },
        });
        return { userId };
      });
      return db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id: userId } }),
      );
    },
  };
}

interface PersonRecord {
  readonly fullName: string | null;
  readonly accountType: AccountType;
  readonly kycStatus: KycStatus;
}

const recordOf = ({ fullName, accountType, kycStatus }: PersonRecord): PersonRecord => ({
  ...{ fullName, accountType, kycStatus },
});

/** Not the name: the audit log outlives a person who is deleted. */
const toldOf = ({ accountType, kycStatus }: PersonRecord) => ({ accountType, kycStatus });
