import { describe, expect, test } from 'vitest';
import { createLastPrices } from '../../../src/services/market/last-prices.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import type { PageRequest } from '../../../src/services/platform/page.ts';
import type { Instrument } from '../../../src/services/platform/prisma/client.ts';
import type { OrderSide } from '../../../src/services/platform/prisma/enums.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import {
  createPositionsAsOf,
  type PastPositionFilter,
} from '../../../src/services/portfolio/positions-as-of.ts';
import { createValuation } from '../../../src/services/portfolio/valuation.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const time = createManualTime(new Date('2026-03-02T10:00:00Z'));
const floor = createTradingFloor(database, time.clock);
const quotes = createQuoteBook();
const db = database.server;
const positionsAsOf = createPositionsAsOf({ db, clock: time.clock });
const lastPrices = createLastPrices({ db, quotes, clock: time.clock });
const valuation = createValuation({ lastPrices, clock: time.clock, quoteFreshnessMs: 15_000 });
const [owner, stranger] = [await floor.addPerson(), await floor.addPerson()];
const [acme, bolt] = [
  await floor.addInstrument({ symbol: 'ACME.SIM' }),
  await floor.addInstrument({ symbol: 'BOLT.SIM' }),
];
const account = await floor.openAccount(owner, '1000');
const other = await floor.openAccount(owner, '1000');
const foreign = await floor.openAccount(stranger, '1000');

/** Hours and minutes of the day of the trades. */
const at = (clock: string) => new Date(`2026-03-02T${clock}:00Z`);
const trade = async (
  clock: string,
  [side, instrument, quantity, price]: [OrderSide, Instrument, number, number],
  into = account,
) => {
  time.advance(at(clock).getTime() - time.clock.now().getTime());
  const { position } = await database.worker.withViewer(systemViewer(), (tx) =>
    floor.booking.bookTrade(tx, {
      ...{ account: into, instrument, side, fee: decimal(0), source: 'PAPER' },
      ...{ quantity: decimal(quantity), price: decimal(price), executedAt: at(clock) },
    }),
  );
  return position.id;
};

// Of DOMAIN: buy 10 @ 10, buy 10 @ 20, sell 5 @ 18, sell 20 @ 12 (which crosses zero), buy 5 @ 11.
const long = await trade('11:00', ['BUY', acme, 10, 10]);
const held = await trade('11:30', ['BUY', bolt, 3, 4]);
await trade('12:00', ['BUY', acme, 10, 20]);
await trade('13:00', ['SELL', acme, 5, 18]);
const short = await trade('14:00', ['SELL', acme, 20, 12]);
await trade('15:00', ['BUY', acme, 5, 11]);
const elsewhere = await trade('15:30', ['BUY', acme, 1, 9], other);
await trade('15:45', ['BUY', acme, 7, 7], foreign);
// Opened and closed at one moment, and opened again.
await trade('16:00', ['BUY', acme, 2, 5]);
await trade('16:00', ['SELL', acme, 2, 6]);
const again = await trade('16:00', ['BUY', acme, 4, 5]);
time.advance(3_600_000);

const PAGE = { limit: 20, isBackward: false };
const read = async (clock: string, filter: Omit<PastPositionFilter, 'asOf'> = {}) => {
  const wanted = { accountId: account.id, ...filter, asOf: at(clock) };
  const rows = await positionsAsOf.list(owner, PAGE, wanted);
  expect(await positionsAsOf.count(owner, wanted)).toBe(rows.length);
  return rows;
};
/** `10 100 0 open`: quantity, cost, realized, and since when it is closed. */
const states = async (...ask: Parameters<typeof read>) =>
  Object.fromEntries(
    (await read(...ask)).map(({ id, quantity, totalCost, realizedPnl, closedAt }) => {
      const numbers = [quantity, totalCost, realizedPnl].map((number) => number.toFixed());
      return [id, [...numbers, closedAt?.toISOString().slice(11, 16) ?? 'open'].join(' ')];
    }),
  );

describe('positions as of a time', () => {
  test('stand as the newest trade by then left them', async () => {
    expect(await states('10:59')).toEqual({});
    expect(await states('11:00')).toEqual({ [long]: '10 100 0 open' });
    expect(await states('11:59')).toEqual({ [long]: '10 100 0 open', [held]: '3 12 0 open' });
    // Average 300 / 20 = 15: 5 sold at 18 realize 5 × 3 = 15, and 15 × 15 = 225 are left.
    expect(await states('13:30')).toEqual({ [long]: '15 225 15 open', [held]: '3 12 0 open' });
    // 15 sold at 12 realize 15 × −3 = −45, in all −30; 5 more are short at 12.
    expect(await states('14:00')).toEqual({
      ...{ [long]: '0 0 -30 14:00', [held]: '3 12 0 open', [short]: '-5 -60 0 open' },
    });
    // Bought back at 11: 60 − 55 = 5.
    expect(await states('15:00')).toEqual({
      ...{ [long]: '0 0 -30 14:00', [held]: '3 12 0 open', [short]: '0 0 5 15:00' },
    });
  });

  test('are told apart where one closes and another opens at the same moment', async () => {
    const [newest, closed, ...rest] = await read('16:00', { symbol: 'ACME.SIM' });
    expect(newest).toMatchObject({ id: again, closedAt: null });
    expect(newest?.quantity.toFixed()).toBe('4');
    expect(closed?.realizedPnl.toFixed()).toBe('2'); // 2 × (6 − 5)
    expect(closed?.closedAt).toEqual(at('16:00'));
    expect(rest.map(({ id }) => id)).toEqual([short, long]);
  });

  test('say when they last changed, by then, and as of when they are', async () => {
    const [bolted, position] = await read('13:30');
    expect(position).toMatchObject({ updatedAt: at('13:00'), asOf: at('13:30') });
    expect(bolted).toMatchObject({ updatedAt: at('11:30'), openedAt: at('11:30') });
  });

  test('are open or closed as they were then', async () => {
    expect(Object.keys(await states('13:30', { status: 'OPEN' })).sort()).toEqual(
      [long, held].sort(),
    );
    expect(await states('13:30', { status: 'CLOSED' })).toEqual({});
    expect(await states('14:30', { status: 'CLOSED' })).toEqual({ [long]: '0 0 -30 14:00' });
    expect(await states('14:30', { status: 'OPEN', symbol: 'BOLT.SIM' })).toEqual({
      [held]: '3 12 0 open',
    });
  });

  test('are never later than now', async () => {
    const [future] = await read('23:00');
    expect(future?.asOf).toEqual(time.clock.now());
    expect(await states('23:00')).toEqual(await states('17:00'));
  });

  test("are one's own, in all accounts when none is named", async () => {
    const ids = async (filter: Partial<PastPositionFilter>, viewer = owner) => {
      const wanted = { asOf: at('15:59'), ...filter };
      const rows = await positionsAsOf.list(viewer, PAGE, wanted);
      expect(await positionsAsOf.count(viewer, wanted)).toBe(rows.length);
      return rows.map(({ id }) => id);
    };
    expect(await ids({})).toEqual([elsewhere, short, held, long]);
    expect(await ids({ accountId: account.id }, stranger)).toEqual([]);
    expect(await ids({}, stranger)).toHaveLength(1);
  });

  test('are paged from both ends', async () => {
    const asOf = at('15:59');
    const all = await positionsAsOf.list(owner, PAGE, { asOf });
    const [first, second, third, last] = all;
    if (!first || !second || !third || !last) throw new Error('Four positions were opened.');
    const keyOf = ({ openedAt: value, id }: typeof first) => ({ value, id });
    const ids = async (page: Partial<PageRequest>) =>
      (await positionsAsOf.list(owner, { limit: 1, isBackward: false, ...page }, { asOf })).map(
        ({ id }) => id,
      );
    // One more than the page tells of what follows.
    expect(await ids({ after: keyOf(first) })).toEqual([second.id, third.id]);
    expect(await ids({ isBackward: true })).toEqual([third.id, last.id]);
    expect(await ids({ isBackward: true, before: keyOf(second) })).toEqual([first.id]);
  });
});

describe('the mark of a past time', () => {
  const addBar = (interval: string, openTime: Date, closeTime: Date, close: number) =>
    database.query(
      `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
         close, volume, source)
       VALUES ($1, $2::bar_interval, $3, $4, $4, $5, $5, $5, $5, 1, 'IMPORTED')`,
      [acme.id, interval, openTime, closeTime, close],
    );
  const day = (date: string, clock: string) => new Date(`${date}T${clock}:00Z`);

  test('is the last close known by then, of any bar, and no quote', async () => {
    await addBar('DAY_1', day('2026-02-26', '14:30'), day('2026-02-26', '21:00'), 20);
    await addBar('DAY_1', day('2026-02-27', '14:30'), day('2026-02-27', '21:00'), 21);
    await addBar('HOUR_1', day('2026-03-02', '11:00'), day('2026-03-02', '12:00'), 22);
    await addBar('MINUTE_1', day('2026-03-02', '12:29'), day('2026-03-02', '12:30'), 23);
    quotes.put({
      ...{ instrumentId: acme.id, symbol: acme.symbol, source: 'SIMULATED' },
      ...{ bid: decimal(98), ask: decimal(100), last: decimal(99), time: time.clock.now() },
      ...{ bidSize: decimal(1), askSize: decimal(1) },
    });
    const markAt = async (asOf?: Date) => {
      const mark = (await valuation.marks(owner, [acme.id], asOf)).get(acme.id);
      return mark && `${mark.price.toFixed()} ${mark.isStale ? 'stale' : 'fresh'}`;
    };
    expect(await markAt()).toBe('99 fresh');
    expect(await markAt(day('2026-02-26', '20:59'))).toBeUndefined();
    // Long ago, and fresh: the close of that very session; over the weekend too.
    expect(await markAt(day('2026-02-27', '21:00'))).toBe('21 fresh');
    expect(await markAt(day('2026-03-01', '12:00'))).toBe('21 fresh');
    expect(await markAt(at('11:59'))).toBe('21 fresh');
    expect(await markAt(at('12:00'))).toBe('22 fresh');
    expect(await markAt(at('12:31'))).toBe('23 fresh');
    // Ten minutes without a bar of a minute.
    expect(await markAt(at('12:41'))).toBe('23 stale');
    expect(await markAt(day('2026-03-02', '23:00'))).toBe('23 stale');
  });

  test('values what was held: quantity × price, less its cost', async () => {
    const position = (await read('12:30')).find(({ id }) => id === long);
    const mark = (await valuation.marks(owner, [acme.id], at('12:30'))).get(acme.id);
    if (!position || !mark) throw new Error('20 were held, and had a price.');
    // 20 × 23 = 460, of which 300 were paid.
    expect(valuation.marketValue(position, mark).toFixed()).toBe('460');
    expect(valuation.unrealizedPnl(position, mark).toFixed()).toBe('160');
  });
});
