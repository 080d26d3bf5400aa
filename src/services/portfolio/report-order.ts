import type { Tx } from '../platform/database.ts';
import type { Account, CorporateAction, Instrument } from '../platform/prisma/client.ts';
import { TradeOutOfOrder } from './errors.ts';

/** A trade that was made elsewhere, and what it was made of. */
interface Reported {
  /** Locked. */
  readonly account: Pick<Account, 'id'>;
  readonly instrument: Pick<Instrument, 'id'>;
  readonly executedAt: Date;
}

/** Throws TradeOutOfOrder, which names what is booked already and stands in the way. */
export async function refuseOutOfOrder(tx: Tx, reported: Reported): Promise<void> {
  await refuseBeforeAction(tx, reported);
  const { account, instrument, executedAt } = reported;
  const newest = await tx.trade.findFirst({
    where: { accountId: account.id, instrumentId: instrument.id },
    orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
    select: { executedAt: true, source: true },
  });
  if (newest && executedAt < newest.executedAt) {
    const what = newest.source === 'SPLIT' ? 'split' : 'trade';
    throw new TradeOutOfOrder(newest.executedAt, what);
  }
}

/**
 * A split or a dividend that the account had its part in, or that all accounts had: it would never
 * reach a trade of before that is booked now. The lock keeps the action from being done while the
 * trade is booked.
 */
async function refuseBeforeAction(tx: Tx, reported: Reported): Promise<void> {
  const { account, instrument, executedAt } = reported;
  const actions = await tx.$queryRaw<Pick<CorporateAction, 'kind' | 'effectiveAt'>[]>`
    SELECT c.kind, c.effective_at AS "effectiveAt" FROM (
      SELECT * FROM corporate_actions
      WHERE instrument_id = ${instrument.id}::uuid AND effective_at > ${executedAt}
      ORDER BY id FOR SHARE) c
    WHERE c.applied_at IS NOT NULL OR EXISTS (SELECT FROM corporate_action_effects e
      WHERE e.action_id = c.id AND e.account_id = ${account.id}::uuid)
    ORDER BY c.effective_at LIMIT 1`;
  const [action] = actions;
  if (!action) return;
  throw new TradeOutOfOrder(action.effectiveAt, action.kind === 'SPLIT' ? 'split' : 'dividend');
}
