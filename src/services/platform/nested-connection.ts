import type { Tx } from './database.ts';
import type { Page, PageKey, PageRequest } from './page.ts';
import { Prisma } from './prisma/client.ts';

/** A list that belongs to a row, newest first, such as the trades of an account. */
export interface NestedList {
  readonly table: string;
  /** Its scalar fields as Prisma names them; a column is the same name in snake_case. */
  readonly fields: readonly string[];
  /** Holds the id of the row that the list belongs to. */
  readonly parentField: string;
  /** The list is ordered by this time and then by id, both falling; an index says the same. */
  readonly timeField: string;
}

/** What narrows a list. Values travel as parameters, never in the statement. */
export type Condition =
  | { readonly field: string; readonly sqlType: string; readonly anyOf: readonly string[] }
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
  tx: Tx,
  { list, parentIds, conditions, page }: ManyParents & { readonly page: PageRequest },
): Promise<Map<string, Page<Row>>> {
  const order = orderOf(list, page.isBackward);
  const rows = await tx.$queryRaw<Row[]>`
    SELECT listed.* FROM unnest(${[...parentIds]}::uuid[]) AS parent (id)
    CROSS JOIN LATERAL (
      SELECT ${columnsOf(list)} FROM ${name(list.table)}
      WHERE ${column(list.parentField)} = parent.id
        AND ${Prisma.join([...boundsOf(list, page), ...conditions.map(sqlOf)], ' AND ')}
      ORDER BY ${order} LIMIT ${page.limit + 1}
    ) AS listed`;
  const byParent = Map.groupBy(rows, (row) => (row as Record<string, unknown>)[list.parentField]);
  return new Map(parentIds.map((id) => [id, toPage(byParent.get(id) ?? [], page)]));
}

/** How many rows the list of each parent has, in one statement. */
export async function countNested(
  tx: Tx,
  { list, parentIds, conditions }: ManyParents,
): Promise<Map<string, number>> {
  const counts = await tx.$queryRaw<{ id: string; count: number }[]>`
    SELECT ${column(list.parentField)} AS id, count(*)::int AS count FROM ${name(list.table)}
    WHERE ${Prisma.join(
      [
        Prisma.sql`${column(list.parentField)} = ANY(${[...parentIds]}::uuid[])`,
        ...conditions.map(sqlOf),
      ],
      ' AND ',
    )}
    GROUP BY 1`;
  const found = new Map(counts.map(({ id, count }) => [id, count]));
  return new Map(parentIds.map((id) => [id, found.get(id) ?? 0]));
}

function toPage<Row>(read: readonly Row[], { limit, isBackward }: PageRequest): Page<Row> {
  const rows = read.slice(0, limit);
  return { rows: isBackward ? rows.reverse() : rows, hasMore: read.length > limit };
}

function orderOf({ timeField }: NestedList, isBackward: boolean): Prisma.Sql {
  const direction = isBackward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  return Prisma.sql`${column(timeField)} ${direction}, id ${direction}`;
}

/** Compared as a pair, so that the index finds the first row of the page at once. */
function boundsOf({ timeField }: NestedList, { after, before }: PageRequest): Prisma.Sql[] {
  const pair = Prisma.sql`(${column(timeField)}, id)`;
  const keyOf = ({ value, id }: PageKey) => Prisma.sql`(${value}::timestamptz, ${id}::uuid)`;
  return [
    after ? Prisma.sql`${pair} < ${keyOf(after)}` : Prisma.sql`true`,
    ...(before ? [Prisma.sql`${pair} > ${keyOf(before)}`] : []),
  ];
}

function sqlOf(condition: Condition): Prisma.Sql {
  const tested = column(condition.field);
  if ('isNull' in condition) {
    return condition.isNull ? Prisma.sql`${tested} IS NULL` : Prisma.sql`${tested} IS NOT NULL`;
  }
  if ('isId' in condition) return Prisma.sql`coalesce(${tested} = ${condition.isId}::uuid, false)`;
  if ('isText' in condition) return Prisma.sql`${tested}::text = ${condition.isText}`;
  return Prisma.sql`${tested} = ANY(${[...condition.anyOf]}::text[]::${name(condition.sqlType)}[])`;
}

function columnsOf({ fields }: NestedList): Prisma.Sql {
  return Prisma.join(fields.map((field) => Prisma.sql`${column(field)} AS ${quoted(field)}`));
}

function column(field: string): Prisma.Sql {
  return name(field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** Names come from the program alone; this makes sure of it. */
function name(text: string): Prisma.Sql {
  if (!/^[a-z_]+$/.test(text)) throw new Error(`"${text}" is no name of a table or column.`);
  return Prisma.raw(text);
}

function quoted(field: string): Prisma.Sql {
  if (!/^[a-zA-Z]+$/.test(field)) throw new Error(`"${field}" is no name of a field.`);
  return Prisma.raw(`"${field}"`);
}
