import {
  parsePage,
  toConnection,
  type Connection,
  type PageArguments,
} from '../schema/connections.ts';
import type { Context, NestedRequest, NestedRows } from '../schema/context.ts';
import type { Fields, Page, PageRequest } from '../services/platform/page.ts';
import { keyBy, pageSelection, trimToPage, type PageSelection } from '../schema/prisma-page.ts';

interface NestedPage extends NestedRequest {
  readonly args: PageArguments;
  /** What of its rows is read, if that is known. */
  readonly fields?: Fields | undefined;
  /** The time that the list is ordered by. */
  readonly timeField: string;
}

/** A page of a list that belongs to a row: one statement for all parents of its level. */
export async function nestedPage<Name extends keyof NestedRows>(
  { load }: Context,
  name: Name,
  { parentId, conditions = [], args, fields, timeField }: NestedPage,
): Promise<Connection<NestedRows[Name]>> {
  const page = { ...parsePage(args), fields };
  const keyOf = keyBy(timeField) as (row: NestedRows[Name]) => ReturnType<ReturnType<typeof keyBy>>;
  const found = await load.page(name, { parentId, conditions, page });
  return toConnection(found ?? { rows: [], hasMore: false }, page, {
    keyOf,
    totalCount: () => load.count(name, { parentId, conditions }),
  });
}

interface ListedPage<Row, Field extends string> {
  readonly timeField: Field;
  /**
   * The service's list, with one row past the page; it narrows the selection to what the viewer may
   * see. A service that does not read through Prisma takes the page as it was asked for.
   */
  readonly list: (selection: PageSelection<Field>, page: PageRequest) => Promise<readonly Row[]>;
  readonly count: () => Promise<number>;
}

/** A page of a list of a service, newest first. */
export async function listedPage<Row extends { readonly id: string }, Field extends string>(
  args: PageArguments,
  { timeField, list, count }: ListedPage<Row & Readonly<Record<Field, Date>>, Field>,
): Promise<Connection<Row & Readonly<Record<Field, Date>>>> {
  const page = parsePage(args);
  const rows = await list(pageSelection(page, timeField), page);
  return toConnection(trimToPage(rows, page), page, {
    keyOf: keyBy(timeField),
    totalCount: count,
  });
}

interface ReadPage<Row, Field extends string> {
  readonly timeField: Field;
  /** What of its rows is read, if that is known. */
  readonly fields?: Fields | undefined;
  /** The service's list, which reads pages by itself. */
  readonly read: (page: PageRequest) => Promise<Page<Row>>;
  readonly count: () => Promise<number>;
}

/** The same of a service that knows what a page is. */
export async function readPage<Row extends { readonly id: string }, Field extends string>(
  args: PageArguments,
  { timeField, fields, read, count }: ReadPage<Row & Readonly<Record<Field, Date>>, Field>,
): Promise<Connection<Row & Readonly<Record<Field, Date>>>> {
  const page = { ...parsePage(args), fields };
  return toConnection(await read(page), page, { keyOf: keyBy(timeField), totalCount: count });
}
