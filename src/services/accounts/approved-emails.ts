import { createHash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, InvalidInput } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import type { ApprovedEmail, Prisma } from '../platform/prisma/client.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { may, requireCapability } from './capabilities.ts';
import { parseEmail } from './names.ts';

export interface ApproveEmails {
  /** At most {@link APPROVED_AT_ONCE_MAX}. */
  readonly emails: readonly string[];
  readonly idempotencyKey: string;
}

export interface UnapproveEmail {
  readonly email: string;
  readonly idempotencyKey: string;
}

interface ListPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
}

const APPROVED_AT_ONCE_MAX = 100;

export type ApprovedEmails = ReturnType<typeof createApprovedEmails>;

/**
 * The addresses whose sign-ups need no administrator, where the policy is `allow-list`. For
 * administrators; everything throws Forbidden for all others, whose attempts to write are recorded.
 */
export function createApprovedEmails(ports: ListPorts & { readonly db: Database }) {
  const { db, clock, audit } = ports;

  const write = async <Outcome extends Prisma.InputJsonObject>(
    viewer: Viewer,
    { operation, key, parse }: { operation: string; key: string; parse: () => readonly string[] },
    effect: (
      tx: Tx,
      given: { readonly self: AuthenticatedViewer; readonly emailKeys: readonly string[] },
    ) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const self = requireUser(viewer);
    if (!may(self, 'MANAGE_USERS')) {
      await db.withViewer(viewer, (tx) =>
        audit.record(tx, self, {
          ...{ action: 'approved-emails.change-refused', targetType: 'ApprovedEmail' },
          ...{ targetId: null, after: { change: operation } },
        }),
      );
      throw new Forbidden();
    }
    // After the right: an attempt is written down, whatever it is made with.
    const emailKeys = parse();
    const command = { ownerId: self.userId, operation, key, command: emailKeys };
    const asked = { ...command, now: clock.now() };
    const done = await db.withViewer(viewer, (tx) =>
      idempotent(tx, asked, () => effect(tx, { self, emailKeys })),
    );
    return done.outcome;
  };

  return {
    /** Those that there are, newest first. */
    async list(
      viewer: Viewer,
      selection: Prisma.ApprovedEmailFindManyArgs,
    ): Promise<ApprovedEmail[]> {
      requireCapability(viewer, 'READ_EVERYONE');
      return db.snapshot(viewer, (tx) => tx.approvedEmail.findMany(selection));
    },

    async count(viewer: Viewer): Promise<number> {
      requireCapability(viewer, 'READ_EVERYONE');
      return db.snapshot(viewer, (tx) => tx.approvedEmail.count());
    },

    /**
     * Puts addresses on the list, for sign-ups that come or are confirmed from now on. Answers with
     * how many were not on it. Throws InvalidInput for one that is no address, and
     * IdempotencyConflict.
     */
    approve(viewer: Viewer, { emails, idempotencyKey: key }: ApproveEmails) {
      const asked = { operation: 'approveEmails', key, parse: () => keysOf(emails) };
      return write(viewer, asked, async (tx, { self, emailKeys }) => ({
        added: await addApprovedEmails(ports, { tx, viewer: self, emailKeys }),
      }));
    },

    /** Takes one off. Whoever entered with it stays. Answers with whether it was on the list. */
    unapprove(viewer: Viewer, { email, idempotencyKey: key }: UnapproveEmail) {
      const parse = () => [parseEmail(email).emailKey];
      const asked = { operation: 'unapproveEmail', key, parse };
      return write(viewer, asked, async (tx, { self, emailKeys }) => {
        const [emailKey = ''] = emailKeys;
        const { count } = await tx.approvedEmail.deleteMany({ where: { emailKey } });
        if (count === 0) return { wasApproved: false };
        await audit.record(tx, self, {
          ...{ action: 'approved-emails.removed', targetType: 'ApprovedEmail', targetId: null },
          before: { emails: [digestOf(emailKey)] },
        });
        return { wasApproved: true };
      });
    },
  };
}

/**
 * Normalised and once each, in order. Throws InvalidInput that names the first that is no address.
 */
function keysOf(emails: readonly string[]): string[] {
  if (emails.length > APPROVED_AT_ONCE_MAX) {
    const message = `At most ${APPROVED_AT_ONCE_MAX} addresses at once.`;
    throw new InvalidInput('emails', message);
  }
  return [...new Set(emails.map((email) => parseEmail(email).emailKey))].sort();
}

interface Addition {
  readonly tx: Tx;
  /** Who adds them: an administrator, or an operator. */
  readonly viewer: Viewer;
  readonly emailKeys: readonly string[];
}

/** Puts addresses on the list, with an audit row. Answers with how many were not on it. */
export async function addApprovedEmails(
  { clock, ids, audit }: ListPorts,
  { tx, viewer, emailKeys }: Addition,
): Promise<number> {
  const createdAt = clock.now();
  const known = await tx.approvedEmail.findMany({ where: { emailKey: { in: [...emailKeys] } } });
  const isKnown = new Set(known.map(({ emailKey }) => emailKey));
  const added = emailKeys.filter((emailKey) => !isKnown.has(emailKey));
  if (added.length === 0) return 0;
  const { count } = await tx.approvedEmail.createMany({
    data: added.map((emailKey) => ({
      ...{ id: ids.next(), emailKey, addedBy: viewer.userId, createdAt },
    })),
    skipDuplicates: true,
  });
  await audit.record(tx, viewer, {
    ...{ action: 'approved-emails.added', targetType: 'ApprovedEmail', targetId: null },
    after: { emails: added.map(digestOf) },
  });
  return count;
}

/**
 * The audit log outlives people: it holds what shows that an address was meant, and not the
 * address.
 */
const digestOf = (emailKey: string): string => createHash('sha256').update(emailKey).digest('hex');
