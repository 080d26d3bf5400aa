import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** Gives UUIDv7 ids, each greater than the one before, even when the clock steps back. */
export interface Ids {
  next(): string;
}

const SEQUENCE_MAX = 0xffff_ffff;

/** `randomBytes` gives that many random bytes; a seeded one makes the ids repeatable. */
export function createIds(clock: Clock, randomBytes: (size: number) => Uint8Array): Ids {
  let lastMs = -1;
  let sequence = 0;
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
      return v7({ msecs: lastMs, seq: sequence, random: randomBytes(16) });
    },
  };
}
