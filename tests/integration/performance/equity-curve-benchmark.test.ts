import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { OPENED, openRecordedCurve, session } from '../../support/recorded-curve.ts';

const database = await createTestDatabase();
const { account, market, owner, read } = await openRecordedCurve(database);

describe('the benchmark', () => {
  const inWords = (curve: Awaited<ReturnType<typeof read>>) => {
    const { symbol, return: gained, points } = curve?.benchmark ?? {};
    const line = points?.map(
      ({ at, value }) => `${at.toISOString().slice(5, 16)} ${value.toFixed()}`,
    );
    return { symbol, return: gained?.toFixed(), points: line };
  };

  test("is scaled to the equity at the curve's first point", async () => {
    // 10000 × 510 / 500 = 10200, × 505 / 500 = 10100, × 520 / 500 = 10400; 520 / 500 − 1.
    expect(inWords(await read({ accountId: account.id, benchmark: 'QQQ' }))).toEqual({
      symbol: 'QQQ',
      return: '0.04',
      points: ['10-01T20:00 10000', '10-02T20:00 10200', '10-03T20:00 10100', '10-06T20:00 10400'],
    });
  });

  test('begins where the window does', async () => {
    const [from, to] = [new Date('2025-10-02T20:00:00Z'), new Date('2025-10-06T20:00:00Z')];
    const curve = await read({ accountId: account.id, from, to, benchmark: 'AAA' });
    // From 10100: × 90 / 110 = 8263.636…, × 120 / 110 = 11018.1818…; 120 / 110 − 1 = 0.0909…
    expect(inWords(curve)).toEqual({
      symbol: 'AAA',
      return: '0.090909090909090909',
      points: [
        '10-02T20:00 10100',
        '10-03T20:00 8263.636363636363636364',
        '10-06T20:00 11018.181818181818181818',
      ],
    });
  });

  test('is thinned like the curve', async () => {
    const curve = await read({ accountId: account.id, points: 2, benchmark: 'QQQ' });
    expect(inWords(curve).points).toEqual(['10-01T20:00 10000', '10-06T20:00 10400']);
  });

  test('is made of hours where there are no days, and of minutes where there are no hours', async () => {
    const bar = (interval: 'HOUR_1' | 'MINUTE_1', at: string, close: number) => ({
      ...{ interval, close, openTime: `2025-10-02T${at}:00Z`, closeTime: `2025-10-02T${at}:30Z` },
    });
    const hourly = await market.addRecorded('HOURLY');
    await market.addBars(hourly, [
      bar('HOUR_1', '15:00', 10),
      bar('HOUR_1', '16:00', 11),
      bar('MINUTE_1', '17:00', 12),
    ]);
    const minutely = await market.addRecorded('MINUTELY');
    await market.addBars(minutely, [bar('MINUTE_1', '15:00', 10), bar('MINUTE_1', '16:00', 9)]);
    const returnOf = async (benchmark: string) =>
      inWords(await read({ accountId: account.id, benchmark })).return;
    expect(await returnOf('HOURLY')).toBe('0.1');
    expect(await returnOf('MINUTELY')).toBe('-0.1');
  });

  test('takes a corrected close, once it is known', async () => {
    const mended = await market.addRecorded('MENDED');
    await market.addBars(mended, [
      session('01', 10),
      session('02', 11),
      { ...session('02', 12), knownAt: '2025-10-20T00:00:00Z' },
      { ...session('02', 99), knownAt: '2026-01-01T00:00:00Z' },
    ]);
    const curve = await read({ accountId: account.id, benchmark: 'MENDED' });
    expect(inWords(curve).return).toBe('0.2');
  });

  test.each([
    ['a symbol that is not there', 'NONE', undefined],
    ['a single close', 'QQQ', new Date('2025-10-01T20:00:00Z')],
  ])('is null for %s', async (_what, benchmark, to) => {
    const curve = await read({ accountId: account.id, benchmark, ...(to && { to }) });
    expect(curve?.benchmark).toBeNull();
    expect(curve?.points.length).toBeGreaterThan(1);
  });

  test('is null for a curve that begins with nothing', async () => {
    const empty = await market.openAt(owner, OPENED, { startingCash: '0' });
    await market.computeEquity(empty);
    const curve = await read({ accountId: empty.id, benchmark: 'QQQ' });
    expect(curve).toMatchObject({ pointCount: 5, benchmark: null });
  });
});
