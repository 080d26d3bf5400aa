import Table from 'cli-table3';
import { readHistory } from '../services/platform/migrations/history.ts';
import { say, type Operator } from './operator.ts';

export async function printHistory({ ownerUrl }: Operator): Promise<void> {
  const applied = await readHistory(ownerUrl);
  if (applied.length === 0) {
    say('No migration was applied yet.');
    return;
  }
  const table = new Table({ head: ['migration', 'applied at', 'took', ''], style: { head: [] } });
  for (const { name, startedAt, finishedAt, isRolledBack } of applied) {
    table.push([
      name,
      startedAt.toISOString(),
      finishedAt ? `${String(finishedAt.getTime() - startedAt.getTime())} ms` : '',
      isRolledBack ? 'rolled back' : finishedAt ? '' : 'not finished',
    ]);
  }
  say(table.toString());
}
