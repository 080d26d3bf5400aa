import type { Tx } from '../platform/database.ts';
import { PLATFORM_SECRET } from '../platform/fingerprints.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { Binding, Sealed } from '../platform/sealing.ts';
import { AI_PROVIDER_BINDING } from './ai-providers.ts';
import { CREDENTIAL_PURPOSE } from './credentials.ts';

/** A table with sealed secrets, one a row. */
export interface SealedTable {
  readonly name: string;
  readonly purpose: string;
  /** Column of the key, and its type. */
  readonly id: Prisma.Sql;
  readonly idType: Prisma.Sql;
  /** Where a walk begins: before every key. */
  readonly beforeAll: string;
  /** Whose the row is. */
  readonly owner: Prisma.Sql;
  readonly bytes: Prisma.Sql;
  readonly from: Prisma.Sql;
}

export interface SealedRow extends Sealed {
  readonly id: string;
  readonly ownerId: string;
}

const BEFORE_ALL_UUIDS = '00000000-0000-0000-0000-000000000000';

/** A table whose key is an id, or the name of something that is nobody's. */
function table(
  name: string,
  { purpose, bytes, id = 'id' }: { purpose: string; bytes: string; id?: string },
): SealedTable {
  const isNamed = id === 'name';
  const { raw } = Prisma;
  return {
    ...{ name, purpose, from: raw(name), bytes: raw(bytes), id: raw(id) },
    idType: raw(isNamed ? 'text' : 'uuid'),
    beforeAll: isNamed ? '' : BEFORE_ALL_UUIDS,
    owner: isNamed ? raw(`'${PLATFORM_SECRET.ownerId}'`) : raw('owner_id'),
  };
}

/** Every table with a sealed secret. A test finds those that are missing here. */
export const SEALED_TABLES: readonly SealedTable[] = [
  table('credentials', { purpose: CREDENTIAL_PURPOSE, bytes: 'sealed_value' }),
  table('totp_factors', { purpose: 'totp', bytes: 'sealed_secret', id: 'owner_id' }),
  table('ai_providers', {
    ...{ purpose: AI_PROVIDER_BINDING.purpose, bytes: 'sealed_key', id: 'name' },
  }),
  table('platform_secrets', {
    ...{ purpose: PLATFORM_SECRET.purpose, bytes: 'sealed_value', id: 'name' },
  }),
  table('webhook_secrets', { purpose: 'webhook', bytes: 'sealed_value' }),
];

export const bindingOf = ({ purpose }: SealedTable, { id, ownerId }: SealedRow): Binding => ({
  ...{ purpose, ownerId, rowId: id },
});

export interface PageOfRows {
  /** The key of the row before. */
  readonly after: string;
  readonly limit: number;
}

/** The next rows of a table, in the order of their keys. */
export function readSealed(
  tx: Tx,
  { from, id, idType, owner, bytes }: SealedTable,
  { after, limit }: PageOfRows,
): Promise<SealedRow[]> {
  return tx.$queryRaw<SealedRow[]>`
    SELECT ${id}::text AS id, ${owner}::text AS "ownerId", key_id AS "keyId", ${bytes} AS bytes
    FROM ${from} WHERE ${bytes} IS NOT NULL AND ${id} > ${after}::${idType}
    ORDER BY ${id} LIMIT ${limit}`;
}

/**
 * The next rows that are under another key than `keyId`, locked until the transaction ends: whoever
 * writes to one of them waits, and so does a second rotation, which finds nothing to do in them
 * then.
 */
export function lockSealedOtherwise(
  tx: Tx,
  { from, id, idType, owner, bytes }: SealedTable,
  { after, limit, keyId }: PageOfRows & { readonly keyId: string },
): Promise<SealedRow[]> {
  return tx.$queryRaw<SealedRow[]>`
    SELECT ${id}::text AS id, ${owner}::text AS "ownerId", key_id AS "keyId", ${bytes} AS bytes
    FROM ${from} WHERE ${bytes} IS NOT NULL AND ${id} > ${after}::${idType} AND key_id <> ${keyId}
    ORDER BY ${id} LIMIT ${limit} FOR UPDATE`;
}

/** Writes rows that are locked, all of them sealed anew with `keyId`. */
export async function writeSealed(
  tx: Tx,
  { from, id, idType, bytes }: SealedTable,
  { keyId, rows }: { readonly keyId: string; readonly rows: readonly SealedRow[] },
): Promise<void> {
  const given = rows.map((row) => ({ id: row.id, hex: Buffer.from(row.bytes).toString('hex') }));
  await tx.$executeRaw`
    UPDATE ${from} AS t SET key_id = ${keyId}, ${bytes} = decode(r.hex, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb) AS r (id ${idType}, hex text)
    WHERE t.${id} = r.id`;
}
