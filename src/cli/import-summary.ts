import Table from 'cli-table3';
import type { Correction, Flag } from '../services/agents/import/findings.ts';
import type { ImportSummary, TraderSummary } from '../services/agents/import/summary.ts';
import { say } from './operator.ts';

const COLUMNS: readonly (readonly [
  head: string,
  valueOf: (trader: TraderSummary) => string | number,
])[] = [
  ['trader', nameOf],
  ['rows', ({ rows }) => rows],
  ['new', ({ rowsAdded }) => rowsAdded],
  ['trades', ({ trades }) => trades],
  ['corrections', ({ correctionCount }) => correctionCount],
  ['flags', ({ flagCount }) => flagCount],
  ['messages', ({ messages }) => messages],
  ['new', ({ messagesAdded }) => messagesAdded],
  ['positions', ({ positions }) => positions],
  ['', ({ currency }) => currency],
  ['cash', ({ cash }) => cash.toFixed(2)],
  ['equity', ({ equity }) => equity?.equity.toFixed(2) ?? '–'],
  ['realised', ({ equity }) => equity?.realized.toFixed(2) ?? '–'],
  ['unrealised', ({ equity }) => equity?.unrealized.toFixed(2) ?? '–'],
];

/** Of each trader, on the screen; the report has them all. */
const FINDINGS_SHOWN = 10;

/** Without what the importer puts before every name. */
function nameOf({ importKey }: TraderSummary): string {
  return importKey.replace(/^ai-trader:/, '');
}

/** Prints what an import found and added. What it prints reconciled, or the import had refused. */
export function printSummary(summary: ImportSummary, seconds: number): void {
  const { traders, changes, sizeBytes } = summary;
  if (traders.length > 0) printTraders(traders);
  for (const trader of traders) printFindings(trader);
  printMarket(summary);
  if (traders.length > 0) printProof(traders);
  const megabytes = sizeBytes / 1e6;
  say(
    `${String(changes)} changes in ${seconds.toFixed(1)} s ` +
      `(${megabytes.toFixed(1)} MB, ${(megabytes / seconds).toFixed(1)} MB/s).`,
  );
}

function printTraders(traders: readonly TraderSummary[]): void {
  const [first, ...others] = COLUMNS;
  const table = new Table({
    head: COLUMNS.map(([head]) => head),
    colAligns: [first, ...others].map((column) => (column === first ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const trader of traders) table.push(COLUMNS.map(([, valueOf]) => valueOf(trader)));
  say(table.toString());
}

function printFindings(trader: TraderSummary): void {
  const { corrections, correctionCount, flags, flagCount } = trader;
  const shown = [
    ...corrections.slice(0, FINDINGS_SHOWN).map(correctionLine),
    ...moreLine(correctionCount, 'corrections'),
    ...flags.slice(0, FINDINGS_SHOWN).map(flagLine),
    ...moreLine(flagCount, 'flags'),
  ];
  if (shown.length === 0) return;
  say(`${nameOf(trader)}:`);
  for (const line of shown) say(`  ${line}`);
}

function moreLine(count: number, what: string): string[] {
  const more = count - FINDINGS_SHOWN;
  return more > 0 ? [`… and ${String(more)} more ${what}; --report FILE has them.`] : [];
}

function correctionLine({ file, line, reason, quantities, cash }: Correction): string {
  const changes = [
    ...quantities.map(
      ({ symbol, ours, file: theirs }) => `${symbol} ${ours.toFixed()} → ${theirs.toFixed()}`,
    ),
    `cash ${cash.ours.toFixed()} → ${cash.file.toFixed()}`,
  ];
  return `${file}:${String(line)}: corrected: ${reason} ${changes.join(', ')}`;
}

function flagLine({ file, line, flag, symbol, price, low, high }: Flag): string {
  const priced = price ? ` ${symbol ?? ''} at ${price.toFixed()}` : '';
  const range = low && high ? `, its bar from ${low.toFixed()} to ${high.toFixed()}` : '';
  return `${file}:${String(line)}: ${flag}${priced}${range}`;
}

function printMarket({
  prices,
  news,
  ignoredFiles,
  otherEquityPointsChanged,
}: ImportSummary): void {
  say(
    `Prices: ${String(prices.symbols)} symbols (${String(prices.instrumentsAdded)} new), ` +
      `${String(prices.bars)} bars read, ${String(prices.barsAdded)} new.`,
  );
  if (prices.barsDiffering > 0) {
    say(`${String(prices.barsDiffering)} bars were stored before with other figures, and stay.`);
  }
  if (news.files > 0) {
    say(`News: ${String(news.articles)} articles read, ${String(news.articlesAdded)} new.`);
  }
  if (otherEquityPointsChanged > 0) {
    say(`${String(otherEquityPointsChanged)} points of equity of earlier traders changed.`);
  }
  for (const file of ignoredFiles) say(`${file}: not read: it is in no form of prices.`);
}

function printProof(traders: readonly TraderSummary[]): void {
  const corrections = traders.reduce((sum, { correctionCount }) => sum + correctionCount, 0);
  const rows =
    corrections === 0 ? 'Every row follows.' : `${String(corrections)} rows did not follow.`;
  say(`${rows} At the last row of each trader, cash as it is booked and all quantities are equal.`);
  const broken = traders.filter(({ equity }) => equity && !equity.identityHolds);
  say(
    broken.length === 0
      ? 'At the last close: equity = start + corrections + realised + unrealised, for every trader.'
      : `Equity is not start + corrections + realised + unrealised: ${broken.map(nameOf).join(', ')}.`,
  );
}
