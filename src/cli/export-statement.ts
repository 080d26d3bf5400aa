import { z } from 'zod';
import { createStatements } from '../services/portfolio/statements.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { systemViewer } from '../services/platform/viewer.ts';
import { withFoundation } from './foundation.ts';
import { withLongDatabase } from './long-database.ts';
import type { Operator } from './operator.ts';
import { writeText } from './write-text.ts';

export interface StatementCommand {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly output?: string;
}

const time = z.iso
  .datetime({ offset: true, error: 'A time such as 2026-01-01T00:00:00Z is expected.' })
  .transform((text) => new Date(text));
const options = z.object({
  account: z.uuid({ error: 'A UUID is expected.' }),
  from: time,
  to: time,
});

/** To a file, which has its name when it is whole, or to the screen. */
export async function exportStatement(
  operator: Operator,
  { output, ...given }: StatementCommand,
): Promise<void> {
  const parsed = options.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OperatorError(`--${String(issue?.path[0])}: ${issue?.message ?? ''}`);
  }
  const { account: accountId, ...times } = parsed.data;
  await withFoundation(operator, ({ config, foundation: { clock } }) =>
    withLongDatabase(config, async (workerDb) => {
      const isThere = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.account.count({ where: { id: accountId } }),
      );
      if (isThere === 0) throw new OperatorError(`--account: there is no account ${accountId}.`);
      const statements = createStatements({ db: workerDb, clock });
      await writeText(output, statements.csv(systemViewer(), { accountId, ...times }));
    }),
  );
}
