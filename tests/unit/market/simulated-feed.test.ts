import { describe, expect, test } from 'vitest';
import { createSimulatedFeed } from '../../../src/services/market/feeds/simulated.ts';
import type { Quote } from '../../../src/services/market/quote.ts';
import type { SimulatedInstrument } from '../../../src/services/market/simulated-instruments.ts';
import { Decimal, isMultipleOf } from '../../../src/services/platform/money.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { createManualTime } from '../../support/manual-time.ts';

const START = new Date('2026-01-05T12:00:00Z');
const TICK_MS = 500;

const stock: SimulatedInstrument = {
  id: '01900000-0000-7000-8000-000000000001',
  symbol: 'ACME.SIM',
  tickSize: new Decimal('0.01'),
  lotSize: new Decimal(1),
  spreadBps: 1.5,
  typicalSize: 200,
  process: {
    referencePrice: 184,
    dailyDrift: 0,
    dailyVolatility: 0.05,
    jumpsPerDay: 6,
    jumpVolatility: 0.006,
    pullHalfLifeDays: 20,
  },
};
const coin: SimulatedInstrument = {
  ...stock,
  id: '01900000-0000-7000-8000-000000000002',
  symbol: 'PEBL.SIM',
  tickSize: new Decimal('0.0001'),
  lotSize: new Decimal('0.1'),
  typicalSize: 30_000,
  process: { ...stock.process, referencePrice: 0.85, dailyVolatility: 0.11 },
};

function createFeed({ seed = 7, startPrices = new Map<string, Decimal>() } = {}) {
  const time = createManualTime(START);
  const quotes: Quote[] = [];
  const feed = createSimulatedFeed({
    instruments: [stock, coin],
    clock: time.clock,
    timers: time.timers,
    random: createRandom(seed),
    tickMs: TICK_MS,
    startPrices,
  });
  return { feed, quotes, time, onQuote: (quote: Quote) => void quotes.push(quote) };
}

async function run(ticks: number, options: Parameters<typeof createFeed>[0] = {}) {
  const { feed, quotes, time, onQuote } = createFeed(options);
  await feed.start(onQuote);
  time.advance(ticks * TICK_MS);
  await feed.stop();
  return quotes;
}

describe('the simulated feed', () => {
  test('gives the same quotes for the same seed, and others for another', async () => {
    const first = await run(200);
    expect(await run(200)).toEqual(first);
    expect(await run(200, { seed: 8 })).not.toEqual(first);
  });

  test('quotes every instrument at once, then once a tick, at the time of the clock', async () => {
    const quotes = await run(3);
    expect(quotes.map(({ symbol, time }) => [symbol, time.toISOString()])).toEqual([
      ['ACME.SIM', '2026-01-05T12:00:00.000Z'],
      ['PEBL.SIM', '2026-01-05T12:00:00.000Z'],
      ['ACME.SIM', '2026-01-05T12:00:00.500Z'],
      ['PEBL.SIM', '2026-01-05T12:00:00.500Z'],
      ['ACME.SIM', '2026-01-05T12:00:01.000Z'],
      ['PEBL.SIM', '2026-01-05T12:00:01.000Z'],
      ['ACME.SIM', '2026-01-05T12:00:01.500Z'],
      ['PEBL.SIM', '2026-01-05T12:00:01.500Z'],
    ]);
  });

  test('keeps the tick, the lot and an open spread, and says that it is simulated', async () => {
    for (const quote of await run(500)) {
      const { tickSize, lotSize } = quote.symbol === stock.symbol ? stock : coin;
      for (const price of [quote.bid, quote.ask, quote.last]) {
        expect(isMultipleOf(price, tickSize)).toBe(true);
        expect(price.greaterThan(0)).toBe(true);
      }
      for (const size of [quote.bidSize, quote.askSize]) {
        expect(isMultipleOf(size, lotSize)).toBe(true);
        expect(size.greaterThan(0)).toBe(true);
      }
      expect(isMultipleOf(quote.volume ?? new Decimal(0), lotSize)).toBe(true);
      expect(quote.bid.lessThan(quote.ask)).toBe(true);
      expect(quote.last.greaterThanOrEqualTo(quote.bid)).toBe(true);
      expect(quote.last.lessThanOrEqualTo(quote.ask)).toBe(true);
      expect(quote.source).toBe('SIMULATED');
    }
  });

  test('goes on from the prices that it is given', async () => {
    const [quote] = await run(1, { startPrices: new Map([[stock.id, new Decimal('250.00')]]) });
    // One tick is a 172,800th of a day: 5% / √172,800 = 0.012%, so that even ten times that is 0.30.
    expect(quote?.last.minus(250).abs().toNumber()).toBeLessThan(0.3);
  });

  test('gives no quote after it was stopped, even from within a tick', async () => {
    const { feed, quotes, time } = createFeed();
    await feed.start((quote) => {
      quotes.push(quote);
      void feed.stop();
    });
    time.advance(10 * TICK_MS);
    expect(quotes).toHaveLength(1);
    await feed.stop();
  });

  test('does not start twice', async () => {
    const { feed, onQuote } = createFeed();
    await feed.start(onQuote);
    await expect(feed.start(onQuote)).rejects.toThrow(/runs already/);
  });
});
