/** What all streams of a process share: whether they still take what comes. */
export interface StreamFlow {
  /** Nothing new is taken any more; what waits is still given. */
  readonly isHeld: boolean;
  /** Whether nothing waits for any reader. */
  readonly isDry: boolean;
  hold(): void;
  /** All goes on; what came meanwhile is found in the log. */
  release(): void;
  /** Counts what waits in a stream until the answer is called. */
  join(stream: { readonly hasNext: boolean }): () => void;
}

export function createStreamFlow(): StreamFlow {
  const streams = new Set<{ readonly hasNext: boolean }>();
  let isHeld = false;
  return {
    get isHeld() {
      return isHeld;
    },
    get isDry() {
      return [...streams].every(({ hasNext }) => !hasNext);
    },
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
    },
    join(stream) {
      streams.add(stream);
      return () => void streams.delete(stream);
    },
  };
}
