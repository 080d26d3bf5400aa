import { describe, expect, test } from 'vitest';
import { createLastPrices } from '../../../src/services/market/last-prices.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createValuation } from '../../../src/services/portfolio/valuation.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const clock = createFixedClock('2026-03-02T15:00:00Z');
const floor = createTradingFloor(database, clock);
const quotes = createQuoteBook();
const lastPrices = createLastPrices({ db: database.server, quotes, clock });
const valuation = createValuation({ lastPrices, clock, quoteFreshnessMs: 15_000 });
const [quoted, barred, silent] = [
  await floor.addInstrument(),
  await floor.addInstrument(),
  await floor.addInstrument(),
];

const addBar = (interval: string, closeTime: string, close: number | null) =>
  database.query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     VALUES ($1, $2::bar_interval, $3::timestamptz - interval '1 minute',
       CASE WHEN $4::numeric IS NULL THEN $3::timestamptz - interval '1 minute' ELSE $3 END,
       $3, 1, CASE WHEN $4::numeric IS NULL THEN NULL ELSE 100 END,
       CASE WHEN $4::numeric IS NULL THEN NULL ELSE 1 END, $4,
       CASE WHEN $4::numeric IS NULL THEN NULL ELSE 5 END, 'IMPORTED')`,
    [barred.id, interval, closeTime, close],
  );
await addBar('DAY_1', '2026-03-01T21:00:00Z', 41);
await addBar('MINUTE_1', '2026-03-02T14:59:50Z', 42);
await addBar('HOUR_1', '2026-03-02T14:00:00Z', 40);
// Open, and closed later than now: neither is a price that is known.
await addBar('MINUTE_1', '2026-03-02T15:00:50Z', null);
await addBar('DAY_1', '2026-03-03T21:00:00Z', 99);

describe('the last price of an instrument', () => {
  test('is that of its quote, else the newest close of any of its bars, else none', async () => {
    quotes.put({
      ...{ instrumentId: quoted.id, symbol: quoted.symbol, source: 'SIMULATED' },
      ...{ bid: decimal(9), ask: decimal(11), last: decimal(10) },
      ...{ bidSize: decimal(1), askSize: decimal(1), time: clock.now() },
    });
    const prices = await lastPrices.of(anonymousViewer(), [quoted.id, barred.id, silent.id]);
    expect(prices.get(quoted.id)?.price.toFixed()).toBe('10');
    const { price, time, source } = prices.get(barred.id) ?? {};
    expect([price?.toFixed(), time?.toISOString(), source]).toEqual([
      '42',
      '2026-03-02T14:59:50.000Z',
      'IMPORTED',
    ]);
    expect(prices.has(silent.id)).toBe(false);
  });

  test('is stale when it is older than a quote that orders fill at', async () => {
    const isStale = async () =>
      (await valuation.marks(anonymousViewer(), [barred.id])).get(barred.id)?.isStale;
    // 10 s, then 16 s after the close.
    expect(await isStale()).toBe(false);
    clock.advance(6);
    expect(await isStale()).toBe(true);
  });
});

describe('figures', () => {
  test('are exact where a product is, and have 18 decimals where a quotient has more', () => {
    const position = { quantity: decimal('-3'), totalCost: decimal('-10') };
    const mark = {
      price: decimal('4'),
      time: clock.now(),
      source: 'SIMULATED',
      isStale: false,
    } as const;
    // −10 / −3, and −3 × 4 − −10 = −2
    expect(valuation.averageCost(position)?.toFixed()).toBe('3.333333333333333333');
    expect(valuation.unrealizedPnl(position, mark).toFixed()).toBe('-2');
    expect(valuation.averageCost({ quantity: decimal(0), totalCost: decimal(0) })).toBeNull();
  });

  test('of a trade and an order are net and average', () => {
    const trade = { realizedGross: decimal('15'), fee: decimal('0.25') };
    expect(valuation.realizedNet(trade).toFixed()).toBe('14.75');
    const order = { filledQuantity: decimal('4'), filledNotional: decimal('10') };
    expect(valuation.averageFillPrice(order)?.toFixed()).toBe('2.5');
    expect(
      valuation.averageFillPrice({ filledQuantity: decimal(0), filledNotional: decimal(0) }),
    ).toBeNull();
  });
});
