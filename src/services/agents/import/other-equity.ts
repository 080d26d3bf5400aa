import type { Tx } from '../../platform/database.ts';
import type { EquityHistory } from '../../portfolio/equity-history.ts';

const HOUR_SECONDS = 3_600;

/**
 * Computes again what the accounts of earlier imports were worth, since newer prices make newer
 * points. Answers with how many points changed.
 */
export async function recomputeOtherEquity(
  tx: Tx,
  equityHistory: EquityHistory,
  exceptIds: readonly string[],
): Promise<number> {
  const accounts = await tx.account.findMany({
    where: { model: { trader: 'IMPORTED' }, id: { notIn: [...exceptIds] } },
    select: { id: true, model: { select: { intervalSeconds: true } } },
    orderBy: { id: 'asc' },
  });
  let pointsChanged = 0;
  for (const { id: accountId, model } of accounts) {
    const interval = model?.intervalSeconds === HOUR_SECONDS ? 'HOUR_1' : 'DAY_1';
    const { changed } = await equityHistory.compute(tx, { accountId, interval });
    pointsChanged += changed;
  }
  return pointsChanged;
}
