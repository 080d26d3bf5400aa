import { InvalidArgumentError, type Command } from 'commander';
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

  audit
    .command('verify')
    .description(
      'Check that the audit log is as it was written. Ends with 0 when it is, 1 when it is not, ' +
        'and 3 when no anchor tells whether its end was cut off.',
    )
    .option('--from <seal>', 'the first seal to check', parseSequence, 1n)
    .option('--json', 'print one JSON object')
    .action(({ from, json: isJson = false }: { from: bigint; json?: boolean }) =>
      asOperator(async (operator) => {
        const { printVerification } = await import('./audit-verify.ts');
        process.exitCode = await printVerification(operator, { from, isJson });
      }),
    );
}

function parseSequence(text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError('It is a number from 1.');
  return BigInt(text);
}
