import type { HandedPipeline } from './pipeline.ts';
import type { Query } from './query.ts';
import type { Viewer } from './viewer.ts';
import type { Writes } from './writes.ts';

/**
 * Work of one viewer in a transaction that it may share with others. They know nothing of each other, and no
 * two of them may lock or change the same thing, but what guards them. What they ask is sent when all of them
 * have asked, in the order of their locks; they go on in the order in which they are given. Work that shares
 * may ask once; what more it asks fails with {@link NotShared}.
 *
 * One that fails by itself stores nothing, and the others go on. A statement that fails ends it for all, and so
 * does a lock that is not to be had in a tenth of a second ({@link LOCK_NOT_AVAILABLE}).
 */
export interface HandedPart<T> {
  readonly viewer: Viewer;
  /** What it locks, in the order in which everybody locks; left out where there is one part. */
  readonly locks?: string;
  readonly work: (pipeline: HandedPipeline) => Promise<T>;
}

/** SQLSTATE of a lock that was waited for too long. */
export const LOCK_NOT_AVAILABLE = '55P03';

export type Settled<T> = PromiseSettledResult<T>;

/** It asks for more than the others can wait for: it has to have a transaction of its own. */
export class NotShared extends Error {
  override readonly name = 'NotShared';
}

/** What came of a part, and what it stores. */
export interface DonePart<T> {
  readonly viewer: Viewer;
  readonly settled: Settled<T>;
  readonly kept: readonly (readonly Writes[])[];
  readonly keptByWorker: readonly (readonly Writes[])[];
  readonly guards: readonly (readonly [key: string, call: Query])[];
}

type Rows = readonly (readonly object[])[];

interface Asked {
  /** Which of the parts. */
  readonly index: number;
  readonly locks: string;
  readonly viewer: Viewer;
  readonly queries: readonly Query[];
  readonly answer: (rows: Rows) => void;
  readonly fail: (error: unknown) => void;
}

/** Runs all parts, and has `send` answer what they ask, once none of them goes on without. Rejects as that does. */
export async function gatherParts<T>(
  parts: readonly HandedPart<T>[],
  send: (asked: readonly Pick<Asked, 'viewer' | 'queries'>[]) => Promise<readonly Rows[]>,
): Promise<readonly DonePart<T>[]> {
  let waiting: Asked[] = [];
  let working = parts.length;
  let failure: { readonly error: unknown } | undefined;

  const sendIfAllWait = (): void => {
    if (waiting.length === 0 || waiting.length < working) return;
    const asked = waiting.toSorted((one, other) => (one.locks < other.locks ? -1 : 1));
    waiting = [];
    send(asked).then(
      (answers) => {
        const answered = asked.map((each, at) => ({ ...each, rows: answers[at] ?? [] }));
        // Who came first decides first.
        for (const { answer, rows } of answered.toSorted((one, other) => one.index - other.index)) {
          answer(rows);
        }
      },
      (error: unknown) => {
        failure = { error };
        for (const { fail } of asked) fail(error);
      },
    );
  };

  const run = async (
    { viewer, work, locks = '' }: HandedPart<T>,
    index: number,
  ): Promise<DonePart<T>> => {
    const [kept, keptByWorker]: [(readonly Writes[])[], (readonly Writes[])[]] = [[], []];
    const guards: (readonly [string, Query])[] = [];
    let hasAsked = false;
    const ask = (queries: readonly Query[]): Promise<Rows> => {
      if (hasAsked && parts.length > 1) return Promise.reject(new NotShared());
      hasAsked = true;
      return new Promise((answer, fail) => {
        waiting.push({ index, locks, viewer, queries, answer, fail });
        sendIfAllWait();
      });
    };
    const pipeline: HandedPipeline = {
      ask: ((...queries: readonly Query[]) => ask(queries)) as HandedPipeline['ask'],
      store: (...writes) => void kept.push(writes),
      storeAsWorker: (...writes) => void keptByWorker.push(writes),
      guard: (key, call) => void guards.push([key, call]),
    };
    const [settled] = await Promise.allSettled([work(pipeline)]);
    working -= 1;
    sendIfAllWait();
    return { viewer, settled, kept, keptByWorker, guards };
  };

  const done = await Promise.all(parts.map(run));
  if (failure) throw failure.error;
  return done;
}
