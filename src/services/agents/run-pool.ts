import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRunProgress } from './run-progress.ts';
import { slotOf } from './run-schedule.ts';
import type { RunnableModel, Runs } from './runs.ts';

export interface RunPoolPorts {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** Runs at once, over all models. */
  readonly runsMax: number;
  readonly attemptsMax: number;
}

/** Carries out the runs that are due, some at once, and never two of one model. */
export function createRunPool({ runs, clock, logger, runsMax, attemptsMax }: RunPoolPorts) {
  const running = new Map<string, Promise<void>>();
  const progress = createRunProgress(attemptsMax);
  const stopping = new AbortController();
  /** Models of the last offer that were not looked at since. */
  let waiting: RunnableModel[] = [];

  const run = async (model: RunnableModel, slot: Date): Promise<void> => {
    try {
      await runs.carryOut(model, slot, stopping.signal);
      progress.done(model.id, slot);
    } catch (error) {
      progress.failed(model.id, slot);
      if (!stopping.signal.aborted) {
        logger.error({ err: error, modelId: model.id }, 'A run of a model broke off.');
      }
    } finally {
      running.delete(model.id);
      fill();
    }
  };

  const begin = (model: RunnableModel): void => {
    if (stopping.signal.aborted || running.has(model.id)) return;
    const slot = slotOf(model, clock.now());
    if (progress.isDue(model.id, slot)) running.set(model.id, run(model, slot));
  };

  const fill = (): void => {
    while (running.size < runsMax) {
      const model = waiting.shift();
      if (!model) return;
      begin(model);
    }
  };

  return {
    /** Takes all models that may run, and begins the runs that are due as there is room. */
    offer(models: readonly RunnableModel[]): void {
      progress.keepOnly(models.map(({ id }) => id));
      // Who waited longest comes first, so that nobody starves while there is less room than work.
      waiting = models.toSorted((a, b) => progress.latestMs(a.id) - progress.latestMs(b.id));
      fill();
    },
    /** No run begins any more, and decisions that are still being made are dropped. */
    stop(): void {
      stopping.abort();
    },
    /** Resolves when no run is under way. */
    async finish(): Promise<void> {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
