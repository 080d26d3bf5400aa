import type { Tx } from '../platform/database.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { StoredRecord } from './canonical.ts';
import { toHex, type ChainPoint, type Link, type Seal } from './chain.ts';

/** Any number that nothing else in the database uses for an advisory lock. */
const SEALING_LOCK = 7_243_005;

/** The record `r`, as {@link StoredRecord} says. */
const RECORD = Prisma.raw(`r.id::text, extract(epoch FROM r.occurred_at)::text AS "occurredAt",
  r.actor_id::text AS "actorId", r.action, r.target_type AS "targetType", r.target_id AS "targetId",
  r.before::text, r.after::text, r.address, r.user_agent AS "userAgent", r.request_id AS "requestId"`);

const SEAL = Prisma.raw(`s.sequence, s.record_id::text AS "recordId", s.record_hash AS "recordHash",
  s.form::int, s.key_id AS "keyId", extract(epoch FROM s.sealed_at)::text AS "sealedAt", s.seal`);

/** Until the end of the transaction, nobody else seals. False when somebody does already. */
export async function tryToHoldChain(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ isHeld: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(${SEALING_LOCK}) AS "isHeld"`;
  return row?.isHeld ?? false;
}

/** The same, after a wait for whoever seals. */
export async function holdChain(tx: Tx): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(${SEALING_LOCK})::text`;
}

/** The newest link; undefined when nothing is sealed. */
export async function readHead(tx: Tx): Promise<ChainPoint | undefined> {
  const [head] = await tx.$queryRaw<ChainPoint[]>`
    SELECT sequence, seal FROM audit_seals ORDER BY sequence DESC LIMIT 1`;
  return head;
}

/** The seals of those links of `sequences` that there are. */
export function readPoints(tx: Tx, sequences: readonly bigint[]): Promise<ChainPoint[]> {
  return tx.$queryRaw<ChainPoint[]>`
    SELECT sequence, seal FROM audit_seals WHERE sequence = ANY (${sequences.map(String)}::bigint[])`;
}

/** Up to `limit` links above `after`, by sequence, without their records. */
export function readSeals(tx: Tx, after: bigint, limit: number): Promise<Seal[]> {
  return tx.$queryRaw<Seal[]>`
    SELECT ${SEAL} FROM audit_seals s
    WHERE s.sequence > ${after} ORDER BY s.sequence LIMIT ${limit}`;
}

type LinkRow = Seal & (StoredRecord | (Record<keyof StoredRecord, null> & { readonly id: null }));

/** The same with their records. The first link may have any sequence: nobody has checked it yet. */
export async function readLinks(
  tx: Tx,
  { after, limit }: { readonly after: bigint | undefined; readonly limit: number },
): Promise<Link[]> {
  const above = after === undefined ? Prisma.empty : Prisma.sql`WHERE s.sequence > ${after}`;
  const rows = await tx.$queryRaw<LinkRow[]>`
    SELECT ${SEAL}, ${RECORD} FROM audit_seals s LEFT JOIN audit_records r ON r.id = s.record_id
    ${above} ORDER BY s.sequence LIMIT ${limit}`;
  return rows.map((row) => ({ seal: row, record: row.id === null ? undefined : row }));
}

/**
 * Up to `limit` records that wait for a seal, the oldest first. One that has a seal already was put
 * back by hand, and must not stop the others.
 */
export function readWaiting(tx: Tx, limit: number): Promise<StoredRecord[]> {
  return tx.$queryRaw<StoredRecord[]>`
    SELECT ${RECORD} FROM audit_unsealed u JOIN audit_records r ON r.id = u.record_id
    WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.record_id = u.record_id)
    ORDER BY u.record_id LIMIT ${limit}`;
}

/** Adds links to the chain, and takes their records out of the queue. */
export async function writeSeals(tx: Tx, seals: readonly Seal[]): Promise<void> {
  const rows = seals.map(({ sequence, recordId, recordHash, form, keyId, sealedAt, seal }) => ({
    ...{ sequence: String(sequence), recordId, form, keyId, sealedAt },
    ...{ recordHash: toHex(recordHash), seal: toHex(seal) },
  }));
  await tx.$executeRaw`
    INSERT INTO audit_seals (sequence, record_id, record_hash, form, key_id, sealed_at, seal)
    SELECT n.sequence, n."recordId", decode(n."recordHash", 'hex'), n.form, n."keyId",
      timestamptz 'epoch' + (n."sealedAt" * 1000000)::bigint * interval '1 microsecond',
      decode(n.seal, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (sequence bigint, "recordId" uuid,
      "recordHash" text, form smallint, "keyId" text, "sealedAt" numeric, seal text)`;
  await tx.$executeRaw`
    DELETE FROM audit_unsealed WHERE record_id = ANY (${seals.map(({ recordId }) => recordId)}::uuid[])`;
}

/**
 * Puts records of one slice of the table into the queue that have neither a seal nor a place in it,
 * which no program of ours leaves behind. Answers where the next slice begins; undefined at the
 * end.
 */
export async function queueForgotten(
  tx: Tx,
  after: string,
  limit: number,
): Promise<{ readonly last: string | undefined; readonly queuedCount: number }> {
  const [row] = await tx.$queryRaw<{ last: string | null; queuedCount: number }[]>`
    WITH slice AS (
      SELECT id FROM audit_records WHERE id > ${after}::uuid ORDER BY id LIMIT ${limit}
    ), queued AS (
      INSERT INTO audit_unsealed (record_id)
      SELECT id FROM slice
      WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.record_id = slice.id)
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT id::text FROM slice ORDER BY id DESC LIMIT 1) AS last,
      (SELECT count(*)::int FROM queued) AS "queuedCount"`;
  return { last: row?.last ?? undefined, queuedCount: row?.queuedCount ?? 0 };
}

/** Records without a seal. */
export interface Unsealed {
  readonly count: number;
  /** The one that claims to be the oldest; its time as {@link StoredRecord} has it. */
  readonly oldest: { readonly recordId: string; readonly occurredAt: string } | undefined;
}

/** Looks at every record: the queue says what waits, but not what was taken out of it. */
export async function readUnsealed(tx: Tx): Promise<Unsealed> {
  const [row] = await tx.$queryRaw<
    { count: number; recordId: string | null; occurredAt: string | null }[]
  >`
    WITH unsealed AS (
      SELECT r.id, r.occurred_at FROM audit_records r
      WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.record_id = r.id)
    ), oldest AS (SELECT id, occurred_at FROM unsealed ORDER BY occurred_at, id LIMIT 1)
    SELECT (SELECT count(*)::int FROM unsealed) AS count,
      (SELECT id::text FROM oldest) AS "recordId",
      (SELECT extract(epoch FROM occurred_at)::text FROM oldest) AS "occurredAt"`;
  const { count = 0, recordId = null, occurredAt = null } = row ?? {};
  const oldest = recordId === null || occurredAt === null ? undefined : { recordId, occurredAt };
  return { count, oldest };
}

/** A record that waits for its seal and is not there. */
export async function readGhost(tx: Tx): Promise<string | undefined> {
  const [ghost] = await tx.$queryRaw<{ recordId: string }[]>`
    SELECT u.record_id::text AS "recordId" FROM audit_unsealed u
    WHERE NOT EXISTS (SELECT FROM audit_records r WHERE r.id = u.record_id)
    ORDER BY u.record_id LIMIT 1`;
  return ghost?.recordId;
}
