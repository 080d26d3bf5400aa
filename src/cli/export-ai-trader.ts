import { createAiTraderExporter } from '../services/agents/export/ai-trader-exporter.ts';
import { withFoundation } from './foundation.ts';
import { withLongDatabase } from './long-database.ts';
import { say, type Operator } from './operator.ts';

export async function exportAiTrader(
  operator: Operator,
  { directory, owner }: { readonly directory: string; readonly owner: string },
): Promise<void> {
  await withFoundation(operator, async ({ config }) => {
    const { traders, files } = await withLongDatabase(config, (workerDb) =>
      createAiTraderExporter({ workerDb }).export(directory, { ownerUsername: owner }),
    );
    say(`Wrote ${String(traders)} traders and the prices: ${String(files)} files in ${directory}.`);
  });
}
