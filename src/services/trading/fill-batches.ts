import { createBatches } from '../platform/batches.ts';
import { shareOut } from '../platform/shared-pipeline.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Database } from '../platform/database.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { FillCommand } from './fill.ts';
import type { FillOutcome } from './fill-decision.ts';

export interface FillBatchesPorts {
  /** The worker's. */
  readonly workerDb: Pick<Database, 'pipeline'>;
  readonly fillOrder: (pipeline: Pipeline, command: FillCommand) => Promise<FillOutcome>;
  /** Transactions at once: each takes a connection. */
  readonly runningMax: number;
}

/** Orders of one transaction. */
const BATCH_MAX = 16;

/**
 * Fills orders of different accounts and instruments in one transaction when there are more to fill than
 * transactions may run. No two orders of a transaction are of one account, since each decides on the
 * account as it was read. An instrument's desk fills one order after the other.
 */
export function createFillBatches({
  workerDb,
  fillOrder,
  runningMax,
}: FillBatchesPorts): (command: FillCommand) => Promise<FillOutcome> {
  return createBatches<FillCommand, FillOutcome>({
    ...{ runningMax, batchMax: BATCH_MAX },
    keyOf: ({ accountId }) => accountId,
    alone: (command) =>
      workerDb.pipeline(systemViewer(), (pipeline) => fillOrder(pipeline, command)),
    async together(commands) {
      const outcomes = await workerDb.pipeline(systemViewer(), (pipeline) =>
        shareOut(
          pipeline,
          commands.map((command) => (shared) => fillOrder(shared, command)),
        ),
      );
      return outcomes.map((value) => ({ status: 'fulfilled', value }));
    },
  });
}
