import type { MailAddress } from '../platform/config/mail-address.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { MailComposition } from './mail-composition.ts';
import type { ClaimedMail, Outcome } from './mail-rows.ts';
import { DeliveryFailed, type MailTransport } from './mail-transport.ts';
import type { RelayWatch } from './relay-watch.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface MailAttemptPorts {
  readonly composition: MailComposition;
  readonly from: MailAddress;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
}

/** One try is broken off after this. */
export const TRY_MS = 90_000;

/**
 * Tries to send one mail, and answers what is to become of it; never rejects. `stopping` breaks it off
 * when the program ends.
 */
export type MailAttempt = (
  mail: ClaimedMail,
  by: { readonly transport: MailTransport; readonly relay: RelayWatch },
  stopping: AbortSignal,
) => Promise<Outcome>;

export function createMailAttempt(ports: MailAttemptPorts): MailAttempt {
  const { composition, from, clock, timers, random, log } = ports;

  const later = (mail: ClaimedMail, error: DeliveryFailed, stopping: AbortSignal): Outcome => {
    const { message } = error;
    const delayMs = retryDelayMs(mail.attempts, random.next());
    if (error.problem === 'REFUSED' || delayMs === undefined) {
      return { kind: 'FAILED', error: message };
    }
    // What was broken off because the program ends is no failure: the next one goes on at once.
    const pauseMs = stopping.aborted ? 0 : delayMs;
    return { kind: 'RETRY', at: new Date(clock.now().getTime() + pauseMs), error: message };
  };

  /** Not of the mail, nor of the relay: a bug, or the database. */
  const ownFault = (error: unknown): DeliveryFailed => {
    log.error({ err: error }, 'A mail could not be made; it is tried again.');
    const message = 'The mail could not be made; the log says more.';
    return new DeliveryFailed({ problem: 'DELAYED', code: 'INTERNAL', message }, { cause: error });
  };

  return async (mail, { transport, relay }, stopping) => {
    const tooLate = new AbortController();
    const stopWaiting = timers.after(TRY_MS, () => {
      tooLate.abort();
    });
    try {
      const composed = await composition.compose(mail);
      if (composed === undefined) return { kind: 'DROPPED' };
      const { id, recipient } = mail;
      const message = { id, recipient, from, date: clock.now(), ...composed };
      await transport.deliver(message, AbortSignal.any([tooLate.signal, stopping]));
      relay.succeeded();
      return { kind: 'SENT' };
    } catch (error) {
      const failure = error instanceof DeliveryFailed ? error : ownFault(error);
      if (failure.problem === 'UNREACHABLE' && !stopping.aborted) relay.failed(failure);
      return later(mail, failure, stopping);
    } finally {
      stopWaiting();
    }
  };
}
