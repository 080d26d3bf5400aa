import type { TestDatabase } from './database.ts';

/**
 * Every column, as `table.column`, of every schema of ours where a text stands, in whatever case: in
 * text, JSON, arrays and raw bytes.
 */
export async function searchDatabase(
  { query }: Pick<TestDatabase, 'query'>,
  text: string,
): Promise<string[]> {
  const columns = await query<{ place: string; table: string; column: string }>(
    `SELECT c.relname || '.' || a.attname AS place, a.attrelid::regclass::text AS "table",
       quote_ident(a.attname) AS "column"
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
       AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
       AND a.atttypid::regtype::text IN ('text', 'text[]', 'character varying', 'json', 'jsonb', 'bytea')
     ORDER BY 1`,
  );
  const found = columns.map(
    ({ place, table, column }) => `SELECT '${place}' AS place WHERE EXISTS (
      SELECT FROM ${table} WHERE position(lower($1) IN lower(${column}::text)) > 0
        OR position(encode(convert_to($1, 'UTF8'), 'hex') IN ${column}::text) > 0)`,
  );
  const rows = await query<{ place: string }>(found.join(' UNION ALL '), [text]);
  return rows.map(({ place }) => place);
}
