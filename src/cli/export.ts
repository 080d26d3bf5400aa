import { Option, type Command } from 'commander';
import { DATASETS, type DatasetName } from '../services/agents/export/datasets.ts';
import type { TableFormat } from '../services/platform/table-text.ts';
import { asOperator } from './operator.ts';

/** Whom the seed makes. */
const DEFAULT_OWNER = 'trader';

interface TableOptions {
  readonly format: TableFormat;
  readonly owner: string;
  readonly output?: string;
  readonly account?: string;
  readonly model?: string;
  readonly symbol?: string;
  readonly from?: string;
  readonly to?: string;
}

interface StatementOptions {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly output?: string;
}

/** `export …`: what is here, for use elsewhere. */
export function registerExport(program: Command): void {
  const group = program.command('export').description('Write what is here to files.');
  group
    .command('ai-trader')
    .description('Imported prices, news, trades and conversations, as they came in.')
    .argument('<directory>', 'a folder that is new or empty')
    .option('--owner <name>', 'user name of who owns the models', DEFAULT_OWNER)
    .action((directory: string, options: { owner: string }) =>
      asOperator(async (operator) => {
        const { exportAiTrader } = await import('./export-ai-trader.ts');
        await exportAiTrader(operator, { directory, ...options });
      }),
    );
  group
    .command('statement')
    .description('The statement of an account as CSV: each movement of its cash, with the balance.')
    .requiredOption('--account <id>', 'the account (UUID)')
    .requiredOption('--from <time>', 'from then on, such as 2026-01-01T00:00:00Z')
    .requiredOption('--to <time>', 'before then')
    .option('--output <file>', 'write it there and not to the screen')
    .action((options: StatementOptions) =>
      asOperator(async (operator) => {
        const { exportStatement } = await import('./export-statement.ts');
        await exportStatement(operator, options);
      }),
    );
  for (const [name, { description }] of Object.entries(DATASETS)) {
    group
      .command(name)
      .description(`A table of ${description}.`)
      .addOption(
        new Option('--format <format>', 'how it is written')
          .choices(['csv', 'ndjson'])
          .default('ndjson'),
      )
      .option('--output <file>', 'write it there and not to the screen')
      .option('--owner <name>', 'user name of whose rows', DEFAULT_OWNER)
      .option('--account <id>', 'only of this account (UUID)')
      .option('--model <id>', 'only of this model (UUID)')
      .option('--symbol <symbol>', 'only of this instrument')
      .option('--from <time>', 'only from then on, such as 2025-10-01T00:00:00Z')
      .option('--to <time>', 'only before then')
      .action((options: TableOptions) =>
        asOperator(async (operator) => {
          const { exportTable } = await import('./export-table.ts');
          await exportTable(operator, { name: name as DatasetName, ...options });
        }),
      );
  }
}
