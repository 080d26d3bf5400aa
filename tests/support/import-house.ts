import { createAiTraderImporter } from '../../src/services/agents/import/ai-trader-importer.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import { createEquityHistory } from '../../src/services/portfolio/equity-history.ts';
import { createHistoryBooking } from '../../src/services/portfolio/history-booking.ts';
import type { TestDatabase } from './database.ts';
import { createTradingFloor } from './trading-floor.ts';

/** Everything that an import may write. */
const TABLES = [
  'instruments',
  'bars',
  'news_articles',
  'models',
  'model_secrets',
  'accounts',
  'positions',
  'trades',
  'ledger_transfers',
  'ledger_entries',
  'equity_points',
  'imported_rows',
  'agent_log',
  'audit_records',
  'outbox',
];

/** The importer on real services, and the books that it writes. */
export function createImportHouse(database: TestDatabase) {
  const floor = createTradingFloor(database);
  const importer = createAiTraderImporter({
    ...floor,
    workerDb: database.worker,
    audit: createAudit(floor),
    history: createHistoryBooking(floor),
    equityHistory: createEquityHistory(),
  });
  return {
    ...floor,
    worker: database.worker,
    importer,

    /** A new person for whom `folder` was imported. */
    async importFor(folder: string) {
      const owner = await floor.addPerson();
      const ownerUsername = owner.userId;
      return { owner, summary: await importer.import(folder, { ownerUsername }) };
    },

    /** Every row of every table that an import may write, as one digest a table. */
    async books(): Promise<unknown> {
      const digests = TABLES.map(
        (table) => `SELECT '${table}' AS table, count(*)::int AS rows,
          md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest FROM ${table} t`,
      );
      return database.query(digests.join(' UNION ALL '));
    },
  };
}
