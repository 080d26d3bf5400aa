import { types } from 'pg';
import { Decimal } from './money.ts';

/** The driver knows more types than its list of names has. */
const parserOf = types.getTypeParser as (oid: number) => (text: string) => unknown;
const NUMERIC: number = types.builtins.NUMERIC;
const INT8: number = types.builtins.INT8;

/** How values of a type are read: numbers of money keep their digits, and numbers of events theirs. */
export function readerOf(oid: number): (text: string) => unknown {
  if (oid === NUMERIC) return (text) => new Decimal(text);
  if (oid === INT8) return BigInt;
  return parserOf(oid);
}

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
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${texts.join(',')}}`;
}
