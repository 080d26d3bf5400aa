import type { Database, Tx } from '../platform/database.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import { leaseFrom, type HeldWebhook } from './held-webhook.ts';

/** Of one person at the same time, so that slow receivers of theirs leave room for those of others. */
const OF_ONE_PERSON = 2;
/** How many are found at once. */
const DUE_MAX = 200;

/**
 * Takes one webhook at a time of those with something to do. To find them is to look at all there are; so
 * many are found at once, and each is looked at again when it is taken.
 */
export function createWebhookClaims({
  workerDb,
  roles,
}: {
  readonly workerDb: Database;
  readonly roles: readonly UserRole[];
}): (now: Date) => Promise<HeldWebhook | undefined> {
  /** Those that were found, and not taken since. */
  const due: string[] = [];

  /** The first of those found that is still there to be taken. */
  const takeFound = async (now: Date): Promise<HeldWebhook | undefined> => {
    for (let id = due.shift(); id !== undefined; id = due.shift()) {
      const asked = { id, now, roles };
      const held = await workerDb.withViewer(systemViewer(), (tx) => claim(tx, asked));
      if (held) return held;
    }
    return undefined;
  };

  return async (now) => {
    const held = await takeFound(now);
    if (held) return held;
    due.push(...(await workerDb.withViewer(systemViewer(), (tx) => findDue(tx, { now, roles }))));
    return takeFound(now);
  };
}

interface Asking {
  readonly now: Date;
  readonly roles: readonly UserRole[];
}

/** Webhooks with something to do: looks at all of them, and so is asked for many at once. */
async function findDue(tx: Tx, asking: Asking): Promise<string[]> {
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT w.id::text AS id ${whatIsDue(asking)}
    ORDER BY w.leased_until NULLS FIRST, w.id LIMIT ${DUE_MAX}`;
  return found.map(({ id }) => id);
}

/** Takes one if it has still something to do, and nobody has it. */
async function claim(
  tx: Tx,
  { id, ...asking }: Asking & { readonly id: string },
): Promise<HeldWebhook | undefined> {
  const [held] = await tx.$queryRaw<HeldWebhook[]>`
    UPDATE webhooks SET epoch = epoch + 1, leased_until = ${leaseFrom(asking.now)}
    WHERE id = (
      SELECT w.id ${whatIsDue(asking)} AND w.id = ${id}::uuid FOR UPDATE OF w SKIP LOCKED)
    RETURNING id::text, owner_id::text AS "ownerId", url, types, cursor, attempt, epoch,
      leased_until AS "leasedUntil"`;
  return held;
}

function whatIsDue({ now, roles }: Asking): Prisma.Sql {
  return Prisma.sql`
    FROM webhooks w
    JOIN users u ON u.id = w.owner_id AND u.status = 'ACTIVE' AND u.role::text = ANY(${[...roles]})
    LEFT JOIN event_topics t ON t.topic = 'owner:' || w.owner_id
    WHERE (w.leased_until IS NULL OR w.leased_until <= ${now})
      AND (w.state = 'RETRYING' AND w.next_attempt_at <= ${now}
        OR w.state = 'ACTIVE' AND (w.next_attempt_at <= ${now} OR t.position > w.cursor))
      AND (SELECT count(*) FROM webhooks x
        WHERE x.owner_id = w.owner_id AND x.leased_until > ${now}) < ${OF_ONE_PERSON}`;
}
