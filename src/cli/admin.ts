import type { Command } from 'commander';
import { asOperator, say } from './operator.ts';
import { registerSecondFactor } from './second-factor.ts';

/** `admin …`: who may change everyone else. */
export function registerAdmin(program: Command): void {
  const admin = program.command('admin').description('People who may change everyone else.');
  registerAllowList(admin);
  registerSecondFactor(admin);
  admin
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

/** `admin allow-list`: who enters without an administrator. */
function registerAllowList(admin: Command): void {
  admin
    .command('allow-list')
    .description(
      'Approve the addresses of a file, one a line. With SIGN_UP_POLICY=allow-list they enter as soon ' +
        'as they are confirmed.',
    )
    .argument('<file>', 'a text file')
    .action((file: string) =>
      asOperator(async (operator) => {
        const { addAllowList } = await import('./allow-list.ts');
        await addAllowList(operator, file);
      }),
    );
}
