import type { Clock } from '../platform/clock.ts';
import type { FillModels } from './offers.ts';
import type { OpenOrder } from './resting-orders.ts';

/** How accounts fill, since transactions told. */
export interface KnownModels {
  of(accountId: string): FillModels | undefined;
  /** The same for an order of the account, if nothing says that it may have changed. */
  stillOf(order: Pick<OpenOrder, 'accountId' | 'createdAt'>): FillModels | undefined;
  /** A transaction that began at `askedAt` told. */
  readonly learn: (accountId: string, models: FillModels, askedAt: Date) => void;
}

/** All are forgotten when there are more. */
const ACCOUNTS_MAX = 10_000;
/** An account that fills otherwise by now is found out with its next order, or after this long. */
const KNOWN_MS = 30_000;

export function createKnownModels({ clock }: { readonly clock: Clock }): KnownModels {
  const known = new Map<string, { readonly models: FillModels; readonly askedAt: Date }>();
  return {
    of: (accountId) => known.get(accountId)?.models,
    stillOf({ accountId, createdAt }) {
      const account = known.get(accountId);
      if (!account || account.askedAt < createdAt) return undefined;
      const ageMs = clock.now().getTime() - account.askedAt.getTime();
      return ageMs < KNOWN_MS ? account.models : undefined;
    },
    learn(accountId, models, askedAt) {
      if (known.size >= ACCOUNTS_MAX) known.clear();
      known.set(accountId, { models, askedAt });
    },
  };
}
