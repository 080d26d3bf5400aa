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

interface Waiting {
  readonly command: FillCommand;
  readonly resolve: (outcome: FillOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Orders of one transaction. */
const BATCH_MAX = 16;

/**
 * Fills orders of different accounts and instruments in one transaction when there are more to fill than
 * transactions may run; one that comes alone is filled alone, at once. A transaction that fails is done
 * again order by order, so that none suffers from another.
 *
 * No two orders of a transaction are of one account, since each decides on the account as it was read. An
 * instrument's desk fills one order after the other.
 */
export function createFillBatches({
  workerDb,
  fillOrder,
  runningMax,
}: FillBatchesPorts): (command: FillCommand) => Promise<FillOutcome> {
  let waiting: Waiting[] = [];
  let running = 0;
  const busy = new Set<string>();

  /** The next ones, the oldest first, of accounts in which nothing is being filled. */
  const take = (): readonly Waiting[] => {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const one of waiting) {
      const { accountId } = one.command;
      if (batch.length === BATCH_MAX || busy.has(accountId)) rest.push(one);
      else {
        busy.add(accountId);
        batch.push(one);
      }
    }
    waiting = rest;
    return batch;
  };

  const fillTogether = (commands: readonly FillCommand[]): Promise<readonly FillOutcome[]> =>
    workerDb.pipeline(systemViewer(), (pipeline) =>
      shareOut(
        pipeline,
        commands.map((command) => (shared) => fillOrder(shared, command)),
      ),
    );

  const fillAlone = ({ command, resolve, reject }: Waiting): Promise<void> =>
    workerDb
      .pipeline(systemViewer(), (pipeline) => fillOrder(pipeline, command))
      .then(resolve, reject);

  const run = async (batch: readonly Waiting[]): Promise<void> => {
    const [only, ...others] = batch;
    if (only && others.length === 0) {
      await fillAlone(only);
      return;
    }
    try {
      const outcomes = await fillTogether(batch.map(({ command }) => command));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome) resolve(outcome);
        else reject(new Error('A fill has no outcome.'));
      }
    } catch {
      // Whose error it is shows when each is alone.
      for (const one of batch) await fillAlone(one);
    }
  };

  const begin = (): void => {
    while (running < runningMax) {
      const batch = take();
      if (batch.length === 0) return;
      running += 1;
      void run(batch).finally(() => {
        running -= 1;
        for (const { command } of batch) busy.delete(command.accountId);
        begin();
      });
    }
  };

  return (command) =>
    new Promise((resolve, reject) => {
      waiting.push({ command, resolve, reject });
      begin();
    });
}
