import { ImportError } from '../../market/import/errors.ts';
import { toBookedCash, ZERO } from '../../platform/money.ts';
import type { Account, TradingModel } from '../../platform/prisma/client.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Exchange } from '../../market/import/exchange.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Portfolios } from '../../portfolio/portfolios.ts';
import type { Tx } from '../../platform/database.ts';
import type { PositionStep } from './positions.ts';
import { guessProvider } from './provider.ts';

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
  readonly exchange: Exchange;
  /** The row that opens the account. */
  readonly start: PositionStep;
}

const DAY_SECONDS = 86_400;

export interface ImportedTraderPorts {
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * The model and account of a trader: those of an earlier import, or new ones. A new account opens with
 * its first session. Throws ImportError when an earlier import began with other cash.
 */
export async function openImportedTrader(
  tx: Tx,
  ports: ImportedTraderPorts,
  identity: TraderIdentity,
): Promise<ImportedTrader> {
  const { ownerId, importKey, start, exchange } = identity;
  const model = await tx.tradingModel.findUnique({
    where: { ownerId_importKey: { ownerId, importKey } },
  });
  if (!model) return createTrader(tx, ports, identity);
  const account = await tx.account.findFirstOrThrow({
    where: { modelId: model.id },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const startingCash = toBookedCash(start.cash, exchange.currency);
  if (!startingCash.equals(account.startingCash)) {
    throw new ImportError(
      { file: identity.positionFile, line: start.line },
      `The account opens with ${startingCash.toFixed()}; an earlier import of it opened with ` +
        `${account.startingCash.toFixed()}.`,
    );
  }
  return { model, account, isNew: false };
}

async function createTrader(
  tx: Tx,
  { portfolios, clock, ids }: ImportedTraderPorts,
  { ownerId, name, importKey, exchange, start }: TraderIdentity,
): Promise<ImportedTrader> {
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
      universe: [...start.quantities.keys()],
      startingCash,
      currency: exchange.currency,
      intervalSeconds: DAY_SECONDS,
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
    occurredAt: start.session.openTime,
    // An order of its owner's would part the books from the records.
    status: 'CLOSED',
  });
  return { model, account, isNew: true };
}
