import { ImportError } from '../../market/import/errors.ts';
import { toBookedCash, ZERO } from '../../platform/money.ts';
import type { Account, TradingModel } from '../../platform/prisma/client.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Portfolios } from '../../portfolio/portfolios.ts';
import type { Tx } from '../../platform/database.ts';
import type { PositionStep } from './position-steps.ts';
import { guessProvider } from './provider.ts';
import type { TraderMarket } from './trader-market.ts';

export interface ImportedTrader {
  readonly model: TradingModel;
  readonly account: Account;
  readonly isNew: boolean;
}

export interface TraderIdentity {
  readonly ownerId: string;
  /** Of the trader's folder, and of the language model behind it. */
  readonly name: string;
  readonly importKey: string;
  readonly positionFile: string;
  readonly market: TraderMarket;
  /** Symbols that it may trade. */
  readonly universe: readonly string[];
  /** The row that opens the account. */
  readonly start: PositionStep;
}

const INTERVAL_SECONDS = { DAY_1: 86_400, HOUR_1: 3_600 } as const;

export interface ImportedTraderPorts {
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * The model and account of a trader: those of an earlier import, or new ones. A new account opens
 * with its first session. Throws ImportError when an earlier import began with other cash.
 */
export async function openImportedTrader(
  tx: Tx,
  ports: ImportedTraderPorts,
  identity: TraderIdentity,
): Promise<ImportedTrader> {
  const { ownerId, importKey, start } = identity;
  const { currency } = identity.market.exchange;
  const model = await tx.tradingModel.findUnique({
    where: { ownerId_importKey: { ownerId, importKey } },
  });
  if (!model) return createTrader(tx, ports, identity);
  const account = await tx.account.findFirstOrThrow({
    where: { modelId: model.id },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const place = { file: identity.positionFile, line: start.line };
  if (account.currency !== currency) {
    const reason = `The account is in ${currency}; an earlier import of it was in ${account.currency}.`;
    throw new ImportError(place, reason);
  }
  const startingCash = toBookedCash(start.cash, currency);
  if (!startingCash.equals(account.startingCash)) {
    throw new ImportError(
      place,
      `The account opens with ${startingCash.toFixed()}; an earlier import of it opened with ` +
        `${account.startingCash.toFixed()}.`,
    );
  }
  return { model, account, isNew: false };
}

async function createTrader(
  tx: Tx,
  { portfolios, clock, ids }: ImportedTraderPorts,
  { ownerId, name, importKey, market, universe, start }: TraderIdentity,
): Promise<ImportedTrader> {
  const { exchange, interval } = market;
  const now = clock.now();
  const startingCash = toBookedCash(start.cash, exchange.currency);
  const model = await tx.tradingModel.create({
    data: {
      id: ids.next(),
      ownerId,
      name,
      trader: 'IMPORTED',
      provider: guessProvider(name),
      modelName: name,
      universe: [...universe],
      startingCash,
      currency: exchange.currency,
      intervalSeconds: INTERVAL_SECONDS[interval],
      status: 'STOPPED',
      visibility: 'PUBLIC',
      logVisibility: 'PUBLIC',
      version: 1,
      importKey,
      createdAt: now,
      updatedAt: now,
    },
  });
  // What the trader was told and what it cost are not in the records.
  await tx.modelSecrets.create({ data: { modelId: model.id, ownerId, prompt: '', costUsd: ZERO } });
  const account = await portfolios.open(tx, {
    ownerId,
    modelId: model.id,
    name,
    kind: 'PAPER',
    currency: exchange.currency,
    zone: exchange.zone,
    startingCash,
    occurredAt: start.at,
    // An order of its owner's would part the books from the records.
    status: 'CLOSED',
  });
  return { model, account, isNew: true };
}
