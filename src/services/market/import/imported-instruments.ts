import type { Clock } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import { toText } from '../../platform/money.ts';
import { ImportError, type FilePlace } from './errors.ts';
import type { Exchange } from './exchange.ts';

/** What the booking of a trade needs of its instrument. */
export interface ImportedInstrument {
  readonly id: string;
  readonly symbol: string;
  readonly currency: string;
}

/**
 * The imported instruments of these symbols, from this import or an earlier one; others are left
 * out.
 */
export async function findImportedInstruments(
  tx: Tx,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, ImportedInstrument>> {
  const rows = await tx.instrument.findMany({
    where: { symbol: { in: [...symbols] }, source: 'IMPORTED' },
    select: { id: true, symbol: true, currency: true },
  });
  return new Map(rows.map((row) => [row.symbol, row]));
}

/** An instrument as the files show it. */
export interface GivenInstrument {
  readonly symbol: string;
  readonly name: string | undefined;
  readonly exchange: Exchange;
  readonly place: FilePlace;
}

export interface InstrumentsWritten {
  readonly ids: ReadonlyMap<string, string>;
  readonly added: number;
  /** Those that had no name but their symbol, and have one now. */
  readonly named: number;
}

/**
 * Makes the instruments that are not there yet. Throws ImportError when one of them has prices of
 * another source: two histories under one symbol would be taken for one.
 */
export async function writeInstruments(
  tx: Tx,
  given: readonly GivenInstrument[],
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<InstrumentsWritten> {
  const symbols = given.map(({ symbol }) => symbol);
  const names = given.map(({ name }) => name ?? null);
  const added = await tx.$executeRaw`
    INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
      calendar, is_tradable, source, fee_bps, created_at)
    SELECT id, symbol, coalesce(name, symbol), asset_class::asset_class, currency, zone, tick_size,
      lot_size, calendar::market_calendar, false, 'IMPORTED', 0, ${clock.now()}
    FROM unnest(${given.map(() => ids.next())}::text[]::uuid[], ${symbols}::text[], ${names}::text[],
      ${given.map(({ symbol, exchange }) => exchange.assetClassOf(symbol))}::text[],
      ${given.map(({ exchange }) => exchange.currency)}::text[],
      ${given.map(({ exchange }) => exchange.zone)}::text[],
      ${given.map(({ exchange }) => exchange.calendar)}::text[],
      ${given.map(({ exchange }) => toText(exchange.tickSize))}::text[]::numeric[],
      ${given.map(({ exchange }) => toText(exchange.lotSize))}::text[]::numeric[])
      AS given (id, symbol, name, asset_class, currency, zone, calendar, tick_size, lot_size)
    ON CONFLICT (symbol) DO NOTHING`;
  const found = await findImportedInstruments(tx, symbols);
  const foreign = given.find(({ symbol }) => !found.has(symbol));
  if (foreign) {
    const { place, symbol } = foreign;
    throw new ImportError(place, `${symbol} is an instrument with live prices here.`);
  }
  const named = await tx.$executeRaw`
    UPDATE instruments i SET name = given.name
    FROM unnest(${symbols}::text[], ${names}::text[]) AS given (symbol, name)
    WHERE i.symbol = given.symbol AND i.name = i.symbol AND given.name <> i.name`;
  return { ids: new Map([...found].map(([symbol, { id }]) => [symbol, id])), added, named };
}
