import { expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { createRecordedMarket } from '../../support/recorded-market.ts';

const database = await createTestDatabase();
await database.query(`SET timezone = 'UTC'`);
const market = createRecordedMarket(database);
const owner = await market.addPerson();

// Wednesday to Friday in New York, summer time: 09:30 to 16:00 is 13:30 to 20:00 in UTC.
const session = (day: string, close: number) => ({
  openTime: `2025-10-${day}T13:30:00Z`,
  closeTime: `2025-10-${day}T20:00:00Z`,
  close,
});
const aaa = await market.addRecorded('AAA');
await market.addBars(aaa, [
  session('01', 100),
  session('02', 110),
  session('03', 120),
  { ...session('02', 999), knownAt: '2025-10-10T00:00:00Z' },
]);
const bbb = await market.addRecorded('BBB');
await market.addBars(bbb, [session('01', 50)]);
const ccc = await market.addRecorded('CCC');

test('is cash, cost and prices at each close after the opening', async () => {
  const account = await market.openAt(owner, '2025-10-01T13:30:00Z');
  await market.trade(account, aaa, { quantity: 10, price: 105, at: '2025-10-02T13:30:00Z' });
  await market.trade(account, bbb, { quantity: 4, price: 51, at: '2025-10-02T13:30:00Z' });
  await market.trade(account, aaa, {
    side: 'SELL',
    ...{ quantity: 5, price: 115, at: '2025-10-03T13:30:00Z' },
  });
  expect(await market.computeEquity(account)).toEqual({ points: 3, changed: 3 });
  expect(await market.pointsOf(account)).toEqual([
    '10-01 20:00 10000 0 10000 -',
    // 10000 − 10 × 105 − 4 × 51 = 8746; cost 1050 + 204; 8746 + 10 × 110 + 4 × 50 = 10046.
    // BBB has no bar on this day: its last close is of the day before.
    '10-02 20:00 8746 1254 10046 10-01 20:00',
    // 8746 + 5 × 115 = 9321; cost 1254 − 525; 9321 + 5 × 120 + 4 × 50 = 10121.
    '10-03 20:00 9321 729 10121 10-01 20:00',
  ]);
});

test('changes nothing when all is there, and mends what differs', async () => {
  const account = await market.openAt(owner, '2025-10-02T13:30:00Z');
  await market.trade(account, aaa, { quantity: 1, price: 105, at: '2025-10-02T13:30:00Z' });
  expect(await market.computeEquity(account)).toEqual({ points: 2, changed: 2 });
  const points = await market.pointsOf(account);
  expect(await market.computeEquity(account)).toEqual({ points: 2, changed: 0 });

  await database.query(
    `UPDATE equity_points SET equity = 1 WHERE account_id = $1 AND at = '2025-10-02T20:00:00Z'`,
    [account.id],
  );
  await database.query(
    `INSERT INTO equity_points SELECT account_id, at + interval '1 hour', owner_id, cash, cost,
       equity FROM equity_points WHERE account_id = $1`,
    [account.id],
  );
  // One is updated and two are deleted.
  expect(await market.computeEquity(account)).toEqual({ points: 2, changed: 3 });
  expect(await market.pointsOf(account)).toEqual(points);
});

test('counts what happened before a close, and what happens at it from the next one on', async () => {
  const account = await market.openAt(owner, '2025-10-01T13:30:00Z', { startingCash: '1000' });
  await market.trade(account, aaa, { quantity: 2, price: 100, at: '2025-10-01T20:00:00Z' });
  await market.trade(account, aaa, { quantity: 1, price: 100, at: '2025-10-02T20:00:01Z' });
  await market.trade(account, aaa, { quantity: 9, price: 1, at: '2025-10-03T20:00:01Z' });
  await market.computeEquity(account);
  expect(await market.pointsOf(account)).toEqual([
    // Nothing yet: two are bought at this very time.
    '10-01 20:00 1000 0 1000 -',
    // 1000 − 200 = 800; 800 + 2 × 110
    '10-02 20:00 800 200 1020 10-02 20:00',
    // 800 − 100; 3 × 120
    '10-03 20:00 700 300 1060 10-03 20:00',
  ]);
});

test('ends a day around the clock before what happens at its midnight', async () => {
  const [zone, currency, startingCash] = ['UTC', 'USDT', '1000'];
  const coin = await market.addRecorded('ETH-USDT', { currency, zone, assetClass: 'CRYPTO' });
  const day = (from: string, to: string, close: number) => ({
    ...{ openTime: `2025-09-${from}T00:00:00Z`, closeTime: `2025-09-${to}T00:00:00Z`, close },
  });
  await market.addBars(coin, [day('10', '11', 100), day('11', '12', 130)]);
  const account = await market.openAt(owner, '2025-09-10T00:00:00Z', {
    ...{ currency, zone, startingCash },
  });
  await market.trade(account, coin, { quantity: 2, price: 90, at: '2025-09-10T00:00:00Z' });
  // The first trade of the 11th, at its open: the moment at which the 10th closes.
  await market.trade(account, coin, { quantity: 3, price: 110, at: '2025-09-11T00:00:00Z' });
  await market.computeEquity(account);
  expect(await market.pointsOf(account)).toEqual([
    // 1000 − 2 × 90 = 820; 820 + 2 × 100. With the three of the next day it would be 490 + 5 × 100.
    '09-11 00:00 820 180 1020 09-11 00:00',
    // 820 − 3 × 110 = 490; cost 180 + 330; 490 + 5 × 130
    '09-12 00:00 490 510 1140 09-12 00:00',
  ]);
});

test('values what has no close yet at the price that it was traded at last', async () => {
  const account = await market.openAt(owner, '2025-10-02T13:30:00Z', { startingCash: '1000' });
  await market.trade(account, ccc, { quantity: 3, price: 10, at: '2025-10-02T14:00:00Z' });
  await market.trade(account, ccc, { quantity: 1, price: 14, at: '2025-10-02T15:00:00Z' });
  await market.trade(account, ccc, {
    side: 'SELL',
    ...{ quantity: 4, price: 15, at: '2025-10-03T14:00:00Z' },
  });
  await market.computeEquity(account);
  expect(await market.pointsOf(account)).toEqual([
    // 1000 − 30 − 14 = 956; 4 × 14 = 56
    '10-02 20:00 956 44 1012 10-02 15:00',
    // 956 + 60, and nothing held
    '10-03 20:00 1016 0 1016 -',
  ]);
});

test('follows a position through zero', async () => {
  const account = await market.openAt(owner, '2025-10-01T13:30:00Z', { startingCash: '1000' });
  await market.trade(account, aaa, { quantity: 2, price: 100, at: '2025-10-01T14:00:00Z' });
  await market.trade(account, aaa, {
    side: 'SELL',
    ...{ quantity: 5, price: 105, at: '2025-10-02T14:00:00Z' },
  });
  await market.computeEquity(account);
  expect(await market.pointsOf(account)).toEqual([
    '10-01 20:00 800 200 1000 10-01 20:00',
    // 800 + 525 = 1325; short 3 at 105; 1325 − 3 × 110 = 995
    '10-02 20:00 1325 -315 995 10-02 20:00',
    // 1325 − 3 × 120
    '10-03 20:00 1325 -315 965 10-03 20:00',
  ]);
});

test('has a point for each hour, at the price of that hour or the newest before', async () => {
  const zone = 'Asia/Shanghai';
  const hour = (openTime: string, closeTime: string, close: number) => ({
    ...{ interval: 'HOUR_1' as const, openTime, closeTime, close },
  });
  const moutai = await market.addRecorded('600519.SH', { currency: 'CNY', zone });
  await market.addBars(moutai, [
    hour('2025-10-09T01:30:00Z', '2025-10-09T02:30:00Z', 1440),
    hour('2025-10-09T02:30:00Z', '2025-10-09T03:30:00Z', 1450),
  ]);
  const bank = await market.addRecorded('601398.SH', { currency: 'CNY', zone });
  await market.addBars(bank, [
    hour('2025-10-09T01:30:00Z', '2025-10-09T02:30:00Z', 7),
    {
      ...hour('2025-10-08T01:30:00Z', '2025-10-08T07:00:00Z', 6),
      interval: 'DAY_1',
    },
  ]);
  const startingCash = '100000';
  const account = await market.openAt(owner, '2025-10-09T01:30:00Z', {
    ...{ currency: 'CNY', zone, startingCash },
  });
  await market.trade(account, moutai, { quantity: 10, price: 1430, at: '2025-10-09T01:30:00Z' });
  await market.trade(account, bank, { quantity: 100, price: 6.5, at: '2025-10-09T01:30:00Z' });
  expect(await market.computeEquity(account, 'HOUR_1')).toEqual({ points: 2, changed: 2 });
  expect(await market.pointsOf(account)).toEqual([
    // 100000 − 14300 − 650 = 85050; 14400 + 700
    '10-09 02:30 85050 14950 100150 10-09 02:30',
    // 14500 + 700, the bank's price being an hour old
    '10-09 03:30 85050 14950 100250 10-09 02:30',
  ]);
});

test('keeps every digit of a fraction', async () => {
  const zone = 'UTC';
  const currency = 'USDT';
  const coin = await market.addRecorded('BTC-USDT', { currency, zone, assetClass: 'CRYPTO' });
  await market.addBars(coin, [
    {
      openTime: '2025-11-01T00:00:00Z',
      closeTime: '2025-11-02T00:00:00Z',
      close: '109988.50000001',
    },
  ]);
  const startingCash = '50000';
  const account = await market.openAt(owner, '2025-11-01T00:00:00Z', {
    ...{ currency, zone, startingCash },
  });
  await market.trade(account, coin, {
    ...{ quantity: '0.00000003', price: '110000', at: '2025-11-01T00:00:00Z' },
  });
  await market.computeEquity(account);
  // 0.00000003 × 110000 = 0.0033 is booked; 0.00000003 × 109988.50000001 = 0.0032996550000003
  expect(await market.pointsOf(account)).toEqual([
    '11-02 00:00 49999.9967 0.0033 49999.9999996550000003 11-02 00:00',
  ]);
});

test('leaves other accounts, and one that no exchange fits, alone', async () => {
  const account = await market.openAt(owner, '2025-10-01T13:30:00Z');
  await market.computeEquity(account);
  const points = await market.pointsOf(account);
  const nowhere = await market.openAt(owner, '2025-10-01T13:30:00Z', { currency: 'EUR' });
  expect(await market.computeEquity(nowhere)).toEqual({ points: 0, changed: 0 });
  expect(await market.pointsOf(account)).toEqual(points);
  expect(points).toHaveLength(3);
});
