import type { Plugin } from 'graphql-yoga';
import type { Context } from '../schema/context.ts';
import { executePlan } from './plans/plan.ts';
import type { Database } from '../services/platform/database.ts';
import { soon, type Soon } from '../services/platform/soon.ts';

type Snapshots = Pick<Database, 'beginSnapshot' | 'endSnapshot'>;

/** Runs `work` in one snapshot of the database, which its first read opens. */
export function inSnapshot<Result>(
  db: Snapshots,
  { viewer }: Pick<Context, 'viewer'>,
  work: () => Soon<Result>,
): Soon<Result> {
  db.beginSnapshot(viewer);
  const result = soon(undefined, work);
  if (result instanceof Promise) return result.finally(() => db.endSnapshot(viewer));
  // Nothing was read that anyone waits for, and so nothing is waited for to end.
  void db.endSnapshot(viewer);
  return result;
}

/**
 * A query reads one state of the database. A mutation writes in a transaction of its own, which ends
 * the snapshot; its selection then reads a new one.
 */
export function useSnapshot(db: Snapshots): Plugin {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const contextValue = args.contextValue as unknown as Context;
      setExecuteFn((given) =>
        inSnapshot<unknown>(db, contextValue, () =>
          soon(executePlan(given), (planned): Soon<unknown> => planned ?? executeFn(given)),
        ),
      );
    },
  };
}
