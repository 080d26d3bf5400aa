/** What is written to it may wait, to go out together. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

/** Lets what is written to connections in one turn of the event loop leave in one call of the system. */
export interface GatheredWrites {
  /** What is written to the connection from now on leaves at the end of the turn. */
  hold(connection: Corkable): void;
}

export function createGatheredWrites(): GatheredWrites {
  const held = new Set<Corkable>();
  const release = (): void => {
    for (const connection of held) connection.uncork();
    held.clear();
  };
  return {
    hold(connection) {
      if (held.has(connection)) return;
      if (held.size === 0) setImmediate(release);
      held.add(connection);
      connection.cork();
    },
  };
}
