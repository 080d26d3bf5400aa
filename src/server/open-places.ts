/** How many long connections of one kind this process holds at once. */
export interface OpenPlacesLimits {
  readonly all: number;
  /** Of one address: nobody shuts the others out. */
  readonly perAddress: number;
}

/** Long connections, each with a place: all of them together are bounded, and those of one address. */
export interface OpenPlaces {
  /** Takes a place; undefined when there is none. The answer gives it back, and may be called twice. */
  take(address: string | null): (() => void) | undefined;
}

export function createOpenPlaces({ all, perAddress }: OpenPlacesLimits): OpenPlaces {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    take(address) {
      const key = address ?? 'unknown';
      const count = counts.get(key) ?? 0;
      if (total >= all || count >= perAddress) return undefined;
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
