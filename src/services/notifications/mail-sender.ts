import type { ClaimedMail, MailRows } from './mail-rows.ts';
import { createMailAttempt, TRY_MS, type MailAttemptPorts } from './mail-attempt.ts';
import type { MailTransport } from './mail-transport.ts';
import { createRelayWatch } from './relay-watch.ts';

export interface MailSenderPorts extends MailAttemptPorts {
  readonly rows: MailRows;
  /** Undefined when mails cannot leave: then they wait. */
  readonly transport: MailTransport | undefined;
}

/** Sends mails after the commit that queued them: see docs/decisions/2026-11-21-how-mails-leave.md. */
export interface MailSender {
  /**
   * Sends what is due, some at a time, until nothing is or the relay takes nothing. Answers with how
   * many left. Any number of processes may do it at once.
   */
  send(): Promise<number>;
  /** Does so each second from now on. */
  start(): void;
  /** Resolves when what is under way is done or, after some seconds, broken off. */
  stop(): Promise<void>;
  /** Whether the relay took nothing when it was last tried. */
  readonly isFailing: boolean;
}

const INTERVAL_MS = 1_000;
const MAILS_AT_ONCE = 5;
/** A try has been broken off before its mail may be taken by another process. */
const LEASE_MS = TRY_MS + 30_000;
const STOP_GRACE_MS = 3_000;

export function createMailSender(ports: MailSenderPorts): MailSender {
  const { rows, transport, clock, timers, log } = ports;
  const attempt = createMailAttempt(ports);
  const relay = createRelayWatch({ clock, log });
  const stopping = new AbortController();
  let cancel: (() => void) | undefined;
  let working: Promise<void> | undefined;

  const handle = async (mail: ClaimedMail, by: MailTransport): Promise<boolean> => {
    const outcome = await attempt(mail, { transport: by, relay }, stopping.signal);
    await rows.settle(mail, outcome, clock.now());
    if (outcome.kind === 'FAILED') {
      const { id: mailId, template, attempts } = mail;
      log.error({ mailId, template, attempts }, 'A mail failed; administrators see why.');
    }
    return outcome.kind === 'SENT';
  };

  const send = async (): Promise<number> => {
    let count = 0;
    while (transport && !stopping.signal.aborted && !relay.isResting()) {
      const claim = { now: clock.now(), leaseMs: LEASE_MS, limit: MAILS_AT_ONCE };
      const mails = await rows.claim(claim);
      const done = await Promise.allSettled(mails.map((mail) => handle(mail, transport)));
      for (const one of done) {
        // The database failed; what it did not note is sent again when the lease is over.
        if (one.status === 'rejected') throw one.reason;
        count += one.value ? 1 : 0;
      }
      if (mails.length < MAILS_AT_ONCE) break;
    }
    return count;
  };

  const work = async (): Promise<void> => {
    try {
      await send();
    } catch (err: unknown) {
      log.error({ err }, 'The mails that wait could not be read.');
    }
    working = undefined;
  };

  return {
    send,
    start() {
      if (!transport) return;
      cancel ??= timers.every(INTERVAL_MS, () => {
        working ??= work();
      });
    },
    async stop() {
      cancel?.();
      const stopWaiting = timers.after(STOP_GRACE_MS, () => {
        stopping.abort();
      });
      await working;
      stopWaiting();
    },
    get isFailing() {
      return relay.isFailing();
    },
  };
}
