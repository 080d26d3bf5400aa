import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { canonicalSymbol, exchangeOfSymbol, type Exchange } from '../../market/import/exchange.ts';

const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,19}$/;

const MARKETS = {
  US: 'US stocks',
  CHINA_A: 'A-shares',
  CRYPTO: 'crypto',
} as const satisfies Record<Exchange['name'], string>;

/** The symbols of one trader's files: one spelling of each, and all of one market. */
export interface SymbolNames {
  /** True once two spellings of one symbol were met. */
  readonly areSpelledTwice: boolean;
  /** Throws ImportError for what is no symbol, or belongs to another market than the first one. */
  symbolOf(spelling: string, place: FilePlace): string;
}

/** `exchange`: of the trader, whose account has one currency. */
export function createSymbolNames(exchange: Exchange): SymbolNames {
  const known = new Map<string, string>();
  const symbols = new Set<string>();
  return {
    get areSpelledTwice() {
      return symbols.size < known.size;
    },
    symbolOf(spelling, place) {
      const met = known.get(spelling);
      if (met !== undefined) return met;
      const symbol = readSymbol(spelling, place, { isCrypto: exchange.name === 'CRYPTO' });
      const { name } = exchangeOfSymbol(symbol);
      if (name !== exchange.name) {
        throw new ImportError(
          place,
          `${symbol} is of another market (${MARKETS[name]}) than what the trader began with ` +
            `(${MARKETS[exchange.name]}); an account has one currency.`,
        );
      }
      known.set(spelling, symbol);
      symbols.add(symbol);
      return symbol;
    },
  };
}

function readSymbol(spelling: string, place: FilePlace, hint: { readonly isCrypto: boolean }) {
  if (!SYMBOL.test(spelling)) {
    throw new ImportError(place, `"${spelling.slice(0, 40)}" is not a symbol.`);
  }
  return canonicalSymbol(spelling, hint);
}
