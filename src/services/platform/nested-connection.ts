import {
  boundsOf,
  conditionIn,
  createValues,
  isRare,
  toPage,
  type Condition,
  type TimedList,
} from './list-conditions.ts';
import { columnOf } from './model-columns.ts';
import type { Page, PageRequest } from './page.ts';
import type { Query } from './query.ts';
import type { Ask } from './read-transaction.ts';

/** A list that belongs to a row, newest first, such as the trades of an account. */
export interface NestedList extends TimedList {
  /** Holds the id of the row that the list belongs to. */
  readonly parentField: string;
}

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
  const { columns, unread } = list.select(page.fields);
  const rows = await ask<Row>({
    text: `SELECT listed.* FROM unnest($1::uuid[]) AS parent (id)
CROSS JOIN LATERAL (
  SELECT ${columns} FROM ${list.table}
  WHERE ${[`${columnOf(list.parentField)} = parent.id`, ...bounds].join(' AND ')}
  ORDER BY ${columnOf(list.timeField)} ${direction}, id ${direction} LIMIT $2
) AS listed`,
    values: values.all,
    isRare: isRare(conditions),
    unread,
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
    isRare: isRare(conditions),
  };
  const found = new Map((await ask(query)).map(({ id, count }) => [id, count]));
  return new Map(parentIds.map((id) => [id, found.get(id) ?? 0]));
}
