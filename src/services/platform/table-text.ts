import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { Decimal as Decimal20 } from 'decimal.js';
import { plainDecimals, toText } from './money.ts';

export type TableFormat = 'csv' | 'ndjson';

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as text, a piece at a time. NDJSON (ndjson-spec 1.0): one JSON object a line. CSV (RFC 4180):
 * a line of names first. Decimals are plain digits (in NDJSON strings, so that no reader makes
 * floating-point numbers of them), times ISO-8601 in UTC. In CSV, lists are joined by a space, other
 * structures are JSON, what is not there is empty, and a text that a spreadsheet would take for a
 * formula (OWASP, "CSV Injection") has a `'` in front.
 */
export function tableText(
  rows: AsyncIterable<Row>,
  columns: readonly string[],
  format: TableFormat,
): AsyncIterable<string> {
  return format === 'csv' ? csvText(rows, columns) : jsonText(rows);
}

async function* jsonText(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row, plainDecimals)}\n`;
}

async function* csvText(
  rows: AsyncIterable<Row>,
  columns: readonly string[],
): AsyncGenerator<string> {
  const stringifier = stringify({ header: true, columns: [...columns], record_delimiter: 'unix' });
  // An error of the rows destroys the stringifier with it, and so reaches the loop below.
  pipeline(Readable.from(cells(rows, columns)), stringifier, () => undefined);
  for await (const chunk of stringifier) yield String(chunk);
}

async function* cells(
  rows: AsyncIterable<Row>,
  columns: readonly string[],
): AsyncGenerator<string[]> {
  for await (const row of rows) yield columns.map((name) => cellOf(row[name]));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Decimal20.isDecimal(value)) return toText(value);
  if (typeof value === 'string') return harmless(value);
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) {
    return harmless(value.join(' '));
  }
  return JSON.stringify(value);
}

/** What begins a formula, in full width too. A number of ours may be negative, but is no text. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
