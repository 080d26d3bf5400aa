import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** Gives UUIDv7 ids, each greater than the one before, even when the clock steps back. */
export interface Ids {
  next(): string;
}

const SEQUENCE_MAX = 0xffff_ffff;
const RANDOM_BYTES = 16;
/** Asking the system takes twenty times as long as making an id: it is asked for many at once. */
const POOL_IDS = 64;

/** `randomBytes` gives that many random bytes; a seeded one makes the ids repeatable. */
export function createIds(clock: Clock, randomBytes: (size: number) => Uint8Array): Ids {
  let lastMs = -1;
  let sequence = 0;
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  const nextRandom = (): Uint8Array => {
    if (used === pool.length) [pool, used] = [randomBytes(RANDOM_BYTES * POOL_IDS), 0];
    used += RANDOM_BYTES;
    return pool.subarray(used - RANDOM_BYTES, used);
  };
  return {
    next() {
      const nowMs = clock.now().getTime();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        // Half of the range is left for ids of the same millisecond.
        sequence = new DataView(randomBytes(4).slice().buffer).getUint32(0) >>> 1;
      } else if (sequence === SEQUENCE_MAX) {
        lastMs += 1;
        sequence = 0;
      } else {
        sequence += 1;
      }
      return v7({ msecs: lastMs, seq: sequence, random: nextRandom() });
    },
  };
}
