import { toOwnEvent, type OwnEvents, type OwnItem } from '../accounts/own-events.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { readLatestEvent } from '../platform/event-log/latest-event.ts';
import type { Account, Position, Trade } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import {
  accountTopic,
  BALANCE_CHANGED,
  parseBalanceChanged,
  parsePositionChanged,
  parseTradeExecuted,
  POSITION_CHANGED,
  TRADE_EXECUTED,
} from './events.ts';
import type { Portfolios } from './portfolios.ts';

export interface AccountEventsFilter {
  /** Every account of the viewer when it is left out. */
  readonly accountId?: string | undefined;
  /** Resume after this event; without it the current state comes first. */
  readonly after?: bigint | undefined;
}

/**
 * What happens in the viewer's accounts, live and resumable. The first `next()` rejects with
 * NotFound for an account that is not the viewer's; later ones with Revoked when the session ends.
 */
export interface AccountEvents {
  /** Trades as they are made. Without `after` the latest one comes first, if there is one. */
  trades(viewer: Viewer, filter: AccountEventsFilter): AsyncIterableIterator<OwnItem<Trade>>;
  /** Balances as they change. Without `after` those of the newest 100 accounts come first. */
  balances(viewer: Viewer, filter: AccountEventsFilter): AsyncIterableIterator<OwnItem<Account>>;
  /** Positions as they change. Without `after` the newest 100 that are open come first. */
  positions(viewer: Viewer, filter: AccountEventsFilter): AsyncIterableIterator<OwnItem<Position>>;
}

const FIRST_MAX = 100;

export function createAccountEvents({
  db,
  ownEvents,
  portfolios,
  clock,
}: {
  readonly db: Database;
  readonly ownEvents: OwnEvents;
  readonly portfolios: Pick<Portfolios, 'list' | 'positions'>;
  readonly clock: Clock;
}): AccountEvents {
  return {
    trades: (viewer, { accountId, after }) =>
      ownEvents.follow<Trade>(viewer, {
        types: [TRADE_EXECUTED],
        parse: parseTradeExecuted,
        after,
        async begin(reader) {
          await accountsOf(portfolios, reader, accountId);
          const topic = topicOf(accountId);
          const source = topic === undefined ? { ownerId: requireUser(reader).userId } : { topic };
          return {
            topic,
            // From the log and not from the rows: a row may be there before its event is.
            async current() {
              const latest = await db.snapshot(reader, (tx) =>
                readLatestEvent(tx, source, TRADE_EXECUTED),
              );
              return latest ? [toOwnEvent(latest, parseTradeExecuted)] : [];
            },
          };
        },
      }),

    balances: (viewer, { accountId, after }) =>
      ownEvents.follow<Account>(viewer, {
        types: [BALANCE_CHANGED],
        parse: parseBalanceChanged,
        after,
        async begin(reader, head) {
          const accounts = await accountsOf(portfolios, reader, accountId);
          const occurredAt = clock.now();
          return {
            topic: topicOf(accountId),
            current: async () =>
              accounts.map((row) => ({ kind: 'event', cursor: head, occurredAt, row })),
          };
        },
      }),

    positions: (viewer, { accountId, after }) =>
      ownEvents.follow<Position>(viewer, {
        types: [POSITION_CHANGED],
        parse: parsePositionChanged,
        after,
        async begin(reader, head) {
          await accountsOf(portfolios, reader, accountId);
          const filter = { status: 'OPEN', ...(accountId !== undefined && { accountId }) } as const;
          return {
            topic: topicOf(accountId),
            async current() {
              const rows = await portfolios.positions(reader, { take: FIRST_MAX }, filter);
              return rows.map((row) => ({
                ...{ kind: 'event', cursor: head, occurredAt: row.updatedAt, row },
              }));
            },
          };
        },
      }),
  };
}

const topicOf = (accountId: string | undefined): string | undefined =>
  accountId === undefined ? undefined : accountTopic(accountId);

/** The accounts to follow; refuses one that is not the viewer's. */
async function accountsOf(
  portfolios: Pick<Portfolios, 'list'>,
  viewer: Viewer,
  accountId: string | undefined,
): Promise<Account[]> {
  const where = accountId === undefined ? {} : { id: accountId };
  const accounts = await portfolios.list(viewer, { where, take: FIRST_MAX });
  if (accountId !== undefined && accounts.length === 0) throw new NotFound('Account');
  return accounts;
}
