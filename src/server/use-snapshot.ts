import type { Plugin } from 'graphql-yoga';
import type { Context } from '../schema/context.ts';
import { executePlan } from './plans/plan.ts';
import type { Database } from '../services/platform/database.ts';

type Snapshots = Pick<Database, 'beginSnapshot' | 'endSnapshot'>;

/** Runs `work` in one snapshot of the database, which its first read opens. */
export async function inSnapshot<Result>(
  db: Snapshots,
  { viewer }: Pick<Context, 'viewer'>,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  db.beginSnapshot(viewer);
  try {
    return await work();
  } finally {
    await db.endSnapshot(viewer);
  }
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
        inSnapshot<unknown>(
          db,
          contextValue,
          async () => (await executePlan(given)) ?? executeFn(given),
        ),
      );
    },
  };
}
