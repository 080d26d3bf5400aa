import type { z } from 'zod';
import { Decimal } from '../../platform/money.ts';
import { ImportError, type FilePlace } from './errors.ts';

/** TypeScript's library does not know the third argument of a reviver yet; Node has it since 21. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * Parses JSON whose numbers become decimals, digit for digit as they are written: no amount goes
 * through a floating-point number. Throws ImportError with the line of what is wrong; `place.line`
 * is the line at which the text begins, 1 when left out.
 */
export function parseJson(text: string, place: FilePlace): unknown {
  return parseAt(text, place, () =>
    (JSON.parse as ParseWithSource)(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined ? new Decimal(source) : value,
    ),
  );
}

/**
 * Parses JSON several times as fast, for records whose amounts are in quotes: a number comes as
 * floating-point, and must not be used as an amount. Throws as {@link parseJson} does.
 */
export function parseQuotedJson(text: string, place: FilePlace): unknown {
  return parseAt(text, place, () => JSON.parse(text) as unknown);
}

function parseAt(text: string, place: FilePlace, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    // A reviver walks down by recursion; what is nested that deeply is no record.
    if (error instanceof RangeError) throw new ImportError(place, 'This is nested too deeply.');
    if (!(error instanceof SyntaxError)) throw error;
    throw new ImportError(
      placeOfOffset({ ...place, text }, findFault(text)),
      'This is not valid JSON. Was it cut off?',
    );
  }
}

/** Part of a file: `line` is that at which the text begins, 1 when left out. */
export interface SourceText extends FilePlace {
  readonly text: string;
}

export function placeOfOffset({ file, line, text }: SourceText, offset: number): FilePlace {
  return { file, line: (line ?? 1) + countNewlines(text.slice(0, offset)) };
}

/** Where the field at `path` is, or the last part of the path there is. */
export function placeOfField({ file, line, text }: SourceText, path: readonly string[]): FilePlace {
  return { file, line: (line ?? 1) - 1 + lineOfField(text, path) };
}

/** Checks a parsed value; throws ImportError that names the first field which is wrong, and why. */
export function checkRecord<T>(
  schema: z.ZodType<T>,
  value: unknown,
  placeOf: (path: readonly string[]) => FilePlace,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  const where = path.length === 0 ? '' : `"${path.join(' / ')}": `;
  throw new ImportError(placeOf(path), `${where}${issue?.message ?? 'This is not a record.'}`);
}

/** The line of `text`, from 1, that holds the field at `path`, or the last part of it there is. */
export function lineOfField(text: string, path: readonly string[]): number {
  let offset = 0;
  for (const key of path) {
    const found = text.indexOf(JSON.stringify(key), offset);
    if (found === -1) break;
    offset = found;
  }
  return 1 + countNewlines(text.slice(0, offset));
}

function countNewlines(text: string): number {
  return text.split('\n').length - 1;
}

/**
 * Offset of the first character that JSON cannot have there. V8 tells it for some faults alone; for
 * an unexpected token, the offset is the longest prefix that fails for being incomplete, which is
 * found by halving.
 */
function findFault(text: string): number {
  const messageOf = (length: number): string => {
    try {
      JSON.parse(text.slice(0, length));
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  const message = messageOf(text.length);
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (!message.startsWith('Unexpected token')) return text.length;
  let [fits, fails] = [0, text.length];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (messageOf(middle).startsWith('Unexpected token')) fails = middle;
    else fits = middle;
  }
  return fits;
}
