import { Decimal as Decimal20 } from 'decimal.js';
import { toText } from './money.ts';
import type { Tx } from './database.ts';

/** One statement with its values; its rows are read as `Row`. */
export interface Query<Row extends object = object> {
  readonly text: string;
  readonly values: readonly unknown[];
  /**
   * Whether callers can make very many texts like it: then none is prepared, and none is remembered. A
   * connection keeps few prepared statements, and those are for what everyone asks.
   */
  readonly isRare?: boolean;
  /** Fields of its rows that are not read. Whoever looks at one gets an error. */
  readonly unread?: readonly string[];
  /** Never there: it only tells the type. */
  readonly row?: Row;
}

/** What Prisma's transactions run in place of statements of their own. */
export function askOf<Row extends object>(
  tx: Tx,
  { text, values }: Query<Row>,
): Promise<readonly Row[]> {
  return tx.$queryRawUnsafe<Row[]>(text, ...values);
}

/** The same, where the number of rows that it changed is what counts. */
export function runOf(tx: Tx, { text, values }: Query): Promise<number> {
  return tx.$executeRawUnsafe(text, ...values);
}

/**
 * A maker of statements that insert rows into `table`. `columns` names the column of each field, and so
 * has to know all of them: a field that is added to the schema is missed here by the compiler.
 */
export function createInsert<Row extends object>(
  table: string,
  columns: Readonly<Record<keyof Row & string, string>>,
): (rows: readonly Row[]) => Query {
  const fields = Object.keys(columns) as (keyof Row & string)[];
  const head = `INSERT INTO ${table} (${fields.map((field) => columns[field]).join(', ')}) VALUES `;
  const texts = new Map<number, string>();
  const textOf = (count: number): string => {
    const known = texts.get(count);
    if (known !== undefined) return known;
    const text = head + placeholders(count, fields.length);
    texts.set(count, text);
    return text;
  };
  return (rows) => ({
    text: textOf(rows.length),
    values: rows.flatMap((row) => fields.map((field) => parameterOf(row[field]))),
  });
}

/** Decimals as plain digits; all else as the driver knows it. */
export function parameterOf(value: unknown): unknown {
  return Decimal20.isDecimal(value) ? toText(value) : value;
}

function placeholders(rows: number, width: number): string {
  return Array.from({ length: rows }, (_row, row) => {
    const numbers = Array.from({ length: width }, (_column, column) => row * width + column + 1);
    return `(${numbers.map((number) => `$${String(number)}`).join(', ')})`;
  }).join(', ');
}

/** Texts that were merged, by the texts that they were merged of. */
interface Merged {
  text?: string;
  readonly next: Map<string, Merged>;
}

const [changes, calls]: [Merged, Merged] = [{ next: new Map() }, { next: new Map() }];

/**
 * One statement that does what all of `queries` do, each an INSERT, UPDATE or DELETE. They see the same
 * state, and none of them what another did: no two may change one row.
 */
export function together(queries: readonly Query[]): Query {
  return mergedOf(changes, queries, (texts) => {
    const parts = texts.slice(0, -1).map((text, index) => `part_${String(index)} AS (${text})`);
    return `WITH ${parts.join(', ')} ${texts.at(-1) ?? ''}`;
  });
}

/** One statement for all that call functions, `SELECT f(…)`, one after another; others stay as they are. */
export function callsTogether(queries: readonly Query[]): readonly Query[] {
  const from = queries.findIndex(({ text }) => text.startsWith(CALL));
  if (from < 0) return queries;
  const others = queries.slice(from).findIndex(({ text }) => !text.startsWith(CALL));
  const to = others < 0 ? queries.length : from + others;
  const merged = mergedOf(
    calls,
    queries.slice(from, to),
    (texts) => `${CALL}${texts.map((text) => text.slice(CALL.length)).join(', ')}`,
  );
  return [...queries.slice(0, from), merged, ...callsTogether(queries.slice(to))];
}

const CALL = 'SELECT ';

/** Texts of the same statements are merged once. */
function mergedOf(
  root: Merged,
  queries: readonly Query[],
  merge: (texts: readonly string[]) => string,
): Query {
  const [only] = queries;
  if (queries.length === 1 && only) return only;
  let at = root;
  for (const { text } of queries) {
    const next = at.next.get(text) ?? { next: new Map<string, Merged>() };
    at.next.set(text, next);
    at = next;
  }
  at.text ??= merge(numberedOn(queries));
  return { text: at.text, values: queries.flatMap(({ values }) => values) };
}

/** The texts with their values numbered on from one to the next. */
function numberedOn(queries: readonly Query[]): readonly string[] {
  let before = 0;
  return queries.map(({ text, values }) => {
    const offset = before;
    before += values.length;
    return text.replaceAll(/\$(\d+)/g, (_found, number: string) => `$${String(+number + offset)}`);
  });
}
