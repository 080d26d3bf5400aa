import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openRecordedCurve, shown } from '../../support/recorded-curve.ts';

const database = await createTestDatabase();
const { account, clock, market, owner, read } = await openRecordedCurve(database);

describe('the curve of an account', () => {
  test('begins with the opening and ends with the newest point', async () => {
    const curve = await read({ accountId: account.id });
    expect(curve).toMatchObject({
      ...{ currency: 'USD', pointCount: 5, benchmark: null },
      from: new Date('2025-09-06T20:00:00Z'),
      to: new Date('2025-10-06T20:00:00Z'),
    });
    // 9000 in cash and ten shares that cost 1000.
    expect(curve?.points.map(shown)).toEqual([
      '10-01T13:30 10000 10000 0',
      '10-01T20:00 10000 9000 0',
      '10-02T20:00 10100 9000 100',
      '10-03T20:00 9900 9000 -100',
      '10-06T20:00 10200 9000 200',
    ]);
  });

  test('is cut to a window, both ends of it included', async () => {
    const [from, to] = [new Date('2025-10-02T20:00:00Z'), new Date('2025-10-03T20:00:00Z')];
    const curve = await read({ accountId: account.id, from, to });
    expect(curve?.points.map(shown)).toEqual([
      '10-02T20:00 10100 9000 100',
      '10-03T20:00 9900 9000 -100',
    ]);
    expect(curve?.pointCount).toBe(2);
  });

  test('is thinned to the points asked for, its lowest and highest kept', async () => {
    // Five points to four: between the ends the buckets {1} and {2, 3}; the lowest, 9900, is point 3.
    const curve = await read({ accountId: account.id, points: 4 });
    expect(curve?.points.map(({ equity }) => equity.toFixed())).toEqual([
      '10000',
      '10000',
      '9900',
      '10200',
    ]);
    expect(curve?.pointCount).toBe(5);
  });

  test('may be its two ends alone', async () => {
    const curve = await read({ accountId: account.id, points: 2 });
    expect(curve?.points.map(shown)).toEqual([
      '10-01T13:30 10000 10000 0',
      '10-06T20:00 10200 9000 200',
    ]);
  });

  test('is its opening alone while nothing was recorded', async () => {
    const fresh = await market.openAt(owner, '2025-11-30T12:00:00Z', { startingCash: '500' });
    const curve = await read({ accountId: fresh.id });
    expect(curve?.points.map(shown)).toEqual(['11-30T12:00 500 500 0']);
    expect(curve?.to).toEqual(clock.now());
  });

  test('is empty past its newest point', async () => {
    const from = new Date('2025-10-07T00:00:00Z');
    const curve = await read({ accountId: account.id, from, benchmark: 'QQQ' });
    expect(curve).toMatchObject({ from, to: clock.now(), points: [], pointCount: 0 });
    expect(curve?.benchmark).toBeNull();
  });

  test('keeps every digit and every microsecond', async () => {
    const precise = await market.openAt(owner, '2025-10-01T00:00:00Z');
    await database.query(
      `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
       VALUES ($1, '2025-10-01T00:00:00.123457Z', $2, 1, 1, 12345678901234567890.123456789012345678),
         ($1, '1999-12-31T23:59:59.999999Z', $2, 1, 1, 1)`,
      [precise.id, owner.userId],
    );
    const from = new Date('1990-01-01T00:00:00Z');
    await database.query(`UPDATE accounts SET created_at = '1995-01-01' WHERE id = $1`, [
      precise.id,
    ]);
    const curve = await read({ accountId: precise.id, from });
    expect(curve?.points.map(({ equity }) => equity.toFixed())).toEqual([
      '10000',
      '1',
      '12345678901234567890.123456789012345678',
    ]);
  });
});

describe('refuses', () => {
  const id = randomUUID();
  const time = new Date('2025-10-02T00:00:00Z');
  test.each([
    ['neither an account nor a model', {}, 'accountId'],
    ['both', { accountId: id, modelId: id }, 'accountId'],
    ['one point', { accountId: id, points: 1 }, 'points'],
    ['too many points', { accountId: id, points: 5_001 }, 'points'],
    ['half a point', { accountId: id, points: 2.5 }, 'points'],
    ['a window that ends where it begins', { accountId: id, from: time, to: time }, 'from'],
  ])('%s', async (_what, query, field) => {
    const refusal = await refusalOf((async () => read(query))());
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
  });
});

test.each([
  ['after the present', '9999-12-31T00:00:00Z'],
  ['at the present', '2025-12-01T00:00:00Z'],
])('refuses a window that begins %s, without an end', async (_what, from) => {
  const refusal = await refusalOf(read({ accountId: account.id, from: new Date(from) }));
  expect(refusal).toBeInstanceOf(InvalidInput);
  expect(refusal).toMatchObject({ field: 'from' });
});

test('100,000 points become 500, the lowest and the highest among them, to the last digit', async () => {
  const long = await market.openAt(owner, '2025-01-01T00:00:00Z');
  // A point each minute around 10,000, with a fall and a rise of a single minute.
  await database.query(
    `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
     SELECT $1, timestamptz '2025-01-01T00:00:00Z' + n * interval '1 minute', $2, 10000, 0,
       CASE n WHEN 33333 THEN 7000.123456789 WHEN 66666 THEN 13000.987654321
         ELSE 10000 + 100 * sin(n / 500.0)::numeric(18, 9) END
     FROM generate_series(1, 100000) AS n`,
    [long.id, owner.userId],
  );
  const from = new Date('2025-01-01T00:00:00Z');
  const curve = await read({ accountId: long.id, from, points: 500 });
  expect(curve?.pointCount).toBe(100_001);
  expect(curve?.points).toHaveLength(500);
  const equities = curve?.points.map(({ equity }) => equity.toFixed());
  expect(equities).toContain('7000.123456789');
  expect(equities).toContain('13000.987654321');
  const times = curve?.points.map(({ at }) => at.getTime()) ?? [];
  expect(times.toSorted((one, other) => one - other)).toEqual(times);
});
