/** What is written to it may wait, to go out together. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

/**
 * Lets what is written to connections in one turn of the event loop leave in few calls of the system.
 * The first message of a turn leaves at once, so that the last of a thousand readers does not wait for
 * the work of all; what follows it in the turn leaves together. Where there are many to each, all of them
 * wait for the end of the turn.
 */
export interface GatheredWrites {
  /** Is to be called before each message that is written to the connection. */
  readonly of: (connection: Corkable) => () => void;
}

/** So many messages a connection in one turn make the next one begin by gathering. */
const MANY = 2;

export function createGatheredWrites(): GatheredWrites {
  let held: Corkable[] = [];
  let turn = 0;
  let isTurnOpen = false;
  let isCrowded = false;
  let messages = 0;
  let connections = 0;

  const endTurn = (): void => {
    for (const connection of held) connection.uncork();
    isCrowded = messages >= MANY * connections;
    held = [];
    [messages, connections] = [0, 0];
    turn += 1;
    isTurnOpen = false;
  };

  return {
    of(connection) {
      let writtenTurn = -1;
      let heldTurn = -1;
      return () => {
        if (!isTurnOpen) setImmediate(endTurn);
        isTurnOpen = true;
        messages += 1;
        const isFirst = writtenTurn !== turn;
        if (isFirst) {
          writtenTurn = turn;
          connections += 1;
          if (!isCrowded) return;
        }
        if (heldTurn === turn) return;
        heldTurn = turn;
        held.push(connection);
        connection.cork();
      };
    },
  };
}
