import { requireCapability, requireScope } from '../accounts/capabilities.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import type { Prisma, TradingModel } from '../platform/prisma/client.ts';
import type { ModelStatus } from '../platform/prisma/enums.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import type { Portfolios } from '../portfolio/portfolios.ts';
import { ModelStateConflict } from './errors.ts';
import { createModelChanges } from './model-changes.ts';
import type { CreateModel, ModelCommand, ModelOutcome, UpdateModel } from './model-commands.ts';
import { createModelCreation } from './model-creation.ts';
import { parseInterval, parseName, parsePrompt, parseSymbols } from './model-settings.ts';
import { modelsInScope, type ModelScope } from './model-visibility.ts';

export interface ModelsPorts {
  readonly db: Database;
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ModelFilter {
  /** `VISIBLE` when it is left out. */
  readonly scope?: ModelScope | undefined;
  readonly status?: ModelStatus | undefined;
  readonly ownerId?: string | undefined;
}

/**
 * AI traders and their states. The writes take an idempotency key: the same command again has the
 * answer of the first, a refusal because of the model's state included. Only an owner changes a
 * model; for everyone else, administrators too, it is NotFound, be it public or not.
 */
export interface Models {
  /**
   * Makes an idle model with a paper account that holds its starting cash. From USER on. Throws
   * InvalidInput for a setting out of range (model-settings.ts).
   */
  create(viewer: Viewer, command: CreateModel): Promise<TradingModel>;
  /**
   * Changes settings. What decides its trades (universe, interval, prompt) changes only while the
   * model does not run, and raises its version, so that every run has one version behind it; name
   * and visibility change at any time. Throws ModelStateConflict, ModelImported, InvalidInput.
   */
  update(viewer: Viewer, command: UpdateModel): Promise<TradingModel>;
  /** IDLE or STOPPED → ACTIVE. From USER on. Throws ModelStateConflict or ModelImported. */
  start(viewer: Viewer, command: ModelCommand): Promise<TradingModel>;
  /** ACTIVE → STOPPED. A run that has not stored its decisions by then places no orders. */
  stop(viewer: Viewer, command: ModelCommand): Promise<TradingModel>;
  /** Newest first. Throws Forbidden for the scope `ALL` unless the viewer is an administrator. */
  list(
    viewer: Viewer,
    selection: Prisma.TradingModelFindManyArgs,
    filter?: ModelFilter,
  ): Promise<TradingModel[]>;
  count(viewer: Viewer, filter?: ModelFilter): Promise<number>;
  /** Throws NotFound when there is none in the scope. */
  get(
    viewer: Viewer,
    selection: Prisma.TradingModelDefaultArgs,
    id: string,
    scope?: ModelScope,
  ): Promise<TradingModel>;
}

export function createModels(ports: ModelsPorts): Models {
  const { db } = ports;
  const creation = createModelCreation(ports);
  const changes = createModelChanges(ports);
  const once = createOnce(ports);

  return {
    async create(viewer, command) {
      const { userId: ownerId } = requireTrader(viewer);
      // Field by field, so that nothing else that a caller sends becomes a column.
      const { idempotencyKey, startingCash, visibility, logVisibility } = command;
      const parsed = {
        name: parseName(command.name),
        universe: parseSymbols(command.universe),
        startingCash,
        intervalSeconds: parseInterval(command.intervalSeconds),
        visibility,
        logVisibility,
        prompt: parsePrompt(command.prompt),
      };
      return once(viewer, { operation: 'createModel', idempotencyKey, parsed }, (tx) =>
        creation.create(tx, viewer, { ...parsed, ownerId }),
      );
    },

    async update(viewer, { idempotencyKey, id, ...settings }) {
      requireTrader(viewer);
      const { name, universe, intervalSeconds, prompt, visibility, logVisibility } = settings;
      const parsed = {
        ...(name !== undefined && { name: parseName(name) }),
        ...(universe !== undefined && { universe: parseSymbols(universe) }),
        ...(intervalSeconds !== undefined && { intervalSeconds: parseInterval(intervalSeconds) }),
        ...(prompt !== undefined && { prompt: parsePrompt(prompt) }),
        ...(visibility !== undefined && { visibility }),
        ...(logVisibility !== undefined && { logVisibility }),
      };
      const command = { operation: 'updateModel', idempotencyKey, parsed: { id, ...parsed } };
      return once(viewer, command, (tx) => changes.update(tx, viewer, { id, ...parsed }));
    },

    async start(viewer, { idempotencyKey, id }) {
      requireTrader(viewer);
      return once(viewer, { operation: 'startModel', idempotencyKey, parsed: { id } }, (tx) =>
        changes.setStatus(tx, viewer, { id, to: 'ACTIVE' }),
      );
    },

    // Whoever owns it may stop it, also after losing the role that may trade.
    async stop(viewer, { idempotencyKey, id }) {
      requireScope(viewer, 'AGENT');
      return once(viewer, { operation: 'stopModel', idempotencyKey, parsed: { id } }, (tx) =>
        changes.setStatus(tx, viewer, { id, to: 'STOPPED' }),
      );
    },

    list: (viewer, selection, filter = {}) =>
      db.snapshot(viewer, (tx) =>
        tx.tradingModel.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, conditionsOf(viewer, filter)] },
          orderBy: selection.orderBy ?? [{ createdAt: 'desc' }, { id: 'desc' }],
        }),
      ),

    count: (viewer, filter = {}) =>
      db.snapshot(viewer, (tx) => tx.tradingModel.count({ where: conditionsOf(viewer, filter) })),

    async get(viewer, selection, id, scope = 'VISIBLE') {
      const where = { id, AND: [modelsInScope(viewer, scope)] };
      const model = await db.snapshot(viewer, (tx) =>
        tx.tradingModel.findUnique({ ...selection, where }),
      );
      if (!model) throw new NotFound('Model');
      return model;
    },
  };
}

/** A write of the viewer's, once for its key; the answer is the model as it is now. */
function createOnce({ db, clock }: ModelsPorts) {
  return async (
    viewer: Viewer,
    command: { operation: string; idempotencyKey: string; parsed: object },
    effect: (tx: Tx) => Promise<ModelOutcome>,
  ): Promise<TradingModel> => {
    const { userId: ownerId } = requireUser(viewer);
    const { operation, idempotencyKey: key, parsed } = command;
    const keyed = { ownerId, operation, key, command: parsed, now: clock.now() };
    const { model, refusedStatus } = await db.withViewer(viewer, async (tx) => {
      const { outcome } = await idempotent(tx, keyed, () => effect(tx));
      const where = { id: outcome.modelId };
      return { ...outcome, model: await tx.tradingModel.findUniqueOrThrow({ where }) };
    });
    // The refusal is stored with its key, so it is thrown after the commit.
    if (refusedStatus !== null) throw new ModelStateConflict(refusedStatus);
    return model;
  };
}

function conditionsOf(
  viewer: Viewer,
  { scope = 'VISIBLE', status, ownerId }: ModelFilter,
): Prisma.TradingModelWhereInput {
  const narrowed = {
    ...(status !== undefined && { status }),
    ...(ownerId !== undefined && { ownerId }),
  };
  return { AND: [modelsInScope(viewer, scope), narrowed] };
}

function requireTrader(viewer: Viewer) {
  return requireCapability(viewer, 'RUN_MODELS', 'Your role may look at models, not run them.');
}
