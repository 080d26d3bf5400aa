import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
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

  describe('of an instrument with days and hours', () => {
    const hour = (day: string, from: string, to: string, close: number) => ({
      ...{ interval: 'HOUR_1' as const, close },
      ...{ openTime: `2025-10-${day}T${from}:00Z`, closeTime: `2025-10-${day}T${to}:00Z` },
    });
    const compare = async (benchmark: string, bars: Parameters<typeof market.addBars>[1]) => {
      await market.addBars(await market.addRecorded(benchmark), bars);
      const curve = await read({ accountId: account.id, benchmark });
      const [from, to] = [curve?.benchmark?.from, curve?.benchmark?.to];
      return { ...inWords(curve), from, to };
    };

    test('goes on by its hours on the days after the last daily close', async () => {
      // On the 1st the day's own close counts, not its hours. The hours of the 2nd and the 6th do:
      // 10000 × 110 / 100, × 120 / 100, × 130 / 100; 130 / 100 − 1.
      const bars = [
        hour('01', '13:30', '14:30', 90),
        hour('01', '19:30', '20:30', 95),
        session('01', 100),
        hour('02', '13:30', '14:30', 110),
        hour('02', '14:30', '15:30', 120),
        hour('06', '13:30', '14:30', 130),
      ];
      expect(await compare('HOURS-LONGER', bars)).toEqual({
        ...{ symbol: 'HOURS-LONGER', return: '0.3' },
        ...{ from: new Date('2025-10-01T20:00:00Z'), to: new Date('2025-10-06T14:30:00Z') },
        points: [
          ...['10-01T20:00 10000', '10-02T14:30 11000', '10-02T15:30 12000'],
          '10-06T14:30 13000',
        ],
      });
    });

    test('goes on by its days after the last hour', async () => {
      // 10000 × 60 / 50, × 55 / 50, × 75 / 50; 75 / 50 − 1.
      const bars = [
        hour('01', '13:30', '14:30', 50),
        hour('01', '14:30', '15:30', 60),
        session('03', 55),
        session('06', 75),
      ];
      expect(await compare('DAYS-LONGER', bars)).toEqual({
        ...{ symbol: 'DAYS-LONGER', return: '0.5' },
        ...{ from: new Date('2025-10-01T14:30:00Z'), to: new Date('2025-10-06T20:00:00Z') },
        points: [
          ...['10-01T14:30 10000', '10-01T15:30 12000', '10-03T20:00 11000'],
          '10-06T20:00 15000',
        ],
      });
    });

    test('goes on by its hours on a day whose close is not known yet', async () => {
      // 10000 × 102 / 100
      const bars = [
        session('03', 100),
        hour('06', '13:30', '14:30', 102),
        { ...session('06', 999), knownAt: '2026-01-01T00:00:00Z' },
      ];
      const { return: gained, to } = await compare('NOT-YET', bars);
      expect([gained, to]).toEqual(['0.02', new Date('2025-10-06T14:30:00Z')]);
    });
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

  test('is refused for a symbol that no instrument has, wherever the window lies', async () => {
    for (const from of [undefined, new Date('2025-11-01T00:00:00Z')]) {
      const query = { accountId: account.id, benchmark: 'NONE', ...(from && { from }) };
      const refusal = await refusalOf(read(query));
      expect(refusal).toBeInstanceOf(InvalidInput);
      expect(refusal).toMatchObject({
        ...{ field: 'benchmark', message: 'There is no instrument "NONE".' },
      });
    }
  });

  test('is not looked at for an account that is not there', async () => {
    expect(await read({ accountId: randomUUID(), benchmark: 'NONE' })).toBeNull();
  });

  test('is null for a single close', async () => {
    const to = new Date('2025-10-01T20:00:00Z');
    const curve = await read({ accountId: account.id, benchmark: 'QQQ', to });
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
