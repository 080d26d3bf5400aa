import { columnOf, type Selection } from './model-columns.ts';
import type { Fields, Page, PageKey, PageRequest } from './page.ts';

/** A list that is ordered by a time and then by id, both falling, as an index of its table is. */
export interface TimedList {
  readonly table: string;
  /** What is selected of its rows, by the names of fields; a column is the same name in snake_case. */
  readonly select: (fields?: Fields) => Selection;
  readonly timeField: string;
}

/**
 * What narrows a list. Values travel as parameters but for those of enums, by which PostgreSQL chooses an
 * index: it plans a statement once, and not for its parameters.
 */
export type Condition =
  | { readonly field: string; readonly anyOf: readonly string[] }
  | { readonly field: string; readonly isNull: boolean }
  /** An id, by which an index may be walked. */
  | { readonly field: string; readonly is: string }
  | { readonly field: string; readonly from: Date }
  | { readonly field: string; readonly before: Date }
  /** Holds the id of an account, of one on paper alone. */
  | { readonly field: string; readonly isOnPaper: true }
  /** Compared as text, so that no index of this field is walked in place of the parent's. */
  | { readonly field: string; readonly isText: string }
  /**
   * Of all rows of the parent or of none, which PostgreSQL cannot know: of a comparison it believes that few
   * rows hold, and that it would not find a page soon. Of a `coalesce` it believes that half of them do.
   */
  | { readonly field: string; readonly isId: string };

/** Rows as a statement reads them, of which one past the limit tells that more follow. */
export function toPage<Row>(read: readonly Row[], { limit, isBackward }: PageRequest): Page<Row> {
  const rows = read.slice(0, limit);
  return { rows: isBackward ? rows.reverse() : rows, hasMore: read.length > limit };
}

/** The values of a statement, each named by its place. */
interface Values {
  readonly all: readonly unknown[];
  readonly add: (value: unknown) => string;
}

export function createValues(...first: readonly unknown[]): Values {
  const all = [...first];
  return { all, add: (value) => `$${String(all.push(value))}` };
}

/** Compared as a pair, so that the index finds the first row of the page at once. */
export function boundsOf(
  { timeField }: TimedList,
  { after, before }: PageRequest,
  { add }: Values,
) {
  const bound = (than: '<' | '>', { value, id }: PageKey): string =>
    `(${columnOf(timeField)}, id) ${than} (${add(value)}::timestamptz, ${add(id)}::uuid)`;
  return [...(after ? [bound('<', after)] : []), ...(before ? [bound('>', before)] : [])];
}

/**
 * Whether a statement with these conditions is one of too many to be prepared: each list of values of an
 * enum has a text of its own.
 */
export function isRare(conditions: readonly Condition[]): boolean {
  const lists = conditions.flatMap((condition) => ('anyOf' in condition ? [condition.anyOf] : []));
  const hasTimes = conditions.some((condition) => 'from' in condition || 'before' in condition);
  return hasTimes || lists.length > 1 || lists.some((values) => values.length > 1);
}

export function conditionIn({ add }: Values): (condition: Condition) => string {
  return (condition) => {
    const tested = columnOf(condition.field);
    if ('isNull' in condition) return `${tested} IS ${condition.isNull ? '' : 'NOT '}NULL`;
    if ('isId' in condition) return `coalesce(${tested} = ${add(condition.isId)}::uuid, false)`;
    if ('is' in condition) return `${tested} = ${add(condition.is)}::uuid`;
    if ('from' in condition) return `${tested} >= ${add(condition.from)}::timestamptz`;
    if ('before' in condition) return `${tested} < ${add(condition.before)}::timestamptz`;
    if ('isOnPaper' in condition)
      return `${tested} IN (SELECT id FROM accounts WHERE kind = 'PAPER')`;
    if ('isText' in condition) return `${tested}::text = ${add(condition.isText)}`;
    if (condition.anyOf.length === 0) return 'false';
    return `${tested} IN (${[...new Set(condition.anyOf)].map(enumValue).join(', ')})`;
  };
}

/** A value of an enum comes from the schema alone; this makes sure of it. */
function enumValue(text: string): string {
  if (!/^[A-Z_0-9]+$/.test(text)) throw new Error(`"${text}" is no value of an enum.`);
  return `'${text}'`;
}
