import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import { may, requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Mail, Prisma } from '../platform/prisma/client.ts';
import type { MailStatus } from '../platform/prisma/enums.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { MailStateConflict } from './errors.ts';

export interface MailFilter {
  readonly status?: readonly MailStatus[] | undefined;
}

/** What administrators see of a mail: never what stands in it. */
export type ListedMail = Omit<Mail, 'data' | 'ownerId'>;

/** The page that is asked for. */
type PageSelection = Pick<Prisma.MailFindManyArgs, 'orderBy' | 'take' | 'where'>;

export type MailAdministration = ReturnType<typeof createMailAdministration>;

const uuid = z.uuid();
const UNSEEN = { data: true, ownerId: true } as const;

/** The mails of everyone, for administrators. Throws Forbidden for all others. */
export function createMailAdministration(ports: {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}) {
  const { db, clock, audit } = ports;

  const mailsIn = (viewer: Viewer, { status }: MailFilter): Prisma.MailWhereInput => {
    requireCapability(viewer, 'READ_EVERYONE');
    return status ? { status: { in: [...status] } } : {};
  };

  const retry = async (tx: Tx, viewer: Viewer, id: string) => {
    const { count } = await tx.mail.updateMany({
      where: { id, status: 'FAILED' },
      data: { status: 'QUEUED', attempts: 0, nextAttemptAt: clock.now() },
    });
    if (count === 0) {
      const mail = await tx.mail.findUnique({ select: { status: true }, where: { id } });
      if (!mail) throw new NotFound('Mail');
      throw new MailStateConflict(mail.status);
    }
    await audit.record(tx, viewer, { action: 'mail.retried', targetType: 'Mail', targetId: id });
    return { id };
  };

  return {
    /** Those that the filter leaves, newest first. */
    async list(
      viewer: Viewer,
      selection: PageSelection,
      filter: MailFilter,
    ): Promise<ListedMail[]> {
      const where = { AND: [selection.where ?? {}, mailsIn(viewer, filter)] };
      return db.snapshot(viewer, (tx) => tx.mail.findMany({ ...selection, where, omit: UNSEEN }));
    },

    async count(viewer: Viewer, filter: MailFilter): Promise<number> {
      const where = mailsIn(viewer, filter);
      return db.snapshot(viewer, (tx) => tx.mail.count({ where }));
    },

    /**
     * Has a mail that failed sent as if it were new. Throws NotFound, MailStateConflict for any
     * other mail, unless the same was asked for before, and IdempotencyConflict. The attempt of
     * whoever may not is recorded.
     */
    async retry(
      viewer: Viewer,
      { mailId, idempotencyKey: key }: { mailId: string; idempotencyKey: string },
    ): Promise<ListedMail> {
      const self = requireUser(viewer);
      if (!may(self, 'MANAGE_USERS')) {
        await db.withViewer(viewer, (tx) =>
          audit.record(tx, self, {
            ...{ action: 'mail.change-refused', targetType: 'Mail', targetId: mailId },
          }),
        );
        throw new Forbidden();
      }
      if (!uuid.safeParse(mailId).success) throw new NotFound('Mail');
      const asked = { ownerId: self.userId, operation: 'retryMail', key, command: { mailId } };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, () => retry(tx, self, mailId)),
      );
      return db.snapshot(viewer, (tx) =>
        tx.mail.findUniqueOrThrow({ where: { id: mailId }, omit: UNSEEN }),
      );
    },
  };
}
