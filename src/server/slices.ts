/** Work that is done in the turn in which it comes, unless that did much already. */
export interface Slices {
  /** Does `work` now, or in one of the next turns of the event loop: in the order of the calls. */
  run(work: () => void): void;
}

/** At most so many pieces a turn, so that others have theirs between a thousand that come together. */
export function createSlices(perTurn: number): Slices {
  let waiting: (() => void)[] = [];
  let left = perTurn;
  let isTurnCounted = false;

  const beginTurn = (): void => {
    isTurnCounted = false;
    left = perTurn;
    const due = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const work of due) run(work);
  };
  const run = (work: () => void): void => {
    if (!isTurnCounted) setImmediate(beginTurn);
    isTurnCounted = true;
    left -= 1;
    work();
  };

  return {
    run(work) {
      if (left > 0 && waiting.length === 0) run(work);
      else waiting.push(work);
    },
  };
}
