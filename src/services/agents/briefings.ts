import type { Bars } from '../market/bars.ts';
import { HISTORY_MAX, type QuoteBook } from '../market/quote-book.ts';
import type { Database } from '../platform/database.ts';
import { Decimal } from '../platform/money.ts';
import type { Account, Instrument, TradingModel } from '../platform/prisma/client.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { freshQuote } from '../trading/quote-source.ts';
import type { BriefedMarket, BriefedPosition, Briefing, TradingLimits } from './trader.ts';

export interface BriefingsPorts {
  /** The server's: a briefing holds what the model's owner may see. */
  readonly db: Database;
  readonly quotes: Pick<QuoteBook, 'latest' | 'recent'>;
  readonly bars: Pick<Bars, 'list'>;
  readonly quoteFreshnessMs: number;
  readonly limits: TradingLimits;
}

export interface BriefingRequest {
  /** The model's owner, in a viewer of its own. */
  readonly viewer: AuthenticatedViewer;
  readonly model: Pick<TradingModel, 'universe'>;
  readonly account: Pick<Account, 'id'>;
  /** The run's clock. */
  readonly asOf: Date;
}

/** Bars of each market: half an hour of minutes. */
const BARS_MAX = 30;

/**
 * The data gateway of runs, and the only way for market data into one. Every quote and bar is
 * clamped to the run's clock here, whatever a trader asks for: what lies after it does not exist.
 */
export function createBriefings({ db, quotes, bars, quoteFreshnessMs, limits }: BriefingsPorts) {
  const briefMarket = async (
    { viewer, asOf }: BriefingRequest,
    instrument: Instrument,
  ): Promise<BriefedMarket> => {
    const known = ({ time }: { readonly time: Date }) => time <= asOf;
    const { id: instrumentId, symbol, isTradable, tickSize, lotSize, feeBps } = instrument;
    const recentQuotes = quotes.recent(instrumentId, HISTORY_MAX).filter(known);
    const clamped = { latest: () => recentQuotes.at(-1) };
    const recent = { instrumentId, interval: 'MINUTE_1', asOf, limit: BARS_MAX } as const;
    return {
      ...{ symbol, isTradable },
      tickSize: new Decimal(tickSize),
      lotSize: new Decimal(lotSize),
      feeBps: new Decimal(feeBps),
      quote: freshQuote(clamped, instrumentId, { now: asOf, freshnessMs: quoteFreshnessMs }),
      recentQuotes,
      recentBars: await bars.list(viewer, recent),
    };
  };

  const read = async (request: BriefingRequest): Promise<Briefing> => {
    const { viewer, model, account: key, asOf } = request;
    const { account, positions, instruments } = await db.snapshot(viewer, async (tx) => ({
      account: await tx.account.findUniqueOrThrow({ where: { id: key.id } }),
      positions: await tx.position.findMany({
        where: { accountId: key.id, closedAt: null },
        include: { instrument: { select: { symbol: true } } },
        orderBy: { openedAt: 'asc' },
      }),
      instruments: await tx.instrument.findMany({ where: { symbol: { in: model.universe } } }),
    }));
    const bySymbol = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
    const markets: BriefedMarket[] = [];
    for (const symbol of model.universe) {
      const instrument = bySymbol.get(symbol);
      if (instrument) markets.push(await briefMarket(request, instrument));
    }
    return {
      asOf,
      account: {
        currency: account.currency,
        cash: new Decimal(account.cash),
        buyingPower: buyingPowerOf(account),
      },
      positions: positions.map(briefPosition),
      markets,
      limits,
    };
  };

  return {
    /** All of it is read in one snapshot, so that cash and positions fit each other. */
    async make(request: BriefingRequest): Promise<Briefing> {
      db.beginSnapshot(request.viewer);
      try {
        return await read(request);
      } finally {
        await db.endSnapshot(request.viewer);
      }
    },
  };
}

export type Briefings = ReturnType<typeof createBriefings>;

function briefPosition(position: {
  quantity: Decimal;
  totalCost: Decimal;
  instrument: { symbol: string };
}): BriefedPosition {
  const quantity = new Decimal(position.quantity);
  return {
    symbol: position.instrument.symbol,
    quantity,
    averageCost: new Decimal(position.totalCost).dividedBy(quantity),
  };
}
