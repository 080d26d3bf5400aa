/** Timers, passed in so that a test can drive them. */
export interface Timers {
  /** Runs `work` each `intervalMs` until the returned function is called. */
  every(intervalMs: number, work: () => void): () => void;
  /** Runs `work` once after `delayMs` unless the returned function is called before. */
  after(delayMs: number, work: () => void): () => void;
}

/** Timers of the process; none of them keeps it alive by itself. */
export const systemTimers: Timers = {
  every(intervalMs, work) {
    const timer = setInterval(work, intervalMs).unref();
    return () => {
      clearInterval(timer);
    };
  },
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
