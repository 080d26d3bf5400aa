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

/** A page of all rows of a table that the conditions hold for. */
export async function readListedPage<Row extends object>(
  ask: Ask,
  list: TimedList,
  { page, conditions }: { readonly page: PageRequest; readonly conditions: readonly Condition[] },
): Promise<Page<Row>> {
  const values = createValues(page.limit + 1);
  const bounds = boundsOf(list, page, values);
  const narrowed = ['true', ...conditions.map(conditionIn(values)), ...bounds];
  const direction = page.isBackward ? 'ASC' : 'DESC';
  const { columns, unread } = list.select(page.fields);
  const rows = await ask<Row>({
    text: `SELECT ${columns} FROM ${list.table} WHERE ${narrowed.join(' AND ')}
ORDER BY ${columnOf(list.timeField)} ${direction}, id ${direction} LIMIT $1`,
    values: values.all,
    isRare: isRare(conditions),
    unread,
  });
  return toPage(rows, page);
}

/** How many rows the conditions hold for. */
export async function countListed(
  ask: Ask,
  { table }: Pick<TimedList, 'table'>,
  conditions: readonly Condition[],
): Promise<number> {
  const values = createValues();
  const query: Query<{ readonly count: number }> = {
    text: `SELECT count(*)::int AS count FROM ${table}
WHERE ${['true', ...conditions.map(conditionIn(values))].join(' AND ')}`,
    values: values.all,
    isRare: isRare(conditions),
  };
  const [row] = await ask(query);
  return row?.count ?? 0;
}
