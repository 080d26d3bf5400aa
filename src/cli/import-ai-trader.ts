import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Foundation } from '../app/foundation.ts';
import { createAiTraderImporter } from '../services/agents/import/ai-trader-importer.ts';
import type { ImportProgress, ImportSummary } from '../services/agents/import/summary.ts';
import { createLogIndexer } from '../services/agents/log-indexer.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import type { Config } from '../services/platform/config/config.ts';
import { plainDecimals } from '../services/platform/money.ts';
import { createEquityHistory } from '../services/portfolio/equity-history.ts';
import { createHistoryBooking } from '../services/portfolio/history-booking.ts';
import { withFoundation } from './foundation.ts';
import { withLongDatabase } from './long-database.ts';
import { printSummary } from './import-summary.ts';
import type { Operator } from './operator.ts';
import { showProgress } from './progress.ts';
import { tidyTables } from './tidy-tables.ts';

export interface ImportCommand {
  readonly directory: string;
  readonly owner: string;
  /** Where to write the summary as JSON. */
  readonly report?: string;
}

export async function importAiTrader(operator: Operator, command: ImportCommand): Promise<void> {
  if (command.report !== undefined) await refuseUnwritable(command.report);
  await withFoundation(operator, async ({ foundation, config }) => {
    const startedMs = foundation.clock.now().getTime();
    const summary = await runImport(foundation, config, command);
    const elapsedSeconds = (foundation.clock.now().getTime() - startedMs) / 1000;
    printSummary(summary, elapsedSeconds);
    if (summary.changes > 0) {
      // A search of lines without an index reads them all; a server would index them in its own
      // time.
      await createLogIndexer(foundation).indexAll();
      await tidyTables(operator.ownerUrl);
    }
    if (command.report === undefined) return;
    const report = { directory: command.directory, owner: command.owner, ...summary };
    await writeFile(command.report, `${JSON.stringify(report, plainDecimals, 2)}\n`);
  });
}

/** Before the import, since one that is done must not end with a failure. */
async function refuseUnwritable(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch(() => {
    throw new OperatorError(`The report cannot be written to ${folder}.`);
  });
}

const STEPS = {
  PRICES: 'Writing',
  NEWS: 'Writing',
  TRADERS: 'Importing',
  EQUITY: 'Valuing',
} as const satisfies Record<ImportProgress['step'], string>;

function runImport(
  foundation: Foundation,
  config: Config,
  { directory, owner }: ImportCommand,
): Promise<ImportSummary> {
  return withLongDatabase(config, async (workerDb) => {
    const progress = showProgress(`Looking through ${directory}`);
    try {
      const importer = createAiTraderImporter({
        ...foundation,
        workerDb,
        history: createHistoryBooking(foundation),
        equityHistory: createEquityHistory(),
      });
      return await importer.import(directory, {
        ownerUsername: owner,
        onProgress: ({ step, label, doneBytes, totalBytes }) => {
          progress.update({ done: doneBytes, total: totalBytes, label: `${STEPS[step]} ${label}` });
        },
      });
    } finally {
      progress.stop();
    }
  });
}
