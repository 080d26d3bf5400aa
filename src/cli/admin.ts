import type { Command } from 'commander';
import { asOperator, say } from './operator.ts';

/** `admin …`: who may change everyone else. */
export function registerAdmin(program: Command): void {
  program
    .command('admin')
    .description('People who may change everyone else.')
    .command('create')
    .description(
      'Make the first SUPER_ADMIN. The password is asked for, or comes from standard input; it is ' +
        'never an argument.',
    )
    .argument('<name>', 'their user name')
    .argument('<email>', 'their e-mail address')
    .option('--force', 'make one more, though there is one')
    .action((username: string, email: string, { force: isForced = false }: { force?: boolean }) =>
      asOperator(async (operator) => {
        const { withFoundation } = await import('./foundation.ts');
        const { createOperators } = await import('../app/people.ts');
        const { readPassword } = await import('./password.ts');
        const user = await withFoundation(operator, async ({ foundation, config }) => {
          const operators = createOperators({ ...foundation, config });
          if (!isForced) await operators.assertNoSuperAdmin();
          const { stdin: input, stderr: output } = process;
          const password = await readPassword({ input, output });
          return operators.createSuperAdmin({ username, email, password, isForced });
        });
        say(`${user.username} is ${user.status} with role ${user.role}.`);
      }),
    );
}
