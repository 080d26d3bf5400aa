import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Prisma, Session } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireSession } from './capabilities.ts';
import { endSession } from './end-session.ts';

export interface EndSession {
  readonly sessionId: string;
  readonly idempotencyKey: string;
}

/**
 * The sessions of a person, on whatever device. Everything throws Unauthenticated for nobody, and
 * Forbidden for a viewer who came with a key.
 */
export interface OwnSessions {
  /** Those that are open, which last longest first: they were used last. */
  list(viewer: Viewer, selection: Prisma.SessionFindManyArgs): Promise<Session[]>;
  count(viewer: Viewer): Promise<number>;
  /**
   * Ends one of them, and its streams; one that has ended already stays as it is. Throws NotFound
   * for any other id, and IdempotencyConflict for a key that came with another one.
   */
  end(viewer: Viewer, command: EndSession): Promise<Session>;
}

const uuid = z.uuid();

export function createOwnSessions(ports: {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}): OwnSessions {
  const { db, clock } = ports;
  const open = (viewer: Viewer): Prisma.SessionWhereInput => ({
    ownerId: requireSession(viewer).userId,
    revokedAt: null,
    expiresAt: { gt: clock.now() },
  });

  return {
    list: async (viewer, selection) => {
      const where = { AND: [selection.where ?? {}, open(viewer)] };
      return db.snapshot(viewer, (tx) => tx.session.findMany({ ...selection, where }));
    },

    count: async (viewer) => {
      const where = open(viewer);
      return db.snapshot(viewer, (tx) => tx.session.count({ where }));
    },

    async end(viewer, { sessionId, idempotencyKey: key }) {
      const self = requireSession(viewer);
      if (!uuid.safeParse(sessionId).success) throw new NotFound('Session');
      const where = { id: sessionId, ownerId: self.userId };
      await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: self.userId, operation: 'endSession', key };
        const command = { ...asked, command: { sessionId }, now: clock.now() };
        return idempotent(tx, command, async () => {
          if (!(await tx.session.findFirst({ where }))) throw new NotFound('Session');
          await endSession(ports, { tx, viewer: self, sessionId, reason: 'ENDED' });
          return { sessionId };
        });
      });
      return db.snapshot(viewer, (tx) => tx.session.findFirstOrThrow({ where }));
    },
  };
}
