import { z } from 'zod';
import type { DatasetName } from '../services/agents/export/datasets.ts';
import { createTableExporter } from '../services/agents/export/table-exporter.ts';
import type { TableFormat } from '../services/platform/table-text.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { withFoundation } from './foundation.ts';
import { withLongDatabase } from './long-database.ts';
import type { Operator } from './operator.ts';
import { writeText } from './write-text.ts';

export interface TableCommand {
  readonly name: DatasetName;
  readonly format: TableFormat;
  readonly owner: string;
  readonly output?: string;
  readonly account?: string;
  readonly model?: string;
  readonly symbol?: string;
  readonly from?: string;
  readonly to?: string;
}

const timeOption = z.iso
  .datetime({ offset: true, error: 'A time such as 2025-10-01T00:00:00Z is expected.' })
  .transform((text) => new Date(text));
const idOption = z.uuid({ error: 'A UUID is expected.' });

const filterOptions = z
  .object({
    account: idOption.optional(),
    model: idOption.optional(),
    symbol: z.string().optional(),
    from: timeOption.optional(),
    to: timeOption.optional(),
  })
  .transform(({ account, model, symbol, from, to }) => ({
    ...(account !== undefined && { accountId: account }),
    ...(model !== undefined && { modelId: model }),
    ...(symbol !== undefined && { symbol }),
    ...(from && { from }),
    ...(to && { to }),
  }));

/** To a file, which has its name when it is whole, or to the screen. */
export async function exportTable(operator: Operator, command: TableCommand): Promise<void> {
  const { name, format, owner, output } = command;
  const parsed = filterOptions.safeParse(command);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OperatorError(`--${String(issue?.path[0])}: ${issue?.message ?? ''}`);
  }
  await withFoundation(operator, ({ config }) =>
    withLongDatabase(config, (workerDb) =>
      createTableExporter({ workerDb }).export(
        { name, format, ownerUsername: owner, filter: parsed.data },
        (text) => writeText(output, text),
      ),
    ),
  );
}
