const STATEMENT_NAMES_MAX = 1_000;

/**
 * Names for prepared statements, so that PostgreSQL plans a query once a connection. The number is
 * bounded: lists of ids of every length would otherwise fill the memory of each connection.
 */
export function createStatementNames(): (query: { sql: string }) => string {
  const UNNAMED = '';
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= STATEMENT_NAMES_MAX) return UNNAMED;
    const name = `tradegraph_${String(names.size)}`;
    names.set(sql, name);
    return name;
  };
}
