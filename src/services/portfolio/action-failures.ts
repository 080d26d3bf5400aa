import type { Clock } from '../platform/clock.ts';
import type { CorporateAction } from '../platform/prisma/client.ts';

/** What failed is not tried again each second. */
const RETRY_MS = 60_000;

type Accounts = 'all' | ReadonlySet<string>;

interface Failure {
  readonly instrumentId: string;
  readonly accounts: Accounts;
  readonly retryAt: number;
}

/**
 * Corporate actions that failed, in some accounts or as a whole, as this process remembers them.
 */
export interface ActionFailures {
  /** From now on the action waits for a while. */
  note(action: CorporateAction, accounts: Accounts): void;
  /** The ids of those that wait; the others may be tried. */
  waiting(): string[];
  /** Whether one that waits is of the same instrument and failed in the account: it comes first. */
  isHeldUp(action: Pick<CorporateAction, 'instrumentId'>, accountId: string): boolean;
}

export function createActionFailures(clock: Clock): ActionFailures {
  const failures = new Map<string, Failure>();
  return {
    note({ id, instrumentId }, accounts) {
      const retryAt = clock.now().getTime() + RETRY_MS;
      failures.set(id, { instrumentId, accounts, retryAt });
    },
    waiting() {
      const now = clock.now().getTime();
      for (const [id, { retryAt }] of failures) if (retryAt <= now) failures.delete(id);
      return [...failures.keys()];
    },
    isHeldUp({ instrumentId }, accountId) {
      return [...failures.values()].some(
        ({ accounts, ...failure }) =>
          failure.instrumentId === instrumentId && (accounts === 'all' || accounts.has(accountId)),
      );
    },
  };
}
