import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import type { TradingModel } from '../platform/prisma/client.ts';
import type { ModelStatus } from '../platform/prisma/enums.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { ModelImported } from './errors.ts';
import type { ModelOutcome, UpdateModel } from './model-commands.ts';
import { tellModelChange } from './model-news.ts';
import { currencyOf } from './model-settings.ts';

type Settings = Omit<UpdateModel, 'id' | 'idempotencyKey'>;

/** Changes models inside the transaction that holds the key. What needs no database is parsed. */
export function createModelChanges({ audit, clock }: { audit: Audit; clock: Clock }) {
  return {
    async update(
      tx: Tx,
      viewer: Viewer,
      { id, ...changes }: Settings & { readonly id: string },
    ): Promise<ModelOutcome> {
      const before = await lockOwn(tx, viewer, id);
      const { prompt, ...settings } = await differences(tx, before, changes);
      const decidesTrades =
        prompt !== undefined ||
        settings.universe !== undefined ||
        settings.intervalSeconds !== undefined;
      if (before.status === 'ARCHIVED' || (decidesTrades && isRunning(before))) {
        return { modelId: id, refusedStatus: before.status };
      }
      if (decidesTrades && before.trader === 'IMPORTED') throw new ModelImported();
      if (!decidesTrades && Object.keys(settings).length === 0) {
        return { modelId: id, refusedStatus: null };
      }
      if (prompt !== undefined) {
        await tx.modelSecrets.update({ where: { modelId: id }, data: { prompt } });
      }
      const after = await tx.tradingModel.update({
        where: { id },
        data: {
          ...settings,
          ...(decidesTrades && { version: { increment: 1 } }),
          updatedAt: clock.now(),
        },
      });
      await tellModelChange(audit, { tx, viewer }, { action: 'model.updated', before, after });
      return { modelId: id, refusedStatus: null };
    },

    async setStatus(
      tx: Tx,
      viewer: Viewer,
      { id, to }: { readonly id: string; readonly to: 'ACTIVE' | 'STOPPED' },
    ): Promise<ModelOutcome> {
      const before = await lockOwn(tx, viewer, id);
      if (to === 'ACTIVE' && before.trader === 'IMPORTED') throw new ModelImported();
      if (!mayBecome(before.status, to)) return { modelId: id, refusedStatus: before.status };
      const after = await tx.tradingModel.update({
        where: { id },
        data: { status: to, updatedAt: clock.now() },
      });
      const action = to === 'ACTIVE' ? 'model.started' : 'model.stopped';
      await tellModelChange(audit, { tx, viewer }, { action, before, after });
      return { modelId: id, refusedStatus: null };
    },
  };
}

function mayBecome(from: ModelStatus, to: 'ACTIVE' | 'STOPPED'): boolean {
  return to === 'ACTIVE' ? from === 'IDLE' || from === 'STOPPED' : from === 'ACTIVE';
}

const isRunning = ({ status }: TradingModel): boolean =>
  status === 'ACTIVE' || status === 'STOPPING';

/** Locks the viewer's own model until the transaction ends. Throws NotFound for everyone else's. */
async function lockOwn(tx: Tx, viewer: Viewer, id: string): Promise<TradingModel> {
  const { userId: ownerId } = requireUser(viewer);
  const locked = await tx.$queryRaw<readonly object[]>`
    SELECT 1 FROM models WHERE id = ${id}::uuid AND owner_id = ${ownerId}::uuid FOR UPDATE`;
  // A key for tests sees models that trade for real, and cannot change them.
  if (locked.length === 0) throw new NotFound('Model');
  const model = await tx.tradingModel.findUnique({ where: { id, ownerId } });
  if (!model) throw new NotFound('Model');
  return model;
}

/** What would really change. A model keeps its currency, since its account has that one. */
async function differences(tx: Tx, model: TradingModel, changes: Settings) {
  const { name, universe, intervalSeconds, visibility, logVisibility, prompt } = changes;
  const secrets = { where: { modelId: model.id } };
  const isNewUniverse = universe !== undefined && universe.join() !== model.universe.join();
  if (isNewUniverse && (await currencyOf(tx, universe)) !== model.currency) {
    throw new InvalidInput('universe', `The model's account holds ${model.currency} only.`);
  }
  const isNewPrompt =
    prompt !== undefined && (await tx.modelSecrets.findUniqueOrThrow(secrets)).prompt !== prompt;
  return {
    ...(isNewUniverse && { universe: [...universe] }),
    ...(isNewPrompt && { prompt }),
    ...(name !== undefined && name !== model.name && { name }),
    ...(visibility !== undefined && visibility !== model.visibility && { visibility }),
    ...(intervalSeconds !== undefined &&
      intervalSeconds !== model.intervalSeconds && { intervalSeconds }),
    ...(logVisibility !== undefined && logVisibility !== model.logVisibility && { logVisibility }),
  };
}
