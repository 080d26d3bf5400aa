import { findOwnerId } from '../records-owner.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { ExportError } from './errors.ts';
import { writeFolder, type ExportFile } from './export-folder.ts';
import { logFiles, type ExportedTrader } from './log-export.ts';
import { newsFiles } from './news-export.ts';
import { positionText } from './position-export.ts';
import { priceFiles } from './price-export.ts';
import { traderFolder } from './record-names.ts';

export interface ExportSummary {
  readonly traders: number;
  readonly files: number;
}

/**
 * Writes what was imported in the formats that it came in, so that another import of it changes
 * nothing: prices, news, and of each trader of the owner's its rows and conversations. All of it as
 * it was at one moment. Throws NotFound for the owner; ExportError for a folder that is not empty,
 * or when there is nothing.
 */
export function createAiTraderExporter({
  workerDb,
}: {
  /** With time enough for one snapshot to be read whole. */
  readonly workerDb: Database;
}) {
  return {
    async export(
      directory: string,
      { ownerUsername }: { readonly ownerUsername: string },
    ): Promise<ExportSummary> {
      return workerDb.snapshot(systemViewer(), async (tx) => {
        const ownerId = await findOwnerId(tx, ownerUsername);
        const traders = await findTraders(tx, ownerId);
        if (traders.length === 0) {
          throw new ExportError(`${ownerUsername} has no trader that was imported.`);
        }
        const files = await writeFolder(directory, allFiles(tx, traders));
        return { traders: traders.length, files };
      });
    },
  };
}

async function findTraders(tx: Tx, ownerId: string): Promise<ExportedTrader[]> {
  const models = await tx.tradingModel.findMany({
    where: { ownerId, importKey: { startsWith: 'ai-trader:' } },
    include: { accounts: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: 1 } },
    orderBy: { importKey: 'asc' },
  });
  return models.flatMap(({ accounts, ...model }) => {
    const [account] = accounts;
    const { importKey } = model;
    if (!account || importKey === null) return [];
    const folder = traderFolder(importKey);
    return [{ model, importKey, accountId: account.id, zone: account.zone, folder }];
  });
}

async function* allFiles(tx: Tx, traders: readonly ExportedTrader[]): AsyncGenerator<ExportFile> {
  yield* priceFiles(tx);
  yield* newsFiles(tx);
  for (const trader of traders) {
    const path = `${trader.folder}/position/position.jsonl`;
    yield { path, text: positionText(tx, trader) };
    yield* logFiles(tx, trader);
  }
}
