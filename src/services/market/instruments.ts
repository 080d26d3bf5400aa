import type { Database } from '../platform/database.ts';
import type { AssetClass, MarketSource } from '../platform/prisma/enums.ts';
import type { Instrument, Prisma } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { UnknownSymbol } from './errors.ts';

export interface InstrumentFilter {
  /** Beginning of the symbol or of the name, in any case. */
  readonly search?: string;
  readonly assetClass?: AssetClass;
  readonly source?: MarketSource;
  readonly isTradable?: boolean;
}

export interface Instruments {
  /** By symbol, A to Z: an order that new instruments do not shift behind a reader's cursor. */
  list(
    viewer: Viewer,
    selection: Prisma.InstrumentFindManyArgs,
    filter?: InstrumentFilter,
  ): Promise<Instrument[]>;
  count(viewer: Viewer, filter?: InstrumentFilter): Promise<number>;
  /** Null when no instrument has the symbol. */
  bySymbol(
    viewer: Viewer,
    selection: Prisma.InstrumentDefaultArgs,
    symbol: string,
  ): Promise<Instrument | null>;
  /**
   * The instruments in the order of `symbols`; refuses with {@link UnknownSymbol} the first
   * unknown.
   */
  forSymbols(viewer: Viewer, symbols: readonly string[]): Promise<Instrument[]>;
}

/** Instruments are nobody's own: whether a viewer may read the market is decided in the graph. */
export function createInstruments({ db }: { db: Database }): Instruments {
  return {
    list: (viewer, selection, filter = {}) =>
      db.snapshot(viewer, (tx) =>
        tx.instrument.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, conditionsOf(filter)] },
          orderBy: { symbol: 'asc' },
        }),
      ),
    count: (viewer, filter = {}) =>
      db.snapshot(viewer, (tx) => tx.instrument.count({ where: conditionsOf(filter) })),
    bySymbol: (viewer, selection, symbol) =>
      db.snapshot(viewer, (tx) => tx.instrument.findUnique({ ...selection, where: { symbol } })),
    async forSymbols(viewer, symbols) {
      const found = await db.snapshot(viewer, (tx) =>
        tx.instrument.findMany({ where: { symbol: { in: [...symbols] } } }),
      );
      const known = new Map(found.map((instrument) => [instrument.symbol, instrument]));
      return symbols.map((symbol) => {
        const instrument = known.get(symbol);
        if (!instrument) throw new UnknownSymbol(symbol);
        return instrument;
      });
    },
  };
}

function conditionsOf(filter: InstrumentFilter): Prisma.InstrumentWhereInput {
  const { search, assetClass, source, isTradable } = filter;
  return {
    ...(search !== undefined && { OR: [{ symbol: prefix(search) }, { name: prefix(search) }] }),
    ...(assetClass && { assetClass }),
    ...(source && { source }),
    ...(isTradable !== undefined && { isTradable }),
  };
}

/**
 * Prisma hands `%`, `_` and `\` on to LIKE as they are, where they would match more than they say.
 */
function prefix(text: string): Prisma.StringFilter {
  return { startsWith: text.replaceAll(/[\\%_]/g, String.raw`\$&`), mode: 'insensitive' };
}
