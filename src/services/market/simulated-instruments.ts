import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal } from '../platform/money.ts';
import type { AssetClass } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { PriceProcess } from './feeds/price-process.ts';

/** An instrument that exists in the simulation alone, and how its price moves. */
export interface SimulatedInstrument {
  readonly id: string;
  readonly symbol: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly process: PriceProcess;
  readonly spreadBps: number;
  /** Typical quantity at the best price. */
  readonly typicalSize: number;
}

interface Listing extends Omit<SimulatedInstrument, 'id'> {
  readonly name: string;
  readonly assetClass: AssetClass;
  readonly zone: string;
  readonly feeBps: Decimal;
}

/** The symbols of the simulated market, none of which is listed anywhere. */
export const SIMULATED_SYMBOLS: readonly string[] = listings().map(({ symbol }) => symbol);

/**
 * Makes the simulated instruments that are not there yet and answers with all of them, ready for
 * the feed. Two processes may call it at once: the unique symbol decides whose row stays.
 */
export async function ensureSimulatedInstruments({
  workerDb,
  clock,
  ids,
}: {
  workerDb: Database;
  clock: Clock;
  ids: Ids;
}): Promise<SimulatedInstrument[]> {
  const listed = listings();
  const rows = listed.map(({ symbol, name, assetClass, zone, tickSize, lotSize, feeBps }) => ({
    id: ids.next(),
    symbol,
    name: `${name} (simulated)`,
    assetClass,
    currency: 'USD',
    zone,
    tickSize,
    lotSize,
    isTradable: true,
    source: 'SIMULATED' as const,
    feeBps,
    createdAt: clock.now(),
  }));
  const stored = await workerDb.withViewer(systemViewer(), async (tx) => {
    await tx.instrument.createMany({ data: rows, skipDuplicates: true });
    return tx.instrument.findMany({ where: { symbol: { in: [...SIMULATED_SYMBOLS] } } });
  });
  const storedBySymbol = new Map(stored.map((row) => [row.symbol, row]));
  return listed.map(({ symbol, process, spreadBps, typicalSize }) => {
    const row = storedBySymbol.get(symbol);
    if (row?.source !== 'SIMULATED') throw new Error(`${symbol} is not a simulated instrument.`);
    const tickSize = new Decimal(row.tickSize.toFixed());
    const lotSize = new Decimal(row.lotSize.toFixed());
    return { id: row.id, symbol, tickSize, lotSize, process, spreadBps, typicalSize };
  });
}

function listings(): Listing[] {
  return [
    stock('ACME', 'Acme Anvils', { price: 184, dailyVolatility: 0.05, jumpsPerDay: 6 }),
    stock('BORE', 'Borealis Wind Power', { price: 162, dailyVolatility: 0.06, jumpsPerDay: 8 }),
    stock('CIRR', 'Cirrus Airships', { price: 297, dailyVolatility: 0.06, jumpsPerDay: 8 }),
    stock('DELV', 'Delve Deep Mining', { price: 141, dailyVolatility: 0.07, jumpsPerDay: 10 }),
    stock('GLIM', 'Glimmer Optics', { price: 233, dailyVolatility: 0.06, jumpsPerDay: 8 }),
    stock('HALC', 'Halcyon Therapeutics', { price: 328, dailyVolatility: 0.07, jumpsPerDay: 12 }),
    stock('QUIL', 'Quill and Parchment Software', {
      price: 415,
      dailyVolatility: 0.05,
      jumpsPerDay: 6,
    }),
    {
      ...stock('MKT', 'Whole Market Index Fund', {
        price: 502,
        dailyVolatility: 0.03,
        jumpsPerDay: 2,
      }),
      assetClass: 'ETF',
      feeBps: new Decimal('0.25'),
      spreadBps: 0.3,
    },
    coin('EMBR', 'Ember', { price: 2_450, dailyVolatility: 0.09, tick: '0.01', lot: '0.0001' }),
    coin('PEBL', 'Pebble', { price: 0.85, dailyVolatility: 0.11, tick: '0.00001', lot: '0.1' }),
  ];
}

function stock(
  ticker: string,
  name: string,
  moves: { price: number; dailyVolatility: number; jumpsPerDay: number },
): Listing {
  return {
    symbol: `${ticker}.SIM`,
    name,
    assetClass: 'STOCK',
    zone: 'America/New_York',
    tickSize: new Decimal('0.01'),
    lotSize: new Decimal(1),
    feeBps: new Decimal('0.5'),
    spreadBps: 0.6,
    typicalSize: 40_000 / moves.price,
    process: processOf(moves.price, moves.dailyVolatility, moves.jumpsPerDay),
  };
}

function coin(
  ticker: string,
  name: string,
  moves: { price: number; dailyVolatility: number; tick: string; lot: string },
): Listing {
  return {
    symbol: `${ticker}.SIM`,
    name,
    assetClass: 'CRYPTO',
    zone: 'UTC',
    tickSize: new Decimal(moves.tick),
    lotSize: new Decimal(moves.lot),
    feeBps: new Decimal(1),
    spreadBps: 1,
    typicalSize: 25_000 / moves.price,
    process: processOf(moves.price, moves.dailyVolatility, 20),
  };
}

/**
 * Livelier than real markets, so that a person sees something happen, but of the same shape. The
 * pull halves a distance from the reference in 20 days; see {@link PriceProcess} for what that
 * bounds.
 */
function processOf(
  referencePrice: number,
  dailyVolatility: number,
  jumpsPerDay: number,
): PriceProcess {
  return {
    referencePrice,
    dailyDrift: 0,
    dailyVolatility,
    jumpsPerDay,
    jumpVolatility: dailyVolatility / 8,
    pullHalfLifeDays: 20,
  };
}
