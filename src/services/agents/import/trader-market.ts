import { readLines } from '../../market/import/lines.ts';
import { EXCHANGES, exchangeOfSymbol, type Exchange } from '../../market/import/exchange.ts';
import { parseNumberTexts } from './number-texts.ts';
import { recordOf, type RowRecord } from './row-fields.ts';
import type { TraderFolder } from './trader-folders.ts';

/** What a trader trades, and how often; as its files tell. */
export interface TraderMarket {
  readonly exchange: Exchange;
  readonly interval: 'DAY_1' | 'HOUR_1';
  /** What the first row names, as it is spelled there. */
  readonly spellings: readonly string[];
  /** Of the first row. */
  readonly line: number;
}

const DAY_LABEL_CHARACTERS = 10;

/**
 * Reads as many rows of a trader's positions as it takes to meet a symbol, which is one as a rule:
 * its market is the trader's. The date of the first row tells the interval. Throws ImportError for
 * a row that is none. Undefined for an empty file; US stocks for one that names no symbol at all.
 */
export async function findTraderMarket({
  positionFile: file,
  group,
}: TraderFolder): Promise<TraderMarket | undefined> {
  let first: Omit<TraderMarket, 'exchange'> | undefined;
  for await (const { number: line, text } of readLines(file)) {
    const place = { file, line };
    const record = recordOf(parseNumberTexts(text, place), place);
    const symbols = symbolsOf(record);
    const interval = String(record.date).length > DAY_LABEL_CHARACTERS ? 'HOUR_1' : 'DAY_1';
    first ??= { interval, spellings: symbols, line };
    const exchange = exchangeOf(record, { symbols, group });
    if (exchange) return { ...first, exchange };
  }
  return first && { ...first, exchange: EXCHANGES.US };
}

const symbolsOf = ({ positions }: RowRecord): readonly string[] =>
  Object.keys(positions).filter((key) => key !== 'CASH');

/**
 * Coins may be written without what they are priced in; their folder or an action tells them then.
 */
function exchangeOf(
  { action }: RowRecord,
  { symbols, group }: { readonly symbols: readonly string[]; readonly group: string },
): Exchange | undefined {
  const { action: kind = '', symbol: traded } = (action ?? {}) as Readonly<Record<string, unknown>>;
  if (/crypto/i.test(group) || String(kind).endsWith('_crypto')) return EXCHANGES.CRYPTO;
  const symbol = symbols[0] ?? traded;
  return typeof symbol === 'string' && symbol !== '' ? exchangeOfSymbol(symbol) : undefined;
}
