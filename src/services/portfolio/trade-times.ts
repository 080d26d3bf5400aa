import type { Query } from '../platform/query.ts';

const NEWEST_TRADE = `SELECT executed_at AS "executedAt" FROM trades
  WHERE account_id = $1::uuid AND instrument_id = $2::uuid
  ORDER BY executed_at DESC, id DESC LIMIT 1`;

/**
 * When an account last traded an instrument. The account's lock, which guards it, is taken before.
 */
export const newestTrade = ({
  accountId,
  instrumentId,
}: {
  readonly accountId: string;
  readonly instrumentId: string;
}): Query<{ readonly executedAt: Date }> => ({
  text: NEWEST_TRADE,
  values: [accountId, instrumentId],
});

/**
 * When a trade after `newest` was made: now, or just after it where our clock has stepped back or
 * another's is ahead. Each trade leaves the position that the next one finds, in the order of their
 * times.
 */
export function timeOfTrade(now: Date, newest: Date | undefined): Date {
  return newest && newest > now ? new Date(newest.getTime() + 1) : now;
}
