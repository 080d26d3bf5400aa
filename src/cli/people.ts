import { type Command, Option } from 'commander';
import { UserRole } from '../services/platform/prisma/enums.ts';
import { asOperator, say } from './operator.ts';

/** `user …` and `token`: what operators do to people. */
export function registerPeople(program: Command): void {
  program
    .command('user')
    .description('People who may log in.')
    .command('activate')
    .description('Let a person in, and give them a role.')
    .argument('<name>', 'their user name')
    .addOption(new Option('--role <role>', 'the role they get').choices(Object.values(UserRole)))
    .action((name: string, { role }: { role?: UserRole }) =>
      asOperator(async (operator) => {
        const { withFoundation } = await import('./foundation.ts');
        const { createOperators } = await import('../app/people.ts');
        const user = await withFoundation(operator, ({ foundation, config }) =>
          createOperators({ ...foundation, config }).activate(name, role),
        );
        say(`${user.username} is ${user.status} with role ${user.role}.`);
      }),
    );

  program
    .command('token')
    .description('Print an access token of a person, for GraphiQL. Development only.')
    .argument('<name>', 'their user name')
    .action((name: string) =>
      asOperator(
        async (operator) => {
          const { printToken } = await import('./token.ts');
          await printToken(operator, name);
        },
        { isForProduction: false },
      ),
    );
}
