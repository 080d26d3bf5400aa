/** Something that runs by itself. */
export interface Part {
  start(): Promise<void> | void;
  stop(): Promise<void>;
}

/** Starts parts in order and stops those that were started in the reverse order. */
export function createLifecycle(parts: readonly Part[]): {
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  const started: Part[] = [];
  return {
    async start() {
      for (const part of parts) {
        // Before it has started: a start that fails half way has something to stop as well.
        started.push(part);
        await part.start();
      }
    },
    async stop() {
      for (let part = started.pop(); part; part = started.pop()) await part.stop();
    },
  };
}
