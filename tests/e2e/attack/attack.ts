import type { AttackHouse } from './house.ts';

/** One way to harm the running server, and what the documentation says comes of it. */
export interface Attack {
  readonly name: string;
  /** The documented refusal, for people. */
  readonly refusal: string;
  /** Answers with what came, in short. Throws when that is not the refusal. */
  readonly run: (house: AttackHouse) => Promise<string>;
  /** Tables, besides the audit log, that it may write: a log-in of its preparation, say. */
  readonly writes?: readonly string[];
  /** Whether rows may be added by it, as long as every row that was there stays as it was. */
  readonly mayAdd?: boolean;
  /** Takes longer than a test may: in the long form alone. */
  readonly isLong?: boolean;
}

/** What a log-in and its end leave behind. */
export const SESSION_TABLES = [
  'sessions',
  'refresh_tokens',
  'outbox',
  'event_log',
  'event_head',
  'event_topics',
];

/** `work` of each of `items`, `width` at a time. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** How often each value came, such as `401×9 200×1`. */
export function tally(values: readonly unknown[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${value}×${String(count)}`).join(' ');
}
