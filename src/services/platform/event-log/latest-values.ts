/**
 * The newest value of each key for one reader, at most one of a key in each interval. Pure: it is told
 * the time. What waits is bounded by the number of keys, and that by `keysMax`; beyond it the key that
 * has waited longest is given up, until its next value.
 */
export interface LatestValues<Value> {
  put(key: string, value: Value, nowMs: number): void;
  /** The value that has waited longest among those that may be given now. */
  take(nowMs: number): Value | undefined;
  /** In how many milliseconds a value may be given: 0 for now, undefined when none waits. */
  dueInMs(nowMs: number): number | undefined;
}

export interface LatestValuesOptions {
  readonly intervalMs: number;
  readonly keysMax: number;
}

export function createLatestValues<Value>(options: LatestValuesOptions): LatestValues<Value> {
  const { intervalMs, keysMax } = options;
  /** In the order in which the keys began to wait. */
  const waiting = new Map<string, { readonly value: Value }>();
  /** When a key may be given again; in the order of these times. */
  const freeAtMs = new Map<string, number>();

  const forgetFree = (nowMs: number): void => {
    for (const [key, freeMs] of freeAtMs) {
      if (freeMs > nowMs) return;
      freeAtMs.delete(key);
    }
  };

  return {
    put(key, value, nowMs) {
      forgetFree(nowMs);
      // A key keeps its place in the line when its value is replaced.
      waiting.set(key, { value });
      if (waiting.size <= keysMax) return;
      for (const longest of waiting.keys()) {
        waiting.delete(longest);
        return;
      }
    },
    take(nowMs) {
      forgetFree(nowMs);
      for (const [key, { value }] of waiting) {
        if (freeAtMs.has(key)) continue;
        waiting.delete(key);
        freeAtMs.set(key, nowMs + intervalMs);
        return value;
      }
      return undefined;
    },
    dueInMs(nowMs) {
      forgetFree(nowMs);
      let dueMs: number | undefined;
      for (const key of waiting.keys()) {
        const inMs = (freeAtMs.get(key) ?? nowMs) - nowMs;
        if (inMs <= 0) return 0;
        if (dueMs === undefined || inMs < dueMs) dueMs = inMs;
      }
      return dueMs;
    },
  };
}
