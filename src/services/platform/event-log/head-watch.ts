import type { Clock } from '../clock.ts';
import type { EventBus, Unsubscribe } from '../event-bus/event-bus.ts';
import type { Logger } from '../logger.ts';
import type { Timers } from '../timers.ts';
import { decodeHead } from './head-message.ts';
import { HEAD_CHANNEL } from './stored-event.ts';

/** News of the head of the log. Without `since` and `channels` it says only how far the log reaches. */
export interface HeadNews {
  readonly position: bigint;
  readonly since?: bigint;
  readonly channels?: ReadonlyMap<string, bigint>;
}

export interface HeadWatch {
  /** Calls `listener` with each news until `leave`. `ready` resolves when news are heard. */
  join(listener: (news: HeadNews) => void): {
    readonly ready: Promise<void>;
    leave(): Promise<void>;
  };
  /** The log itself is about to be read; call the answer when that was done, however long it took. */
  reading(): () => void;
  /**
   * Whether this process knows the head of the log as of the last two seconds. One that does not may be
   * cut off, and holds back what it has, since it could not know of a revocation either.
   */
  isConfirmed(): boolean;
}

export interface HeadWatchPorts {
  readonly bus: EventBus;
  /** Reads the head from the database. */
  readonly readHead: () => Promise<bigint>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const CHECK_INTERVAL_MS = 500;
/** After so long without news from the relay the database is asked. */
const SILENCE_MS = 1_500;
const CONFIRMED_MS = 2_000;

/** Listens to the relay's news while anybody wants them, and asks the database when they fail to come. */
export function createHeadWatch({ bus, readHead, clock, timers, log }: HeadWatchPorts): HeadWatch {
  const listeners = new Set<{ readonly hear: (news: HeadNews) => void }>();
  const confirmed = createConfirmed(clock);
  let isGap = false;
  let isReading = false;
  let isWarned = false;
  let listening: Promise<Unsubscribe> | undefined;

  const tell = (news: HeadNews, confirm = confirmed.reading()): void => {
    confirm();
    for (const { hear } of listeners) hear(news);
  };

  /** Asks the database when messages were missed, or the relay is silent. */
  const check = async (): Promise<void> => {
    const isSilent = confirmed.ageMs() >= SILENCE_MS;
    if (isReading || (!isGap && !isSilent)) return;
    isReading = true;
    isGap = false;
    try {
      const confirm = confirmed.reading();
      tell({ position: await readHead() }, confirm);
      isWarned = false;
    } catch (error) {
      isGap = true;
      if (!isWarned)
        log.warn({ err: error }, 'The head of the event log is not known: streams wait.');
      isWarned = true;
    } finally {
      isReading = false;
    }
  };

  const listen = async (): Promise<Unsubscribe> => {
    const leaveGaps = bus.onGap(() => {
      isGap = true;
      void check();
    });
    const stopChecks = timers.every(CHECK_INTERVAL_MS, () => void check());
    const unsubscribe = await bus.subscribe(HEAD_CHANNEL, (message) => {
      const { position, since, channels } = decodeHead(message);
      tell(channels ? { position, since, channels } : { position });
    });
    return () => {
      leaveGaps();
      stopChecks();
      unsubscribe();
    };
  };

  return {
    join(listener) {
      const entry = { hear: listener };
      listeners.add(entry);
      const joined = (listening ??= listen());
      return {
        ready: joined.then(() => undefined),
        async leave() {
          if (!listeners.delete(entry) || listeners.size > 0 || listening === undefined) return;
          const ending = listening;
          listening = undefined;
          (await ending)();
        },
      };
    },
    reading: () => confirmed.reading(),
    isConfirmed: () => confirmed.ageMs() <= CONFIRMED_MS,
  };
}

/** Since when the head is known: as of the begin of a reading, since what came during it may be missing. */
function createConfirmed(clock: Clock): { reading(): () => void; ageMs(): number } {
  const nowMs = (): number => clock.now().getTime();
  let atMs = -Infinity;
  return {
    reading() {
      const beganAtMs = nowMs();
      return () => {
        atMs = Math.max(atMs, beganAtMs);
      };
    },
    ageMs: () => nowMs() - atMs,
  };
}
