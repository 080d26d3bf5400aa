import type { Query } from './query.ts';
import type { Pipeline } from './pipeline.ts';

interface Asked {
  readonly queries: readonly Query[];
  readonly answer: (rows: readonly (readonly object[])[]) => void;
  readonly fail: (error: unknown) => void;
}

/** A statement of one who asks. */
interface Place {
  readonly query: Query;
  readonly asked: number;
  readonly index: number;
}

/**
 * Runs several pieces of work in one pipeline, all or none of them. They know nothing of each other, and
 * no two of them may lock or change the same thing. What they ask is sent when all of them have asked or
 * are done: the first statements of all of them, then the second ones, and each of these in the order of
 * its first value. So pieces that lock the same kinds of things by their ids, each in one order, lock
 * them in that order together.
 */
export async function shareOut<T>(
  pipeline: Pipeline,
  works: readonly ((pipeline: Pipeline) => Promise<T>)[],
): Promise<readonly T[]> {
  let waiting: Asked[] = [];
  let working = works.length;

  const sendIfAllWait = (): void => {
    if (waiting.length === 0 || waiting.length < working) return;
    const asked = waiting;
    waiting = [];
    const places = inTurns(asked);
    pipeline.ask(...places.map(({ query }) => query)).then(
      (answers) => {
        const rows = asked.map(({ queries }): (readonly object[])[] => queries.map(() => []));
        for (const [at, { asked: who, index }] of places.entries()) {
          const own = rows[who];
          if (own) own[index] = answers[at] ?? [];
        }
        for (const [who, { answer }] of asked.entries()) answer(rows[who] ?? []);
      },
      (error: unknown) => {
        for (const { fail } of asked) fail(error);
      },
    );
  };

  const ask = (queries: readonly Query[]): Promise<readonly (readonly object[])[]> =>
    new Promise((answer, fail) => {
      waiting.push({ queries, answer, fail });
      sendIfAllWait();
    });
  const shared: Pipeline = {
    ask: ((...queries: readonly Query[]) => ask(queries)) as Pipeline['ask'],
    store: (...writes) => {
      pipeline.store(...writes);
    },
  };

  return Promise.all(
    works.map(async (work) => {
      // Who fails ends it for all: what the others wait for is not sent any more.
      const result = await work(shared);
      working -= 1;
      sendIfAllWait();
      return result;
    }),
  );
}

function inTurns(asked: readonly Asked[]): readonly Place[] {
  const places = asked.flatMap(({ queries }, who) =>
    queries.map((query, index) => ({ query, asked: who, index })),
  );
  return places.toSorted((one, other) => {
    if (one.index !== other.index) return one.index - other.index;
    return firstOf(one.query) < firstOf(other.query) ? -1 : 1;
  });
}

const firstOf = ({ values }: Query): string => String(values[0]);
