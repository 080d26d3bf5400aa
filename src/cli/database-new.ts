import path from 'node:path';
import { systemClock } from '../services/platform/clock.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { writeNextMigration } from '../services/platform/migrations/next-migration.ts';
import { PROJECT_ROOT } from '../services/platform/project-root.ts';
import { say, type Operator } from './operator.ts';

export async function newMigration(
  { ownerUrl }: Operator,
  { name, isEmptyAllowed }: { name: string; isEmptyAllowed: boolean },
): Promise<void> {
  const folder = await writeNextMigration({
    databaseUrl: ownerUrl,
    prismaFolder: path.join(PROJECT_ROOT, 'prisma'),
    name,
    clock: systemClock,
    isEmptyAllowed,
  });
  if (folder === undefined) {
    throw new OperatorError(
      'prisma/schema.prisma has not changed since the newest migration. For SQL by hand: --empty',
    );
  }
  say(`Wrote ${path.relative(PROJECT_ROOT, folder)}/migration.sql. Read it, then: npm run migrate`);
}
