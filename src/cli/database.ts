import type { Command } from 'commander';
import { asOperator } from './operator.ts';

/** `db …`: the tables, and what is in them. */
export function registerDatabase(program: Command): void {
  const db = program.command('db').description('The database: its tables and their history.');

  db.command('status')
    .description('Which migrations are applied, and whether anything was changed past them.')
    .action(() =>
      asOperator(async (operator) => {
        const { printStatus } = await import('./database-status.ts');
        if (!(await printStatus(operator))) process.exitCode = 1;
      }),
    );

  db.command('migrate')
    .description('Apply what is pending, and set the passwords of the two roles.')
    .action(() =>
      asOperator(async (operator) => {
        const { migrateAsOperator } = await import('./database-migrate.ts');
        await migrateAsOperator(operator);
      }),
    );

  db.command('history')
    .description('When each migration was applied, and how long it took.')
    .action(() =>
      asOperator(async (operator) => {
        const { printHistory } = await import('./database-history.ts');
        await printHistory(operator);
      }),
    );

  db.command('seed')
    .description('Fill an empty database with the demo. Not for production.')
    .action(() =>
      asOperator(
        async (operator) => {
          const { seedAsOperator } = await import('./database-seed.ts');
          await seedAsOperator(operator);
        },
        { isForProduction: false },
      ),
    );

  db.command('reset')
    .description('Delete everything and start anew. Asks first; never in production.')
    .option('--yes', 'do not ask')
    .action((options: { yes?: boolean }) =>
      asOperator(
        async (operator) => {
          const { reset } = await import('./database-reset.ts');
          await reset(operator, { isConfirmed: options.yes ?? false });
        },
        { isForProduction: false },
      ),
    );

  db.command('new')
    .description('Write the next migration from what changed in prisma/schema.prisma.')
    .argument('<name>', 'what it is for, such as "add news"')
    .option('--empty', 'write one even if the schema has not changed')
    .action((name: string, options: { empty?: boolean }) =>
      asOperator(async (operator) => {
        const { newMigration } = await import('./database-new.ts');
        await newMigration(operator, { name, isEmptyAllowed: options.empty ?? false });
      }),
    );
}
