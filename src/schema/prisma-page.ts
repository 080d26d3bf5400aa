import type { Page, PageKey, PageRequest } from '../services/platform/page.ts';

type Place<Field extends string> = Readonly<Record<Field | 'id', unknown>>;

/** What a service's list takes for a page; it is narrowed by the service's own conditions. */
export interface PageSelection<Field extends string> {
  where: { AND: { [Key in Field]?: object }[] };
  orderBy: ({ [Key in Field]: 'desc' } | { id: 'desc' })[];
  take: number;
}

/**
 * The page of a list that is ordered by a time and then by id, both falling. One row past the page
 * is taken, which tells whether more follow. A negative number takes from the end of the list.
 */
export function pageSelection<Field extends string>(
  { limit, isBackward, after, before }: PageRequest,
  timeField: Field,
): PageSelection<Field> {
  return {
    where: {
      AND: [
        ...(after ? beyond(timeField, after, 'lt') : []),
        ...(before ? beyond(timeField, before, 'gt') : []),
      ] as PageSelection<Field>['where']['AND'],
    },
    orderBy: [{ [timeField]: 'desc' }, { id: 'desc' }] as PageSelection<Field>['orderBy'],
    take: isBackward ? -(limit + 1) : limit + 1,
  };
}

/** The first bound follows from the second, and lets the index begin at the right place. */
function beyond(field: string, { value, id }: PageKey, than: 'lt' | 'gt'): object[] {
  const orEqual = than === 'lt' ? 'lte' : 'gte';
  return [
    { [field]: { [orEqual]: value } },
    { OR: [{ [field]: { [than]: value } }, { [field]: value, id: { [than]: id } }] },
  ];
}

/** The page without the row that only told of more. */
export function trimToPage<Row>(
  rows: readonly Row[],
  { limit, isBackward }: PageRequest,
): Page<Row> {
  return {
    rows: isBackward ? rows.slice(-limit) : rows.slice(0, limit),
    hasMore: rows.length > limit,
  };
}

/** The key of a row in such a list. */
export function keyBy(timeField: string): (row: Place<string>) => PageKey {
  const keyOf =
    keysOf.get(timeField) ??
    ((row: Place<string>) => ({ value: row[timeField] as Date, id: row.id as string }));
  keysOf.set(timeField, keyOf);
  return keyOf;
}

/** By the few fields that lists are ordered by. */
const keysOf = new Map<string, (row: Place<string>) => PageKey>();
