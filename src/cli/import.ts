import type { Command } from 'commander';
import { asOperator } from './operator.ts';

/** Whom the seed makes. */
const DEFAULT_OWNER = 'trader';

/** `import …`: records that were made elsewhere. */
export function registerImport(program: Command): void {
  program
    .command('import')
    .description('Bring in records that were made elsewhere.')
    .command('ai-trader')
    .description('Prices, news, trades and conversations of AI-Trader. Again, it adds what is new.')
    .argument('<directory>', 'a snapshot of the records, or a part of it')
    .option('--owner <name>', 'user name of who will own the models', DEFAULT_OWNER)
    .option('--report <file>', 'write the summary there as JSON, with all corrections and flags')
    .action((directory: string, options: { owner: string; report?: string }) =>
      asOperator(async (operator) => {
        const { importAiTrader } = await import('./import-ai-trader.ts');
        await importAiTrader(operator, { directory, ...options });
      }),
    );
}
