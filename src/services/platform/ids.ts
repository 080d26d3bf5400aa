import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** Gives UUIDv7 ids, each greater than the one before, even when the clock steps back. */
export interface Ids {
  next(): string;
}

const SEQUENCE_MAX = 0xffff_ffff;
const RANDOM_BYTES = 16;
const SEED_BYTES = 4;
/** Asking the system takes twenty times as long as making an id: it is asked for many at once. */
const POOL_BYTES = 256 * RANDOM_BYTES;

/** `randomBytes` gives that many random bytes; a seeded one makes the ids repeatable. */
export function createIds(clock: Clock, randomBytes: (size: number) => Uint8Array): Ids {
  let lastMs = -1;
  let sequence = 0;
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  const nextRandom = (size: number): Uint8Array => {
    if (used + size > pool.length) [pool, used] = [randomBytes(POOL_BYTES), 0];
    used += size;
    return pool.subarray(used - size, used);
  };
  const nextSequence = (): number => {
    const { buffer, byteOffset } = nextRandom(SEED_BYTES);
    // Half of the range is left for ids of the same millisecond.
    return new DataView(buffer, byteOffset).getUint32(0) >>> 1;
  };
  return {
    next() {
      const nowMs = clock.now().getTime();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        sequence = nextSequence();
      } else if (sequence === SEQUENCE_MAX) {
        lastMs += 1;
        sequence = 0;
      } else {
        sequence += 1;
      }
      return v7({ msecs: lastMs, seq: sequence, random: nextRandom(RANDOM_BYTES) });
    },
  };
}
