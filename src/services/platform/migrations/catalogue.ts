import { Client } from 'pg';

/** One thing that a database consists of, and how it is defined, in words of PostgreSQL's own. */
interface CatalogueEntry {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

/** How two databases differ: each line names a thing and what is with it. */
export type Drift = readonly string[];

/** A list of rights in one order, whatever the order in which they were granted. */
const rights = (list: string) =>
  `coalesce((SELECT string_agg(right_::text, ', ' ORDER BY right_::text) FROM unnest(${list}) AS right_), '')`;
const owner = (id: string) => `pg_get_userbyid(${id})`;

/**
 * Everything of the schema `public` that a migration may make. Sequences come with their columns,
 * and Prisma's own table is not ours.
 */
const CATALOGUE = `
  WITH tables AS (
    SELECT * FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
      AND NOT relispartition AND relname <> '_prisma_migrations')
  SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' ELSE 'table' END AS kind,
    relname AS name,
    concat_ws('; ', relkind, ${owner('relowner')}, 'row security ' || relrowsecurity,
      'forced ' || relforcerowsecurity, ${rights('relacl')},
      CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END) AS definition
  FROM tables
  UNION ALL
  SELECT 'column', relname || '.' || attname,
    concat_ws('; ', format_type(atttypid, atttypmod), 'not null ' || attnotnull, attidentity,
      attgenerated, pg_get_expr(adbin, adrelid), ${rights('attacl')})
  FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  UNION ALL
  SELECT 'index', tables.relname || '.' || indexes.relname, pg_get_indexdef(indexrelid)
  FROM tables JOIN pg_index ON indrelid = tables.oid JOIN pg_class indexes ON indexes.oid = indexrelid
  UNION ALL
  SELECT 'constraint', relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
  FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
  UNION ALL
  SELECT 'policy', tablename || '.' || policyname,
    concat_ws('; ', permissive, array_to_string(roles, ', '), cmd, qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'
  UNION ALL
  SELECT 'trigger', relname || '.' || tgname, concat_ws('; ', tgenabled, pg_get_triggerdef(pg_trigger.oid))
  FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
  UNION ALL
  SELECT 'function', oid::regprocedure::text,
    concat_ws('; ', ${owner('proowner')}, ${rights('proacl')}, pg_get_functiondef(oid))
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
  UNION ALL
  SELECT 'type', typname, string_agg(enumlabel, ', ' ORDER BY enumsortorder)
  FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
  WHERE typnamespace = 'public'::regnamespace GROUP BY typname`;

/** How the database behind `url` differs from `wanted`, a database that the migrations alone made. */
export async function findDrift(urls: { actual: string; wanted: string }): Promise<Drift> {
  const [actual, wanted] = await Promise.all([readAll(urls.actual), readAll(urls.wanted)]);
  const isInBoth = (name: string) => actual.has(name) && wanted.has(name);
  const names = [...new Set([...actual.keys(), ...wanted.keys()])].sort();
  return names.flatMap((name) => {
    const [is, was] = [actual.get(name), wanted.get(name)];
    if (is === was) return [];
    const table = tableOf(name);
    // Of a table that only one has, its columns and the rest say nothing new.
    if (table !== undefined && !isInBoth(table)) return [];
    if (was === undefined) return `${name} is in the database, but no migration makes it`;
    if (is === undefined) return `${name} is missing`;
    return `${name} differs`;
  });
}

function tableOf(name: string): string | undefined {
  const [, table] = /^(?:column|constraint|index|policy|trigger) (\w+)\./.exec(name) ?? [];
  return table === undefined ? undefined : `table ${table}`;
}

async function readAll(url: string): Promise<ReadonlyMap<string, string>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<CatalogueEntry>(CATALOGUE);
    return new Map(rows.map(({ kind, name, definition }) => [`${kind} ${name}`, definition]));
  } finally {
    await client.end();
  }
}
