import { isIP } from 'node:net';
import { z } from 'zod';
import { requireCapability } from '../accounts/capabilities.ts';
import { AUDIT_ACTIONS, AUDIT_TARGET_TYPES } from '../audit/audit.ts';
import type { Database, Tx } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { PageRequest } from '../platform/page.ts';
import type { Viewer } from '../platform/viewer.ts';

/** What narrows the audit log. All of it must hold; each part is borne by an index. */
export interface AuditFilter {
  /** Who did it. */
  readonly actorId?: string;
  readonly action?: string;
  readonly targetType?: string;
  readonly targetId?: string;
  /** Where the request came from. */
  readonly address?: string;
  /** At or after. */
  readonly from?: Date;
  /** Before. */
  readonly to?: Date;
}

/** Who did what to whom, and from where. */
export interface AuditRecord {
  readonly id: string;
  readonly occurredAt: Date;
  /** Null when nobody was logged in. */
  readonly actorId: string | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string | null;
  readonly before: Prisma.JsonValue;
  readonly after: Prisma.JsonValue;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** Whether it is in the chain by now: a change of it would show. */
  readonly isSealed: boolean;
}

type StoredRecord = Omit<AuditRecord, 'isSealed'>;

const uuid = z.uuid();

export type AuditLog = ReturnType<typeof createAuditLog>;

/**
 * What was recorded, newest first, for administrators. Throws Forbidden for all others, and
 * InvalidInput for a filter by what cannot be: nothing found would look like nothing done.
 */
export function createAuditLog({ db }: { readonly db: Database }) {
  return {
    /** A page of it, and one record past it. Records that come meanwhile move no page. */
    async list(viewer: Viewer, page: PageRequest, filter: AuditFilter): Promise<AuditRecord[]> {
      requireCapability(viewer, 'READ_EVERYONE');
      assertPossible(filter);
      return db.snapshot(viewer, async (tx) => {
        const records = await readPage(tx, page, filter);
        const sealed = await sealedAmong(tx, records);
        return records.map((record) => ({ ...record, isSealed: sealed.has(record.id) }));
      });
    },

    async count(viewer: Viewer, filter: AuditFilter): Promise<number> {
      requireCapability(viewer, 'READ_EVERYONE');
      assertPossible(filter);
      return db.snapshot(viewer, async (tx) => {
        const [row] = await tx.$queryRaw<{ count: number }[]>`
          SELECT count(*)::int AS count FROM audit_records WHERE ${conditionsOf(filter)}`;
        return row?.count ?? 0;
      });
    },
  };
}

async function readPage(
  tx: Tx,
  { limit, isBackward, after, before }: PageRequest,
  filter: AuditFilter,
): Promise<StoredRecord[]> {
  const conditions = [conditionsOf(filter)];
  if (after) {
    conditions.push(
      Prisma.sql`(occurred_at, id) < (${after.value}::timestamptz, ${after.id}::uuid)`,
    );
  }
  if (before) {
    conditions.push(
      Prisma.sql`(occurred_at, id) > (${before.value}::timestamptz, ${before.id}::uuid)`,
    );
  }
  const order = Prisma.raw(isBackward ? 'occurred_at ASC, id ASC' : 'occurred_at DESC, id DESC');
  const records = await tx.$queryRaw<StoredRecord[]>`
    SELECT id, occurred_at AS "occurredAt", actor_id AS "actorId", action,
      target_type AS "targetType", target_id AS "targetId", before, after, address,
      user_agent AS "userAgent", request_id AS "requestId"
    FROM audit_records WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY ${order} LIMIT ${limit + 1}::int`;
  return isBackward ? records.reverse() : records;
}

/** The server may not read the seals: a function tells which of these records have one. */
async function sealedAmong(tx: Tx, records: readonly StoredRecord[]): Promise<Set<string>> {
  const ids = records.map(({ id }) => id);
  const sealed = await tx.$queryRaw<{ id: string }[]>`
    SELECT record_id AS id FROM sealed_records(${ids}::uuid[])`;
  return new Set(sealed.map(({ id }) => id));
}

function assertPossible({ action, targetType, address }: AuditFilter): void {
  const isIn = (known: readonly string[], name: string | undefined) =>
    name === undefined || known.includes(name);
  if (!isIn(AUDIT_ACTIONS, action)) {
    throw new InvalidInput('action', 'There is no such action; one is `user.disabled`.');
  }
  if (!isIn(AUDIT_TARGET_TYPES, targetType)) {
    const names = AUDIT_TARGET_TYPES.join(', ');
    throw new InvalidInput('targetType', `There is no such type. There are: ${names}.`);
  }
  if (address !== undefined && isIP(address) === 0) {
    throw new InvalidInput('address', 'Write the whole address, such as `192.0.2.7`.');
  }
}

function conditionsOf(filter: AuditFilter): Prisma.Sql {
  const { actorId, action, targetType, targetId, address, from, to } = filter;
  // What cannot be the id of anybody is nobody's.
  const isNobody = actorId !== undefined && !uuid.safeParse(actorId).success;
  const conditions = [
    isNobody && Prisma.sql`false`,
    actorId !== undefined && !isNobody && Prisma.sql`actor_id = ${actorId}::uuid`,
    action !== undefined && Prisma.sql`action = ${action}`,
    targetType !== undefined && Prisma.sql`target_type = ${targetType}`,
    targetId !== undefined && Prisma.sql`target_id = ${targetId}`,
    address !== undefined && Prisma.sql`address = ${address}`,
    from && Prisma.sql`occurred_at >= ${from}`,
    to && Prisma.sql`occurred_at < ${to}`,
  ].filter((condition) => condition instanceof Prisma.Sql);
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, ' AND ');
}
