import { types } from 'pg';
import { Decimal } from './money.ts';

/** How a text is read as a value; undefined where the text itself is the value. */
export type Reader = ((text: string) => unknown) | undefined;
/** How values of a type are read, by the type's number. */
export type ReaderOf = (oid: number) => Reader;

/** The driver knows more types than its list of names has. */
const parserOf = types.getTypeParser as (oid: number) => (text: string) => unknown;
const { NUMERIC, INT8, UUID, TEXT, VARCHAR }: Readonly<Record<string, number>> = types.builtins;
/** From here on types are the database's own: enums, which are read as they are written. */
const OWN_TYPES_FROM = 16_384;

/** How pipelines read: numbers of money keep their digits, and numbers of events theirs. */
export const readerOf: ReaderOf = (oid) => {
  if (oid === NUMERIC) return (text) => new Decimal(text);
  if (oid === INT8) return BigInt;
  return plainReaderOf(oid);
};

/** What is read alike wherever it comes from: texts, enums, booleans, small numbers. */
export const plainReaderOf: ReaderOf = (oid) =>
  oid === UUID || oid === TEXT || oid === VARCHAR || oid >= OWN_TYPES_FROM
    ? undefined
    : parserOf(oid);

/** A value as PostgreSQL takes it in text. Throws for one that it could not be. */
export function textOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return null;
      if (value instanceof Date) return value.toISOString();
      if (Array.isArray(value)) return arrayOf(value);
      throw new Error(`A value of a statement is a ${typeof value}.`);
  }
}

function arrayOf(values: readonly unknown[]): string {
  const texts = values.map((value) => {
    const text = textOf(value);
    if (text === null) return 'NULL';
    return /["\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`;
  });
  return `{${texts.join(',')}}`;
}
