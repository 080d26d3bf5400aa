import { appendEvents } from '../../platform/outbox.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { toText } from '../../platform/money.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database.ts';
import type { ImportedTrader } from './imported-trader.ts';
import type { TraderSummary } from './summary.ts';

/**
 * One event and one audit row for the whole of an imported trader. A trade that was made elsewhere,
 * long ago, is no news for those who watch trades live.
 */
export async function tellImport(
  tx: Tx,
  { audit, clock }: { readonly audit: Audit; readonly clock: Clock },
  { model, account }: ImportedTrader,
  { isNew, tradesAdded, messagesAdded, correctionsAdded, cash }: TraderSummary,
): Promise<void> {
  const { importKey } = model;
  const facts = { importKey, isNew, tradesAdded, messagesAdded, correctionsAdded };
  await appendEvents(tx, [
    {
      topic: `model:${model.id}`,
      ownerId: model.ownerId,
      type: 'RecordsImported',
      version: 1,
      payload: { modelId: model.id, accountId: account.id, ...facts, cash: toText(cash) },
      occurredAt: clock.now(),
    },
  ]);
  await audit.record(tx, systemViewer(), {
    action: 'records.imported',
    targetType: 'Model',
    targetId: model.id,
    after: { ...facts, ownerId: model.ownerId },
  });
}
