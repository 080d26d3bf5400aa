import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { ZERO } from '../platform/money.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { Portfolios } from '../portfolio/portfolios.ts';
import type { CreateModel, ModelOutcome } from './model-commands.ts';
import { tellModelChange } from './model-news.ts';
import { currencyOf, parseStartingCash } from './model-settings.ts';

/** Zone of the trading days of a model's account; nobody can choose another yet. */
const ZONE = 'America/Chicago';
const BUILT_IN = { trader: 'MOMENTUM', provider: 'built-in', modelName: 'momentum' } as const;

export interface ModelCreationPorts {
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly ids: Ids;
}

type NewModel = Omit<CreateModel, 'idempotencyKey'> & { readonly ownerId: string };

/** Makes models inside the transaction that holds their key. What needs no database is parsed. */
export function createModelCreation({ portfolios, audit, clock, ids }: ModelCreationPorts) {
  return {
    async create(tx: Tx, viewer: Viewer, command: NewModel): Promise<ModelOutcome> {
      const { prompt, universe, startingCash, ...settings } = command;
      const currency = await currencyOf(tx, universe);
      const cash = parseStartingCash(startingCash, currency);
      const now = clock.now();
      const model = await tx.tradingModel.create({
        data: {
          ...settings,
          ...BUILT_IN,
          id: ids.next(),
          universe: [...universe],
          startingCash: cash,
          currency,
          status: 'IDLE',
          version: 1,
          createdAt: now,
          updatedAt: now,
        },
      });
      const { id: modelId, ownerId, name } = model;
      await tx.modelSecrets.create({ data: { modelId, ownerId, prompt, costUsd: ZERO } });
      await portfolios.open(tx, {
        ...{ ownerId, modelId, name, kind: 'PAPER', currency, zone: ZONE },
        startingCash: cash,
        occurredAt: now,
      });
      await tellModelChange(audit, { tx, viewer }, { action: 'model.created', after: model });
      return { modelId, refusedStatus: null };
    },
  };
}
