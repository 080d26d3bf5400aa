import { expect, test } from 'vitest';
import { createMomentumTrader } from '../../../src/services/agents/momentum-trader.ts';
import type { BriefedPosition } from '../../../src/services/agents/trader.ts';
import { createSimulatedFeed } from '../../../src/services/market/feeds/simulated.ts';
import { createQuoteBook, HISTORY_MAX } from '../../../src/services/market/quote-book.ts';
import { ensureSimulatedInstruments } from '../../../src/services/market/simulated-instruments.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import { createRandom, randomBytes } from '../../../src/services/platform/random.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';

const database = await createTestDatabase();
const START = new Date('2026-01-05T12:00:00Z');
const TICK_MS = 500;
const INTERVAL_SECONDS = 5;
const MINUTES = 20;

const listed = await ensureSimulatedInstruments({
  workerDb: database.worker,
  clock: { now: () => START },
  ids: createIds({ now: () => START }, randomBytes),
});

/** Seconds from the start of the market to each order, each of which fills at once. */
async function secondsOfOrders(seed: number, universe: number): Promise<number[]> {
  const { clock, timers, advance } = createManualTime(START);
  const quotes = createQuoteBook();
  const random = createRandom(seed);
  const startPrices = new Map<string, Decimal>();
  const instruments = listed;
  const feed = createSimulatedFeed({
    instruments,
    clock,
    timers,
    random,
    tickMs: TICK_MS,
    startPrices,
  });
  await feed.start(quotes.put);
  const trader = createMomentumTrader();
  const cash = new Decimal(100_000);
  let positions: BriefedPosition[] = [];
  const seconds: number[] = [];
  for (let second = 0; second < MINUTES * 60; second += INTERVAL_SECONDS) {
    advance(INTERVAL_SECONDS * 1_000);
    const markets = listed.slice(0, universe).map(({ id, symbol, tickSize, lotSize }) => ({
      symbol,
      tickSize,
      lotSize,
      isTradable: true,
      feeBps: new Decimal(1),
      recentBars: [],
      quote: quotes.latest(id),
      recentQuotes: quotes.recent(id, HISTORY_MAX),
    }));
    const { decisions } = await trader.decide(
      {
        asOf: clock.now(),
        account: { currency: 'USD', cash, buyingPower: cash },
        positions,
        markets,
        limits: { ordersMax: 10, positionShareMax: new Decimal(1) },
      },
      new AbortController().signal,
    );
    for (const { action, symbol, quantity } of decisions) {
      seconds.push(second + INTERVAL_SECONDS);
      positions = positions.filter((position) => position.symbol !== symbol);
      if (action === 'BUY') positions.push({ symbol, quantity, averageCost: new Decimal(1) });
    }
  }
  await feed.stop();
  return seconds;
}

test.each([
  [1, 3],
  [2, 5],
  [20_261_121, 10],
])(
  'with seed %s and %s markets a trade comes within 30 s, and then every 10 to 30 s',
  async (seed, universe) => {
    const seconds = await secondsOfOrders(seed, universe);
    expect(seconds[0]).toBeLessThanOrEqual(30);
    const everySeconds = (MINUTES * 60) / seconds.length;
    expect(everySeconds).toBeGreaterThan(10);
    expect(everySeconds).toBeLessThan(30);
  },
);
