import type { Clock } from '../clock.ts';
import type { EventBus, Unsubscribe } from '../event-bus/event-bus.ts';
import type { Logger } from '../logger.ts';
import type { Timers } from '../timers.ts';
import { decodeHead } from './head-message.ts';
import type { HeadOfSource } from './join.ts';
import { HEAD_CHANNEL } from './stored-event.ts';

/** News of the head of the log. Without `since` and `channels` it says only how far the log reaches. */
interface HeadNews extends Omit<HeadOfSource, 'last'> {
  readonly channels?: ReadonlyMap<string, bigint>;
}

export interface HeadWatch {
  /**
   * Calls `listener` with what each news says of a channel until `leave`. `ready` resolves when news are
   * heard.
   */
  join(
    channel: string,
    listener: (news: HeadOfSource) => void,
  ): {
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
  const listeners = createHeadListeners();
  const confirmed = createConfirmed(clock);
  let isGap = false;
  let isReading = false;
  let isWarned = false;
  let listening: Promise<Unsubscribe> | undefined;

  const tell = (news: HeadNews, confirm = confirmed.reading()): void => {
    confirm();
    listeners.tell(news);
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
    join(channel, listener) {
      const remove = listeners.add(channel, listener);
      const joined = (listening ??= listen());
      return {
        ready: joined.then(() => undefined),
        async leave() {
          if (!remove() || !listeners.isEmpty() || listening === undefined) return;
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

/** Those who listen, by their channels, of which each is looked up in the news once. */
function createHeadListeners() {
  const byChannel = new Map<string, Set<{ readonly hear: (news: HeadOfSource) => void }>>();
  return {
    isEmpty: () => byChannel.size === 0,
    /** Answers what takes it away again, and tells whether it was there. */
    add(channel: string, hear: (news: HeadOfSource) => void): () => boolean {
      const entry = { hear };
      const entries = byChannel.get(channel) ?? new Set();
      byChannel.set(channel, entries.add(entry));
      return () => {
        const wasThere = entries.delete(entry);
        if (entries.size === 0 && byChannel.get(channel) === entries) byChannel.delete(channel);
        return wasThere;
      };
    },
    tell({ position, since, channels }: HeadNews): void {
      for (const [channel, entries] of byChannel) {
        const told = { position, since, last: channels?.get(channel) };
        for (const { hear } of entries) hear(told);
      }
    },
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
