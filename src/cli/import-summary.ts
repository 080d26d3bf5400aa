import Table from 'cli-table3';
import type { ImportSummary, TraderSummary } from '../services/agents/import/summary.ts';
import { say } from './operator.ts';

const COLUMNS: readonly (readonly [
  head: string,
  valueOf: (trader: TraderSummary) => string | number,
])[] = [
  ['trader', ({ name }) => name],
  ['rows', ({ rows }) => rows],
  ['trades', ({ trades }) => trades],
  ['new', ({ tradesAdded }) => tradesAdded],
  ['at open', ({ tradesAtOpen }) => tradesAtOpen],
  ['no trade', ({ noTrades }) => noTrades],
  ['of 0', ({ zeroTrades }) => zeroTrades],
  ['messages', ({ messages }) => messages],
  ['new', ({ messagesAdded }) => messagesAdded],
  ['positions', ({ positions }) => positions],
  ['cash', ({ cash }) => cash.toFixed(2)],
];

/** Prints what an import found and added. What it prints reconciled, or the import had refused. */
export function printSummary({ prices, traders, changes }: ImportSummary, seconds: number): void {
  const [first, ...others] = COLUMNS;
  const table = new Table({
    head: COLUMNS.map(([head]) => head),
    colAligns: [first, ...others].map((column) => (column === first ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const trader of traders) table.push(COLUMNS.map(([, valueOf]) => valueOf(trader)));
  say(table.toString());
  say(
    `Prices: ${String(prices.symbols)} symbols (${String(prices.instrumentsAdded)} new), ` +
      `${String(prices.bars)} bars read, ${String(prices.barsAdded)} new.`,
  );
  if (prices.barsDiffering > 0) {
    say(`${String(prices.barsDiffering)} bars were stored before with other figures, and stay.`);
  }
  say(
    `Every row reconciles: cash to the cent, quantities exactly. ` +
      `${String(changes)} changes in ${seconds.toFixed(1)} s.`,
  );
}
