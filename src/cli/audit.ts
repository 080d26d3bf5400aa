import type { Command } from 'commander';
import { asOperator } from './operator.ts';

/** `audit …`: whether what is stored adds up. */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('Whether what is stored adds up.');

  audit
    .command('ledger')
    .description('Check every rule of cash, positions, trades and orders over the whole database.')
    .action(() =>
      asOperator(async (operator) => {
        const { printLedgerAudit } = await import('./audit-ledger.ts');
        if (!(await printLedgerAudit(operator))) process.exitCode = 1;
      }),
    );
}
