import type { Clock } from '../clock.ts';
import type { Timers } from '../timers.ts';
import { createReaderLine, type StreamLife } from './reader-line.ts';

/** A value that changes by itself. */
export interface ChangingValue<Value> {
  /** As it is now. */
  read(): Value;
  /** Nobody reads it any more. */
  close(): void;
}

/** Begins to follow a value: `onChange` is called when it is different, `onEnd` when it is lost. */
export type FollowValue<Value> = (
  onChange: () => void,
  onEnd: (error: unknown) => void,
) => Promise<ChangingValue<Value>>;

export interface ConflatedStreamOptions<Value> {
  readonly follow: FollowValue<Value>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether a value may be given now; it is asked again after a moment. */
  readonly mayGive: () => boolean;
  readonly life: StreamLife;
}

/** Four a second. */
const INTERVAL_MS = 250;
/** Until it is asked again whether a value may be given. */
const ASK_AGAIN_MS = 50;

/**
 * A value as it is, and again as it is whenever it has changed: at most four times a second and as
 * quick as the reader reads. It is read when it is given, so that nothing waits for a slow reader and
 * nothing is old. Nothing is followed before the first `next()`.
 */
export function createConflatedStream<Value>({
  follow,
  clock,
  timers,
  mayGive,
  life,
}: ConflatedStreamOptions<Value>): AsyncIterableIterator<Value, undefined> {
  let following: Promise<ChangingValue<Value> | undefined> | undefined;
  let value: ChangingValue<Value> | undefined;
  let hasChanged = false;
  let freeAtMs = 0;
  let cancelTimer: (() => void) | undefined;

  const line = createReaderLine<Value>({
    onAsk() {
      following ??= begin();
      pump();
    },
    async onEnd() {
      life.onEnd();
      cancelTimer?.();
      (await following)?.close();
    },
  });

  const change = (): void => {
    hasChanged = true;
    pump();
  };

  const begin = async (): Promise<ChangingValue<Value> | undefined> => {
    life.onBegin();
    try {
      value = await follow(change, (error) => {
        line.end(error);
      });
      change();
      return value;
    } catch (error) {
      line.end(error);
      return undefined;
    }
  };

  /** Gives the value to a reader who waits, or sees to it that it is called again in time. */
  const pump = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!value || !hasChanged || !line.isWaiting() || line.isEnded()) return;
    const nowMs = clock.now().getTime();
    const waitMs = nowMs < freeAtMs ? freeAtMs - nowMs : mayGive() ? 0 : ASK_AGAIN_MS;
    if (waitMs > 0) {
      cancelTimer = timers.after(waitMs, pump);
      return;
    }
    hasChanged = false;
    freeAtMs = nowMs + INTERVAL_MS;
    line.give(value.read());
  };

  return line.iterator;
}
