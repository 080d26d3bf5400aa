import type { Random } from '../../platform/random.ts';

/** Random numbers of the standard normal distribution. */
export interface Normals {
  next(): number;
}

/**
 * The Box–Muller transform: two even numbers make two normal ones, of which the second is kept for
 * the next call.
 */
export function createNormals(random: Random): Normals {
  let spare: number | undefined;
  return {
    next() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      // In (0, 1], since the logarithm of zero is not a number of ours.
      const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
      const angle = 2 * Math.PI * random.next();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}
