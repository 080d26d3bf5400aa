import type { ServerResponse } from 'node:http';
import type { Timers } from '../services/platform/timers.ts';

/** Finds readers over HTTP who take nothing any more, and cuts them off. */
export interface StalledReaders {
  /** The same stream, watched until `leave`. */
  watch<Item>(
    stream: AsyncIterableIterator<Item>,
    response: ServerResponse,
  ): { readonly stream: AsyncIterableIterator<Item>; leave(): void };
}

interface Reader {
  readonly response: ServerResponse;
  /** How many items were asked for, now and at the last look. */
  asked: number;
  seen: number;
  /** For how many looks it has stood still. */
  stillFor: number;
}

const LOOK_MS = 5_000;
/** 30 s: who takes nothing for so long is gone, or might as well be. */
const STILL_LOOKS_MAX = 6;

export function createStalledReaders(timers: Timers): StalledReaders {
  const readers = new Set<Reader>();
  let stopLooking: (() => void) | undefined;

  const look = (): void => {
    for (const reader of readers) {
      const isStill = reader.response.writableNeedDrain && reader.asked === reader.seen;
      reader.stillFor = isStill ? reader.stillFor + 1 : 0;
      reader.seen = reader.asked;
      if (reader.stillFor >= STILL_LOOKS_MAX) reader.response.destroy();
    }
  };

  return {
    watch(stream, response) {
      const reader: Reader = { response, asked: 0, seen: 0, stillFor: 0 };
      readers.add(reader);
      stopLooking ??= timers.every(LOOK_MS, look);
      return {
        stream: {
          ...stream,
          next() {
            reader.asked += 1;
            return stream.next();
          },
          [Symbol.asyncIterator]() {
            return this;
          },
        },
        leave() {
          readers.delete(reader);
          if (readers.size > 0) return;
          stopLooking?.();
          stopLooking = undefined;
        },
      };
    },
  };
}
