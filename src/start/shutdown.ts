/** Work to undo, last begun first, when the program is told to stop or cannot start. */
export interface Shutdown {
  /** Registers the undoing of something that has just been started. */
  onStop(undo: () => Promise<void>): void;
  /** Undoes everything once, however often it is asked, and resolves when that is done. */
  stop(): Promise<void>;
  readonly isStopping: boolean;
}

export function createShutdown(): Shutdown {
  const undos: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;

  async function undoAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      // What fails to stop must not keep the rest running.
      await undo().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything stopped.');
  }

  return {
    onStop(undo) {
      undos.push(undo);
    },
    stop() {
      stopping ??= undoAll();
      return stopping;
    },
    get isStopping() {
      return stopping !== undefined;
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` on Ctrl-C, on `kill`, and when the program that launched this one has gone. */
export function onStopRequest(stop: () => void): void {
  for (const signal of SIGNALS) process.on(signal, stop);
  if (process.connected) process.once('disconnect', stop);
}
