import { columnOf } from './model-columns.ts';
import type { Page, PageKey, PageRequest } from './page.ts';
import type { Query } from './query.ts';
import type { Ask } from './read-transaction.ts';

/** A list that belongs to a row, newest first, such as the trades of an account. */
export interface NestedList {
  readonly table: string;
  /** What is selected of its rows, by the names of fields; a column is the same name in snake_case. */
  readonly columns: string;
  /** Holds the id of the row that the list belongs to. */
  readonly parentField: string;
  /** The list is ordered by this time and then by id, both falling; an index says the same. */
  readonly timeField: string;
}

/**
 * What narrows a list. Values travel as parameters but for those of enums, by which PostgreSQL chooses an
 * index: it plans a statement once, and not for its parameters.
 */
export type Condition =
  | { readonly field: string; readonly anyOf: readonly string[] }
  | { readonly field: string; readonly isNull: boolean }
  /** Compared as text, so that no index of this field is walked in place of the parent's. */
  | { readonly field: string; readonly isText: string }
  /**
   * Of all rows of the parent or of none, which PostgreSQL cannot know: of a comparison it believes that few
   * rows hold, and that it would not find a page soon. Of a `coalesce` it believes that half of them do.
   */
  | { readonly field: string; readonly isId: string };

interface ManyParents {
  readonly list: NestedList;
  readonly parentIds: readonly string[];
  readonly conditions: readonly Condition[];
}

/**
 * A page of the list of each parent, in one statement: PostgreSQL walks the index of each parent and
 * stops at the limit. (Prisma would read all rows of all parents and trim them in memory.) One row
 * past the limit is read, which tells whether more follow. Parents without rows have an empty page.
 */
export async function readNestedPages<Row extends object>(
  ask: Ask,
  { list, parentIds, conditions, page }: ManyParents & { readonly page: PageRequest },
): Promise<Map<string, Page<Row>>> {
  const values = createValues(parentIds, page.limit + 1);
  const bounds = [...boundsOf(list, page, values), ...conditions.map(conditionIn(values))];
  const direction = page.isBackward ? 'ASC' : 'DESC';
  const rows = await ask<Row>({
    text: `SELECT listed.* FROM unnest($1::uuid[]) AS parent (id)
CROSS JOIN LATERAL (
  SELECT ${list.columns} FROM ${list.table}
  WHERE ${[`${columnOf(list.parentField)} = parent.id`, ...bounds].join(' AND ')}
  ORDER BY ${columnOf(list.timeField)} ${direction}, id ${direction} LIMIT $2
) AS listed`,
    values: values.all,
  });
  const byParent = Map.groupBy(rows, (row) => (row as Record<string, unknown>)[list.parentField]);
  return new Map(parentIds.map((id) => [id, toPage(byParent.get(id) ?? [], page)]));
}

/** How many rows the list of each parent has, in one statement. */
export async function countNested(
  ask: Ask,
  { list, parentIds, conditions }: ManyParents,
): Promise<Map<string, number>> {
  const values = createValues(parentIds);
  const parent = columnOf(list.parentField);
  const narrowed = [`${parent} = ANY($1::uuid[])`, ...conditions.map(conditionIn(values))];
  const query: Query<{ readonly id: string; readonly count: number }> = {
    text: `SELECT ${parent} AS id, count(*)::int AS count FROM ${list.table}
WHERE ${narrowed.join(' AND ')} GROUP BY 1`,
    values: values.all,
  };
  const found = new Map((await ask(query)).map(({ id, count }) => [id, count]));
  return new Map(parentIds.map((id) => [id, found.get(id) ?? 0]));
}

function toPage<Row>(read: readonly Row[], { limit, isBackward }: PageRequest): Page<Row> {
  const rows = read.slice(0, limit);
  return { rows: isBackward ? rows.reverse() : rows, hasMore: read.length > limit };
}

/** The values of a statement, each named by its place. */
interface Values {
  readonly all: readonly unknown[];
  readonly add: (value: unknown) => string;
}

function createValues(...first: readonly unknown[]): Values {
  const all = [...first];
  return { all, add: (value) => `$${String(all.push(value))}` };
}

/** Compared as a pair, so that the index finds the first row of the page at once. */
function boundsOf({ timeField }: NestedList, { after, before }: PageRequest, { add }: Values) {
  const bound = (than: '<' | '>', { value, id }: PageKey): string =>
    `(${columnOf(timeField)}, id) ${than} (${add(value)}::timestamptz, ${add(id)}::uuid)`;
  return [...(after ? [bound('<', after)] : []), ...(before ? [bound('>', before)] : [])];
}

function conditionIn({ add }: Values): (condition: Condition) => string {
  return (condition) => {
    const tested = columnOf(condition.field);
    if ('isNull' in condition) return `${tested} IS ${condition.isNull ? '' : 'NOT '}NULL`;
    if ('isId' in condition) return `coalesce(${tested} = ${add(condition.isId)}::uuid, false)`;
    if ('isText' in condition) return `${tested}::text = ${add(condition.isText)}`;
    if (condition.anyOf.length === 0) return 'false';
    return `${tested} IN (${condition.anyOf.map(enumValue).join(', ')})`;
  };
}

/** A value of an enum comes from the schema alone; this makes sure of it. */
function enumValue(text: string): string {
  if (!/^[A-Z_0-9]+$/.test(text)) throw new Error(`"${text}" is no value of an enum.`);
  return `'${text}'`;
}
