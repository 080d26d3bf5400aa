import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { emptyDatabase } from '../services/platform/migrations/empty.ts';
import { migrateAsOperator } from './database-migrate.ts';
import { say, type Operator } from './operator.ts';

/** Deletes everything and applies the migrations anew. The next start seeds the demo again. */
export async function reset(
  operator: Operator,
  { isConfirmed }: { isConfirmed: boolean },
): Promise<void> {
  const { ownerUrl, source } = operator;
  const server = await source.claimServing();
  if (server !== undefined) {
    throw new OperatorError(
      `A server runs on this database (process ${String(server)}). Stop it first.`,
    );
  }
  const { hostname, port, pathname } = new URL(ownerUrl);
  const place = source.isEmbedded ? 'the embedded database' : `${hostname}:${port}${pathname}`;
  if (!isConfirmed && !(await isConfirmedByPerson(place))) {
    throw new OperatorError('Nothing was deleted.');
  }
  await emptyDatabase(ownerUrl);
  // The anchors of an audit log that is gone would accuse the next one of having been cut.
  await rm(operator.settings.audit.anchorFile, { force: true });
  say(`Everything in ${place} was deleted.`);
  await migrateAsOperator(operator);
}

async function isConfirmedByPerson(place: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new OperatorError(`This deletes everything in ${place}. Confirm it with --yes.`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`Delete everything in ${place}? Type "yes": `);
  prompt.close();
  return answer.trim() === 'yes';
}
