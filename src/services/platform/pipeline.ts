import type { Query } from './query.ts';
import type { Writes } from './writes.ts';

export type RowsOf<Queries extends readonly Query[]> = {
  [Index in keyof Queries]: Queries[Index] extends Query<infer Row> ? readonly Row[] : never;
};

/**
 * A write transaction of two messages: what is asked, and what is stored. For the few paths where the
 * way to the database and back is most of the time; Prisma has no part in it.
 */
export interface Pipeline {
  /**
   * Sends all of them at once and answers with the rows of each. They run one after the other, and each
   * sees what was committed when it began: what follows a lock sees the newest rows.
   */
  ask<Queries extends readonly Query[]>(...queries: Queries): Promise<RowsOf<Queries>>;
  /** Stores and tells all of this with the commit, in one statement and the calls after it. */
  store(...writes: readonly Writes[]): void;
}

/** A pipeline of the worker's that begins as its viewer, with the rights of the server. */
export interface HandedPipeline extends Pipeline {
  /** Stores as the worker, after all that is stored as the viewer: by itself, and in the same commit. */
  storeAsWorker(...writes: readonly Writes[]): void;
  /** A call of the worker's with what is stored last of all, in the order of their keys, and of each key one. */
  guard(key: string, call: Query): void;
}
