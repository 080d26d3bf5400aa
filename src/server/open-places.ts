/** How many long connections of one kind this process holds at once. */
export interface OpenPlacesLimits {
  readonly all: number;
  /** Of one address, or of one person: nobody shuts the others out. */
  readonly each: number;
}

/** Long connections, each with a place: all of them together are bounded, and those of each. */
export interface OpenPlaces {
  /** Takes a place; undefined when there is none. The answer gives it back, and may be called twice. */
  take(holder: string | null): (() => void) | undefined;
}

export function createOpenPlaces({ all, each }: OpenPlacesLimits): OpenPlaces {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    take(holder) {
      const key = holder ?? 'unknown';
      const count = counts.get(key) ?? 0;
      if (total >= all || count >= each) return undefined;
      counts.set(key, count + 1);
      total += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        total -= 1;
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}
