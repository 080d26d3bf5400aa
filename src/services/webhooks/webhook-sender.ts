import type { Timers } from '../platform/timers.ts';
import type { HeldWebhook } from './held-webhook.ts';
import type { WebhookRows } from './webhook-rows.ts';
import type { WebhookTurn, WebhookTurnPorts } from './webhook-turn.ts';

export interface WebhookSenderPorts extends Pick<WebhookTurnPorts, 'clock' | 'log'> {
  readonly rows: Pick<WebhookRows, 'claim'>;
  readonly turn: WebhookTurn;
  readonly timers: Timers;
}

/** Sends events to the URLs of webhooks: see docs/decisions/2026-11-22-outgoing-webhooks.md. */
export interface WebhookSender {
  /**
   * Serves those that have something to do until none has. Answers with how many messages were taken. Any
   * number of processes may do it at once.
   */
  send(): Promise<number>;
  /** Does so each second from now on, however slow some of them are. */
  start(): void;
  /** Resolves when what is under way is done or, after some seconds, broken off. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 1_000;
/** They wait for others most of the time. */
const SENDS_AT_ONCE = 16;
const STOP_GRACE_MS = 3_000;

export function createWebhookSender(ports: WebhookSenderPorts): WebhookSender {
  const { rows, turn, clock, timers, log } = ports;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let cancel: (() => void) | undefined;
  let isClaiming = false;
  let lastClaim = Promise.resolve();
  let timesAsked = 0;
  let isStopping = false;
  let count = 0;

  const serve = (held: HeldWebhook): void => {
    const work = turn(held, stopping.signal)
      .then((taken) => {
        count += taken;
      })
      .catch((err: unknown) => {
        // The database failed, or the secret does not open: tried again when the lease is over.
        log.error({ err, webhookId: held.id }, 'A webhook could not be served.');
      })
      .finally(() => {
        running.delete(work);
        look();
      });
    running.add(work);
  };

  /** Takes as many as there is room for, one by one: each claim sees how many their owner has under way. */
  const claim = async (): Promise<void> => {
    try {
      let timesSeen: number;
      do {
        timesSeen = timesAsked;
        while (!isStopping && running.size < SENDS_AT_ONCE) {
          const held = await rows.claim(clock.now());
          if (!held) break;
          serve(held);
        }
      } while (timesAsked !== timesSeen);
    } catch (err) {
      log.error({ err }, 'The webhooks that wait could not be read.');
    }
    isClaiming = false;
  };

  const look = (): void => {
    timesAsked += 1;
    if (isClaiming) return;
    isClaiming = true;
    lastClaim = claim();
  };

  const rest = async (): Promise<void> => {
    while (isClaiming || running.size > 0) await Promise.all([lastClaim, ...running]);
  };

  return {
    async send() {
      const before = count;
      look();
      await rest();
      return count - before;
    },
    start() {
      cancel ??= timers.every(INTERVAL_MS, look);
    },
    async stop() {
      cancel?.();
      isStopping = true;
      const stopWaiting = timers.after(STOP_GRACE_MS, () => {
        stopping.abort();
      });
      await rest();
      stopWaiting();
    },
  };
}
