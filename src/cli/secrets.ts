import type { Command } from 'commander';
import { asOperator } from './operator.ts';

/** `secrets …`: the keys that secrets at rest are sealed with. */
export function registerSecrets(program: Command): void {
  const secrets = program.command('secrets').description('Secrets at rest, and their keys.');

  secrets
    .command('rotate')
    .description(
      'Seal everything with the first of VAULT_KEYS that is under another one. Servers may run ' +
        'meanwhile, if they know that key. Ends with 0 when all is done, 1 when something does not ' +
        'open, and 3 when somebody still seals with an older key. Safe to stop and to run again.',
    )
    .action(() =>
      asOperator(async (operator) => {
        const { printRotation } = await import('./secrets-rotate.ts');
        process.exitCode = await printRotation(operator);
      }),
    );

  secrets
    .command('status')
    .description(
      'Count what is under which key, and try to open all of it. Ends with 0 when all is under the ' +
        'first of VAULT_KEYS, 1 when something does not open, and 3 when it is time to rotate.',
    )
    .action(() =>
      asOperator(async (operator) => {
        const { printSecretsStatus } = await import('./secrets-status.ts');
        process.exitCode = await printSecretsStatus(operator);
      }),
    );
}
