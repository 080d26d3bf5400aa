import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DeliveryFailed } from './mail-transport.ts';

/** What the last tries say of the relay. */
export interface RelayWatch {
  succeeded(): void;
  failed(failure: DeliveryFailed): void;
  isFailing(): boolean;
  /** Whether it just failed, so that the other mails need not try it as well. */
  isResting(): boolean;
}

const REST_MS = 15_000;

/** Says once that the relay takes nothing, and once that it does again. */
export function createRelayWatch({ clock, log }: { clock: Clock; log: Logger }): RelayWatch {
  let failedAtMs: number | undefined;
  return {
    succeeded() {
      if (failedAtMs !== undefined) log.info({}, 'Mails leave again.');
      failedAtMs = undefined;
    },
    failed({ code }) {
      if (failedAtMs === undefined) {
        log.error(
          { code },
          'The mail relay (SMTP_URL) takes nothing; mails wait and are tried again.',
        );
      }
      failedAtMs = clock.now().getTime();
    },
    isFailing: () => failedAtMs !== undefined,
    isResting: () => failedAtMs !== undefined && clock.now().getTime() - failedAtMs < REST_MS,
  };
}
