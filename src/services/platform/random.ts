import { randomBytes as systemRandomBytes } from 'node:crypto';

/** Random numbers from a seed: the same seed gives the same numbers. Not for secrets. */
export interface Random {
  /** Evenly spread over [0, 1). */
  next(): number;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, enough for a simulated market. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}

/** Unpredictable bytes, fit for secrets and ids. */
export const randomBytes = (size: number): Uint8Array => systemRandomBytes(size);
