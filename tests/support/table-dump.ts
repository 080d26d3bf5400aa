import type { TestDatabase } from './database.ts';

/** Written all the time by the engine and the sealer, which nobody's request decides. */
const LEFT_OUT = [
  ...['audit_seals', 'audit_unsealed'],
  ...['duties', 'engine_workers', 'instrument_leases'],
];

/** Columns that are set some time after their row was written, by a job or by whoever follows a broker. */
const LATER = ['is_indexed', 'follower_id', 'followed_until'];
/** The uses of keys are written down together, some seconds after them. */
const USES = ['last_used_at', 'last_used_address'];

const leftOutOf = (table: string): string =>
  [...LATER, ...(table === 'api_keys' ? USES : [])].map((column) => `'${column}'`).join(', ');

/** All rows of all tables, read past every wall: to compare before and after. */
export async function dumpTables({
  query,
}: Pick<TestDatabase, 'query'>): Promise<Record<string, unknown[]>> {
  const tables = await query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
  );
  const parts = tables
    .filter(({ name }) => !LEFT_OUT.includes(name))
    .map(
      ({ name }) => `SELECT '${name}' AS name,
        coalesce(jsonb_agg(row ORDER BY row::text), '[]') AS rows
        FROM "${name}" t, LATERAL (SELECT to_jsonb(t) - ARRAY[${leftOutOf(name)}] AS row) AS whole`,
    );
  const dumps = await query<{ name: string; rows: unknown[] }>(parts.join(' UNION ALL '));
  return Object.fromEntries(dumps.map(({ name, rows }) => [name, rows]));
}
