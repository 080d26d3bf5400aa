import { z } from 'zod';

/**
 * How far the trades of one market were read: all before `floorMs`, and of those since, the ones
 * that are named. So a trade that an exchange lists late is still found, and each is told once.
 */
export interface Mark {
  readonly floorMs: number;
  readonly ids: readonly string[];
}

/** How far the fills of an account were read. */
export interface Cursor {
  /**
   * Where a market begins that has no mark yet: what was traded there before is not ours to book.
   */
  readonly fromMs: number;
  readonly marks: Readonly<Record<string, Mark>>;
}

const cursor = z.object({
  fromMs: z.int(),
  marks: z.record(z.string(), z.object({ floorMs: z.int(), ids: z.array(z.string()) })),
});

/**
 * An empty text is the cursor of who has read nothing. Throws for any other that is none of ours.
 */
export const readCursor = (text: string, fromMs: number): Cursor =>
  text === '' ? { fromMs, marks: {} } : cursor.parse(JSON.parse(text));

/** The same text for the same state, in whichever order it came about. */
export function writeCursor({ fromMs, marks }: Cursor): string {
  const sorted = Object.keys(marks)
    .sort()
    .map((symbol) => [symbol, marks[symbol]]);
  return JSON.stringify({ fromMs, marks: Object.fromEntries(sorted) as unknown });
}

interface Listed {
  readonly key: string;
  readonly timeMs: number;
}

/** An exchange may list a trade this much later than one that was made after it. */
const LATE_MS = 10_000;

/** After all of `trades`, of which none since `floorMs` is missing. Oldest first. */
export function markAfter(floorMs: number, trades: readonly Listed[]): Mark {
  const newest = trades.at(-1);
  if (!newest) return { floorMs, ids: [] };
  const next = Math.max(floorMs, newest.timeMs - LATE_MS);
  const ids = trades.filter(({ timeMs }) => timeMs >= next).map(({ key }) => key);
  return { floorMs: next, ids: ids.sort() };
}
