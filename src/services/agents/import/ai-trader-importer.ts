import { NotFound } from '../../platform/errors.ts';
import { createCalendar, US_STOCKS } from '../../market/import/exchange.ts';
import { findPriceFiles, readPriceSeries } from '../../market/import/price-files.ts';
import { createPriceImporter } from '../../market/import/price-importer.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { checkRecords } from './check-records.ts';
import { summaryOf, type ImportProgress, type ImportSummary } from './summary.ts';
import { findTraderFolders } from './trader-folders.ts';
import { createTraderImport, type TraderImportPorts } from './trader-import.ts';
import type { TraderSummary } from './summary.ts';
import type { Database } from '../../platform/database.ts';

export interface AiTraderImporterPorts extends TraderImportPorts {
  /**
   * The worker's, with time enough for one transaction to hold the history of one trader: minutes,
   * where a request has seconds.
   */
  readonly workerDb: Database;
}

export interface ImportOptions {
  /** Who will own the models and accounts. */
  readonly ownerUsername: string;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Brings in the public records of AI-Trader: daily prices of US stocks and, for each trader, its
 * account, trades, positions and conversations.
 */
export function createAiTraderImporter(ports: AiTraderImporterPorts) {
  const { workerDb, clock, ids } = ports;
  const prices = createPriceImporter({ workerDb, clock, ids });
  const traderImport = createTraderImport(ports);

  const findOwner = async (username: string): Promise<string> => {
    const owner = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.user.findUnique({ where: { usernameKey: username.toLowerCase() } }),
    );
    if (!owner) throw new NotFound(`User "${username}"`);
    return owner.id;
  };

  return {
    /**
     * Imports what lies in `directory` and is not here yet; the same again changes nothing, and a
     * longer history adds what is new in it. All files are read and checked first. Prices are written
     * in transactions of their own, since they are the same for everyone; each trader is one
     * transaction, in which our cash and quantities are compared with the file's after every row.
     *
     * Throws NotFound for the owner, and ImportError, with file and line, for records that are broken,
     * do not follow from one another, or contradict what was imported before.
     */
    async import(directory: string, options: ImportOptions): Promise<ImportSummary> {
      const ownerId = await findOwner(options.ownerUsername);
      const calendar = createCalendar(US_STOCKS);
      const priceFiles = await findPriceFiles(directory);
      const traders = await findTraderFolders(directory);
      const records = { priceFiles, traders, calendar };
      const { onReadIn } = createProgress(
        // Everything is read twice: to check it, and to write it.
        2 * traders.reduce((sum, { sizeBytes }) => sum + sizeBytes, priceFiles.sizeBytes),
        options.onProgress,
      );

      await checkRecords(workerDb, records, onReadIn('CHECK'));
      const onPrices = onReadIn('PRICES');
      const series = readPriceSeries(priceFiles, calendar);
      const priceSummary = await prices.importSeries(series, US_STOCKS, (sizeBytes) => {
        onPrices('prices', sizeBytes);
      });
      const summaries: TraderSummary[] = [];
      for (const trader of traders) {
        const onRead = onReadIn('TRADERS');
        summaries.push(
          await workerDb.withViewer(systemViewer(), (tx) =>
            traderImport.importTrader(tx, { trader, ownerId, calendar, onRead }),
          ),
        );
      }
      return summaryOf(priceSummary, summaries);
    },
  };
}

function createProgress(
  totalBytes: number,
  onProgress: (progress: ImportProgress) => void = () => undefined,
) {
  let doneBytes = 0;
  return {
    onReadIn: (step: ImportProgress['step']) => (label: string, sizeBytes: number) => {
      doneBytes += sizeBytes;
      onProgress({ step, label, doneBytes, totalBytes });
    },
  };
}
