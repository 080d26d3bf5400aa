import type { TestDatabase } from './database.ts';

export interface CataloguedTable {
  readonly name: string;
  /** Whether its rows say whose they are. */
  readonly hasOwner: boolean;
  /** Row-level security, for the owner of the table as well. */
  readonly isForced: boolean;
  /** What the role of the server may do to some column of it at least. */
  readonly insertable: readonly string[];
  readonly updatable: readonly string[];
  readonly mayDelete: boolean;
  readonly mayRead: boolean;
}

/** Every table of ours, as PostgreSQL's catalogue has it. */
export function readTables({ query }: TestDatabase): Promise<CataloguedTable[]> {
  return query<CataloguedTable>(
    `SELECT c.relname AS name, bool_or(a.attname = 'owner_id') AS "hasOwner",
       c.relrowsecurity AND c.relforcerowsecurity AS "isForced",
       has_table_privilege('tradegraph_server', c.oid, 'DELETE') AS "mayDelete",
       has_any_column_privilege('tradegraph_server', c.oid, 'SELECT') AS "mayRead",
       ${columnsWith('INSERT')} AS insertable, ${columnsWith('UPDATE')} AS updatable
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND a.attnum > 0 AND NOT a.attisdropped
     GROUP BY c.oid ORDER BY 1`,
  );
}

const columnsWith = (privilege: string): string =>
  `coalesce(array_agg(a.attname::text) FILTER (
     WHERE has_column_privilege('tradegraph_server', c.oid, a.attnum, '${privilege}')), '{}')`;

export interface CataloguedFunction {
  readonly name: string;
  readonly owner: string;
  /** Whether its owner passes row-level security or owns a table. */
  readonly isMighty: boolean;
}

/** Functions that run with the rights of another, and that the role of the server may call. */
export function readDefinerFunctions({ query }: TestDatabase): Promise<CataloguedFunction[]> {
  return query<CataloguedFunction>(
    `SELECT p.proname AS name, r.rolname AS owner, r.rolsuper OR r.rolbypassrls OR EXISTS (
       SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p')) AS "isMighty"
     FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
     WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
       AND has_function_privilege('tradegraph_server', p.oid, 'EXECUTE') ORDER BY 1`,
  );
}

/** Views and the like, which would show what their owner sees. */
export function readViews({ query }: TestDatabase): Promise<{ name: string }[]> {
  return query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
       AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,
  );
}
