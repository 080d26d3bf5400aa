import type { Audit } from '../audit/audit.ts';
import type { Tx } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Prisma, TradingModel } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { modelChanged } from './events.ts';

export interface ModelChange {
  readonly action: 'model.created' | 'model.updated' | 'model.started' | 'model.stopped';
  readonly before?: TradingModel;
  readonly after: TradingModel;
}

/** Records a change of a model in the audit log and tells it, in the transaction of the change. */
export async function tellModelChange(
  audit: Audit,
  { tx, viewer }: { readonly tx: Tx; readonly viewer: Viewer },
  { action, before, after }: ModelChange,
): Promise<void> {
  await audit.record(tx, viewer, {
    action,
    targetType: 'Model',
    targetId: after.id,
    ...(before && { before: publicSettings(before) }),
    after: publicSettings(after),
  });
  await appendEvents(tx, [modelChanged(after)]);
}

/** Never the prompt; that there is a new one shows in the version. */
function publicSettings(model: TradingModel): Prisma.InputJsonObject {
  const { name, status, version, universe, intervalSeconds, visibility, logVisibility } = model;
  return { name, status, version, universe, intervalSeconds, visibility, logVisibility };
}
