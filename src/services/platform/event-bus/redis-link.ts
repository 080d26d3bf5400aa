import type { Redis } from 'ioredis';
import type { Timers } from '../timers.ts';

/** Whether a connection to Redis is worth waiting for. */
export interface RedisLink {
  /**
   * Waits until `answer` has come, or failed. False when Redis is down or goes down before, or hangs
   * for longer than anybody should wait.
   */
  waitFor(answer: Promise<unknown>): Promise<boolean>;
}

/** Long, since a process that is busy with itself hears an answer late; a Redis that is down says so. */
const ANSWER_TIMEOUT_MS = 3_000;
const PING_INTERVAL_MS = 5_000;

export function watchLink(connection: Redis, timers: Timers): RedisLink {
  let isDown = false;
  const waiting = new Set<() => void>();
  connection.on('ready', () => {
    isDown = false;
  });
  connection.on('close', () => {
    isDown = true;
    for (const giveUp of waiting) giveUp();
  });
  return {
    async waitFor(answer) {
      const answered = answer.then(
        () => true,
        () => true,
      );
      if (isDown) return false;
      const { promise: givenUp, resolve } = Promise.withResolvers<false>();
      const giveUp = (): void => {
        resolve(false);
      };
      waiting.add(giveUp);
      const cancel = timers.after(ANSWER_TIMEOUT_MS, giveUp);
      const outcome = await Promise.race([answered, givenUp]);
      cancel();
      waiting.delete(giveUp);
      return outcome;
    },
  };
}

/**
 * Takes the channels back each time the subscriber is connected again, and then tells of the gap. A
 * PING now and then finds a connection that is dead and does not know it. Returns what stops it.
 */
export function keepSubscribed(
  subscriber: Redis,
  channelNames: () => readonly string[],
  timers: Timers,
  tellGap: () => void,
): () => void {
  const takeBack = async (): Promise<void> => {
    const names = channelNames();
    if (names.length > 0) await subscriber.subscribe(...names);
    tellGap();
  };
  subscriber.on('ready', () => {
    // A connection that is lost before it answers comes back, and takes them back then.
    takeBack().catch(() => undefined);
  });
  return pingNowAndThen(subscriber, timers);
}

function pingNowAndThen(subscriber: Redis, timers: Timers): () => void {
  let isAnswered = true;
  const heard = (): void => {
    isAnswered = true;
  };
  return timers.every(PING_INTERVAL_MS, () => {
    const isDead = subscriber.status === 'ready' && !isAnswered;
    isAnswered = subscriber.status !== 'ready' || isDead;
    if (isDead) subscriber.disconnect(true);
    else if (!isAnswered) subscriber.ping().then(heard, heard);
  });
}
