import { z } from 'zod';
import { DomainError, NotFound } from '../platform/errors.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Viewer } from '../platform/viewer.ts';
import {
  createAdministrativeWrites,
  lockPeople,
  type AdministrativeWritePorts,
} from './administrative-writes.ts';
import { ConfirmationMismatch } from './errors.ts';
import { userChanged } from './events.ts';
import { judgeChange } from './user-changes.ts';
import type { UserSelection } from './users.ts';

export interface DeleteUser {
  readonly userId: string;
  /** The user name of the person, typed: what follows cannot be taken back. */
  readonly confirmUsername: string;
  readonly idempotencyKey: string;
}

interface Ended {
  readonly models: number;
  readonly sessions: number;
  readonly apiKeys: number;
  readonly orders: number;
}

interface TakenTrail {
  readonly lines: number;
  readonly news: number;
  readonly lastPosition: bigint;
}

const uuid = z.uuid();
/** Rows of a transaction, so that it ends long before it would be given up. */
const TRAIL_BATCH = 2_000;
const TRAIL_BATCHES_MAX = 100_000;

export type UserDeletion = ReturnType<typeof createUserDeletion>;

/** The end of an account. What the database's function `erase_user` does is described there. */
export function createUserDeletion(ports: AdministrativeWritePorts) {
  const { db, clock, audit } = ports;
  const write = createAdministrativeWrites(ports);

  /**
   * What models thought and old news say, in as many transactions as it takes. The same command
   * again goes on where a process died.
   */
  const eraseTrail = async (viewer: Viewer, userId: string): Promise<void> => {
    let after = 0n;
    for (let batch = 0; batch < TRAIL_BATCHES_MAX; batch += 1) {
      const [taken] = await db.withViewer(
        viewer,
        (tx) => tx.$queryRaw<TakenTrail[]>`
          SELECT lines, news, last_position AS "lastPosition"
          FROM erase_trail(${userId}::uuid, ${after}, ${TRAIL_BATCH}::int)`,
      );
      if (!taken || (taken.lines === 0 && taken.news === 0)) return;
      after = taken.lastPosition;
    }
    throw new Error(`The trail of ${userId} does not end.`);
  };

  return {
    /**
     * Makes another person anonymous, for good: their texts, ways in and secrets are gone, their
     * models and open orders end, their streams and sessions end. Ledger, orders, trades and audit
     * records stay with the bare id, and nobody else gets the name. Throws Forbidden (also for
     * keys), OwnAccount, ConfirmationMismatch, UserStateConflict for somebody who is gone, NotFound
     * or IdempotencyConflict.
     */
    async delete(viewer: Viewer, command: DeleteUser, selection: UserSelection = {}) {
      const { userId, confirmUsername, idempotencyKey } = command;
      if (!uuid.safeParse(userId).success) throw new NotFound('User');
      const parsed = { userId, confirmUsername };
      const asked = { operation: 'deleteUser', idempotencyKey, command: parsed, targetId: userId };
      const capability = 'MANAGE_ACCESS';
      const attempt = { change: 'DELETE' };
      await write(viewer, { ...asked, capability, attempt }, async (tx, self) => {
        const { actor, target } = await lockPeople(tx, self, userId);
        const next = judgeChange(actor, target, { kind: 'DELETE' });
        if (next instanceof DomainError) throw next;
        if (confirmUsername.trim() !== target.username) throw new ConfirmationMismatch();
        const now = clock.now();
        const [ended] = await tx.$queryRaw<Ended[]>`
          SELECT models, sessions, api_keys AS "apiKeys", orders
          FROM erase_user(${userId}::uuid, ${now})`;
        const { role, status } = target;
        await audit.record(tx, self, {
          action: 'user.deleted',
          targetType: 'User',
          targetId: userId,
          before: { role, status },
          after: { ...next, ended: { ...ended } },
        });
        const gone = await tx.user.findUniqueOrThrow({ where: { id: userId } });
        await appendEvents(tx, [userChanged(gone, now)]);
        return { userId };
      });
      await eraseTrail(viewer, userId);
      return db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id: userId } }),
      );
    },
  };
}
