import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { DatasetName } from '../services/agents/export/datasets.ts';
import { saying } from '../services/agents/export/errors.ts';
import { createTableExporter } from '../services/agents/export/table-exporter.ts';
import type { TableFormat } from '../services/platform/table-text.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { withFoundation } from './foundation.ts';
import { withLongDatabase } from './long-database.ts';
import type { Operator } from './operator.ts';

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
        output === undefined ? writeToScreen : (text) => writeToFile(output, text),
      ),
    ),
  );
}

async function writeToFile(output: string, text: AsyncIterable<string>): Promise<void> {
  const file = resolve(output);
  // In a folder of a name that nobody had: what lies beside the file is not ours.
  const folder = await saying(dirname(file), () => mkdtemp(`${file}.partial-`));
  try {
    const partial = join(folder, 'table');
    await pipeline(Readable.from(text), createWriteStream(partial));
    await saying(file, () => rename(partial, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A reader that has seen enough (`… | head`) ends it quietly. */
async function writeToScreen(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}
