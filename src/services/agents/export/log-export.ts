import { importedRunId } from '../import/logs.ts';
import { Prisma, type TradingModel } from '../../platform/prisma/client.ts';
import { streamRows } from '../../platform/row-stream.ts';
import type { Tx } from '../../platform/database.ts';
import type { AgentLogKind } from '../../platform/prisma/enums.ts';
import { consecutive } from './consecutive.ts';
import type { ExportFile } from './export-folder.ts';
import { logLabels } from './record-names.ts';

interface LineRow {
  readonly run_id: string;
  readonly occurred_at: Date;
  readonly kind: AgentLogKind;
  readonly content: string;
}

export interface ExportedTrader {
  readonly model: TradingModel;
  readonly importKey: string;
  readonly accountId: string;
  readonly zone: string;
  /** Where its records lie, such as "agent_data/gpt-5". */
  readonly folder: string;
}

/** The conversations of a trader, one file a run, one message a line. */
export async function* logFiles(tx: Tx, trader: ExportedTrader): AsyncGenerator<ExportFile> {
  const rows = streamRows<LineRow>(
    tx,
    'exported_log',
    Prisma.sql`SELECT run_id, occurred_at, kind, content FROM agent_log
      WHERE model_id = ${trader.model.id}::uuid ORDER BY occurred_at, run_id, sequence`,
  );
  for await (const { first, all } of consecutive(rows, (a, b) => a.run_id === b.run_id)) {
    const path = `${trader.folder}/log/${labelOf(first, trader)}/log.jsonl`;
    yield { path, text: logText(trader.model, all) };
  }
}

/** The label that its run's id was made of. */
function labelOf({ run_id, occurred_at }: LineRow, { model, importKey, zone }: ExportedTrader) {
  const label = logLabels(occurred_at, zone).find(
    (candidate) => importedRunId(model.ownerId, importKey, candidate) === run_id,
  );
  if (label === undefined) throw new Error(`Run ${run_id} of ${model.name} was not imported.`);
  return label;
}

async function* logText(
  { modelName }: TradingModel,
  lines: AsyncIterable<LineRow>,
): AsyncGenerator<string> {
  for await (const { kind, content } of lines) {
    const message = { role: kind.toLowerCase(), content };
    yield `${JSON.stringify({ signature: modelName, new_messages: [message] })}\n`;
  }
}
