import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import {
  findImportedInstruments,
  type ImportedInstrument,
} from '../../market/import/imported-instruments.ts';
import type { Decimal } from '../../platform/money.ts';
import type { Tx } from '../../platform/database.ts';
import { findPrices, type MarketPrice, type MarketPrices } from './bar-prices.ts';
import type { PositionStep } from './position-steps.ts';
import type { RowEntry } from './row-entry.ts';

/** Instruments and prices of what rows trade, a statement for each list of rows. */
export function createRowMarket(tx: Tx, file: string) {
  const instruments = new Map<string, ImportedInstrument>();
  /** Prices that the account traded at last, for what the market has no price of. */
  const tradedAt = new Map<string, Decimal>();
  let prices: MarketPrices | undefined;

  const instrumentOf = (symbol: string, place: FilePlace): ImportedInstrument => {
    const instrument = instruments.get(symbol);
    if (instrument) return instrument;
    throw new ImportError(
      place,
      `${symbol} is traded here, and there are no prices of it, neither in this import nor from an ` +
        'earlier one. Point at a folder that holds its price file as well.',
    );
  };

  return {
    instrumentOf,
    /** Looks up all that these rows need. Throws ImportError for a symbol without prices. */
    async load(steps: readonly PositionStep[]): Promise<void> {
      const needed = steps.flatMap((step) => symbolsOf(step).map((symbol) => ({ step, symbol })));
      const unknown = new Set(needed.map(({ symbol }) => symbol));
      for (const symbol of instruments.keys()) unknown.delete(symbol);
      if (unknown.size > 0) {
        const found = await findImportedInstruments(tx, [...unknown]);
        for (const [symbol, instrument] of found) instruments.set(symbol, instrument);
      }
      const queries = needed.map(({ step: { line, session }, symbol }) => {
        const { id: instrumentId } = instrumentOf(symbol, { file, line });
        return { instrumentId, session };
      });
      prices = await findPrices(tx, queries);
    },
    remember({ corrections, trade }: RowEntry): void {
      for (const { symbol, price } of corrections) tradedAt.set(symbol, price);
      if (trade) tradedAt.set(trade.symbol, trade.price);
    },
    priceAt(symbol: string, { session }: PositionStep, place: FilePlace): MarketPrice {
      const { id: instrumentId } = instrumentOf(symbol, place);
      const found = prices?.({ instrumentId, session });
      return { bar: found?.bar, price: found?.price ?? tradedAt.get(symbol) };
    },
  };
}

export type RowMarket = ReturnType<typeof createRowMarket>;

function symbolsOf({ kind, action, gap }: PositionStep): string[] {
  const symbols = (gap?.quantities ?? []).map(({ symbol }) => symbol);
  if (kind === 'TRADE' && action && action.kind !== 'NO_TRADE') symbols.push(action.symbol);
  return symbols;
}
