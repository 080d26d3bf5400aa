import { beforeEach, describe, expect, test } from 'vitest';
import { createLastPrices } from '../../../src/services/market/last-prices.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { createEquityRecorder } from '../../../src/services/portfolio/equity-recorder.ts';
import { systemViewer, type AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createRecordedMarket } from '../../support/recorded-market.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
await database.query(`SET timezone = 'UTC'`);
const logger = createSilentLogger();

/** Five seconds past nine; accounts opened at half past eight. */
const open = () => {
  const time = createManualTime(new Date('2026-03-02T09:00:05Z'));
  const market = createRecordedMarket(database, time.clock);
  const quotes = createQuoteBook();
  const recorderOf = () =>
    createEquityRecorder({
      ...time,
      workerDb: database.worker,
      lastPrices: createLastPrices({ db: database.worker, quotes, clock: time.clock }),
      logger,
      intervalMs: 60_000,
    });
  const quote = ({ id, symbol }: Instrument, last: number) =>
    quotes.put({
      ...{ instrumentId: id, symbol, time: time.clock.now(), source: 'SIMULATED' },
      ...{ bid: decimal(last), ask: decimal(last), last: decimal(last) },
      ...{ bidSize: decimal(1), askSize: decimal(1) },
    });
  return { ...market, time, quote, recorderOf, recorder: recorderOf() };
};

let house: ReturnType<typeof open>;
let owner: AuthenticatedViewer;
let acme: Instrument;
let account: Account;
beforeEach(async () => {
  // What earlier tests hold is not recorded again.
  await database.query(`UPDATE accounts SET status = 'CLOSED'`);
  house = open();
  owner = await house.addPerson();
  acme = await house.addInstrument();
  account = await house.openAt(owner, '2026-03-02T08:30:00Z', { startingCash: '1000' });
});
const buy = (quantity: number, price: number, given: Partial<{ fee: number; at: string }> = {}) =>
  house.trade(account, acme, { quantity, price, at: '2026-03-02T08:40:00Z', ...given });

describe('a point', () => {
  test('is what a live account is worth, at the time rounded down', async () => {
    await buy(10, 20, { fee: 0.5 });
    house.quote(acme, 21);
    expect(await house.recorder.record()).toBe(1);
    // 1000 − 200 − 0.50; cost 200; 799.50 + 10 × 21; the price is of 09:00:05.
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 799.5 200 1009.5 03-02 09:00']);
  });

  test('is valued at the close of the newest bar without a quote', async () => {
    await buy(10, 20);
    await house.addBars(acme, [
      {
        ...{ interval: 'MINUTE_1', close: 22 },
        ...{ openTime: '2026-03-02T08:50:00Z', closeTime: '2026-03-02T08:51:00Z' },
      },
    ]);
    await house.recorder.record();
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 800 200 1020 03-02 08:51']);
  });

  test('is valued at the price of the last trade without any other', async () => {
    await buy(10, 20);
    await buy(5, 26, { at: '2026-03-02T08:45:00Z' });
    await house.recorder.record();
    // 1000 − 200 − 130 = 670; 15 × 26 = 390
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 670 330 1060 03-02 08:45']);
  });

  test('is left out, and logged, when no column can hold it, and others are written', async () => {
    const other = await house.openAt(owner, '2026-03-02T08:30:00Z', { startingCash: '1000' });
    await buy(10, 20);
    await house.trade(other, acme, { quantity: '1e16', price: '0.01', at: '2026-03-02T08:40:00Z' });
    // 1e16 × 21,000 = 2.1e20, and a column holds below 1e20; 800 + 10 × 21,000 = 210,800.
    house.quote(acme, 21_000);
    expect(await house.recorder.record()).toBe(1);
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 800 200 210800 03-02 09:00']);
    expect(await house.pointsOf(other)).toEqual([]);
    expect(logger.fields.at(-1)).toMatchObject({ accountIds: [other.id] });
  });

  test('says how old its oldest price is', async () => {
    await buy(10, 20);
    house.quote(acme, 21);
    house.time.advance(5 * 60_000);
    await house.recorder.record();
    expect(await house.pointsOf(account)).toEqual(['03-02 09:05 800 200 1010 03-02 09:00']);
  });
});

describe('an account that holds nothing', () => {
  test('has no point as long as nothing changes', async () => {
    expect(await house.recorder.record()).toBe(0);
    expect(await house.pointsOf(account)).toEqual([]);
  });

  test('has one after its cash changed, and no other', async () => {
    await database.worker.withViewer(systemViewer(), (tx) =>
      house.ledger.post(tx, {
        ...{ ownerId: owner.userId, cause: 'DEPOSIT', causeId: house.ids.next(), currency: 'USD' },
        occurredAt: house.clock.now(),
        lines: [
          { ledgerAccount: 'CASH', accountId: account.id, amount: decimal(50) },
          { ledgerAccount: 'EXTERNAL', amount: decimal(-50) },
        ],
      }),
    );
    expect(await house.recorder.record()).toBe(1);
    house.time.advance(60_000);
    expect(await house.recorder.record()).toBe(0);
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 1050 0 1050 -']);
  });

  test('has one after it sold all, even at what it paid', async () => {
    await buy(10, 20);
    await house.recorder.record();
    await house.trade(account, acme, {
      ...{ side: 'SELL', quantity: 10, price: 20, at: '2026-03-02T09:00:30Z' },
    });
    house.time.advance(60_000);
    await house.recorder.record();
    house.time.advance(60_000);
    expect(await house.recorder.record()).toBe(0);
    expect(await house.pointsOf(account)).toEqual([
      '03-02 09:00 800 200 1000 03-02 08:40',
      '03-02 09:01 1000 0 1000 -',
    ]);
  });
});

test('an account has no point before it opened, and none when it is closed', async () => {
  const late = await house.openAt(owner, '2026-03-02T09:00:03Z');
  await house.trade(late, acme, { quantity: 1, price: 20, at: '2026-03-02T09:00:04Z' });
  await buy(1, 20);
  await database.query(`UPDATE accounts SET status = 'CLOSED' WHERE id = $1`, [account.id]);
  expect(await house.recorder.record()).toBe(0);
  house.time.advance(60_000);
  expect(await house.recorder.record()).toBe(1);
  expect(await house.pointsOf(account)).toEqual([]);
  expect(await house.pointsOf(late)).toHaveLength(1);
});

describe('two processes', () => {
  test('write each time once', async () => {
    await buy(10, 20);
    const written = await Promise.all([house.recorder.record(), house.recorderOf().record()]);
    expect(written.toSorted()).toEqual([0, 1]);
    house.quote(acme, 99);
    expect(await house.recorder.record()).toBe(0);
    expect(await house.pointsOf(account)).toEqual(['03-02 09:00 800 200 1000 03-02 08:40']);
  });

  test('leave it to the one that is writing', async () => {
    await buy(10, 20);
    await database.query('BEGIN');
    await database.query(`SELECT pg_advisory_xact_lock(hashtextextended('equity recorder', 0))`);
    expect(await house.recorder.record()).toBe(0);
    await database.query('COMMIT');
    expect(await house.recorder.record()).toBe(1);
  });
});

describe('the schedule', () => {
  test('records at each full minute between start and stop', async () => {
    await buy(10, 20);
    house.recorder.start();
    house.time.advance(54_999);
    await expect(house.pointsOf(account)).resolves.toEqual([]);
    house.time.advance(1);
    await expect.poll(() => house.pointsOf(account)).toHaveLength(1);
    house.time.advance(60_000);
    await expect.poll(() => house.pointsOf(account)).toHaveLength(2);
    await house.recorder.stop();
    house.time.advance(600_000);
    expect((await house.pointsOf(account)).map((point) => point.slice(0, 11))).toEqual([
      '03-02 09:01',
      '03-02 09:02',
    ]);
  });

  test('goes on after a failure, and logs it', async () => {
    await buy(10, 20);
    const broken = { of: () => Promise.reject(new Error('no prices')) };
    const failing = createEquityRecorder({
      ...house.time,
      ...{ workerDb: database.worker, lastPrices: broken, logger },
      intervalMs: 60_000,
    });
    failing.start();
    house.time.advance(120_000);
    await failing.stop();
    expect(
      logger.lines.filter(({ message }) => message.includes('could not be recorded')),
    ).toHaveLength(2);
  });
});
