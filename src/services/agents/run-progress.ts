interface Progress {
  readonly slotMs: number;
  /** How often the run of that slot was begun and broke off; infinite when it is done. */
  readonly failures: number;
}

/**
 * Which runs this process has seen to. The database remembers them for good; this only spares it
 * the question each second, and ends the tries for a run that always breaks.
 */
export function createRunProgress(attemptsMax: number) {
  const progress = new Map<string, Progress>();
  const failuresOf = (modelId: string, slot: Date): number => {
    const last = progress.get(modelId);
    return last?.slotMs === slot.getTime() ? last.failures : 0;
  };
  const set = (modelId: string, slot: Date, failures: number): void => {
    progress.set(modelId, { slotMs: slot.getTime(), failures });
  };

  return {
    isDue: (modelId: string, slot: Date): boolean => failuresOf(modelId, slot) < attemptsMax,
    done: (modelId: string, slot: Date): void => {
      set(modelId, slot, Infinity);
    },
    failed: (modelId: string, slot: Date): void => {
      set(modelId, slot, failuresOf(modelId, slot) + 1);
    },
    /** Slot of the latest run, in milliseconds; 0 for a model that has not run yet. */
    latestMs: (modelId: string): number => progress.get(modelId)?.slotMs ?? 0,
    /** Forgets all models but these. */
    keepOnly(modelIds: Iterable<string>): void {
      const kept = new Set(modelIds);
      for (const id of progress.keys()) if (!kept.has(id)) progress.delete(id);
    },
  };
}
