import { describe, expect, it } from 'vitest';
import {
  isOpen,
  nextClose,
  nextOpen,
  phaseAt,
  sessionAtOrAfter,
  sessionOf,
  sessionsBetween,
  tableOf,
  type Timetable,
} from '../../../../src/services/market/calendars/trading-hours.ts';

const US: Timetable = { calendar: 'US_STOCKS', zone: 'America/New_York' };
const CHINA: Timetable = { calendar: 'CN_STOCKS', zone: 'Asia/Shanghai' };
const COINS: Timetable = { calendar: 'ALWAYS', zone: 'America/New_York' };

const at = (text: string) => new Date(text);
const iso = (date: Date | null | undefined) => date?.toISOString();
const daysOf = (timetable: Timetable, from: string, to: string) =>
  sessionsBetween(timetable, { from: at(from), to: at(to) })?.map(({ day }) => day);
const year = (timetable: Timetable, number: number) =>
  daysOf(timetable, `${number}-01-02T00:00:00Z`, `${number}-12-31T15:00:00Z`) ?? [];

describe('the hours of US stocks', () => {
  it('are 09:30 to 16:00 of New York, its end excluded', () => {
    // In winter New York is five hours behind: 14:30Z to 21:00Z.
    expect(isOpen(US, at('2026-11-20T14:29:59.999Z'))).toBe(false);
    expect(isOpen(US, at('2026-11-20T14:30:00Z'))).toBe(true);
    expect(isOpen(US, at('2026-11-20T20:59:59.999Z'))).toBe(true);
    expect(isOpen(US, at('2026-11-20T21:00:00Z'))).toBe(false);
  });

  it('follow the clocks: on 8 March 2026 they go forward, on 1 November 2026 back', () => {
    // A day of 23 hours on the Sunday between: Friday 14:30Z, Monday 13:30Z.
    expect(iso(nextOpen(US, at('2026-03-06T12:00:00Z')))).toBe('2026-03-06T14:30:00.000Z');
    expect(iso(nextOpen(US, at('2026-03-06T22:00:00Z')))).toBe('2026-03-09T13:30:00.000Z');
    // A day of 25 hours: Friday until 20:00Z, Monday until 21:00Z.
    expect(iso(nextClose(US, at('2026-10-30T15:00:00Z')))).toBe('2026-10-30T20:00:00.000Z');
    expect(iso(nextClose(US, at('2026-10-30T20:00:00Z')))).toBe('2026-11-02T21:00:00.000Z');
  });

  it('end at 13:00 on the day after Thanksgiving, which is closed', () => {
    expect(iso(nextOpen(US, at('2026-11-26T15:00:00Z')))).toBe('2026-11-27T14:30:00.000Z');
    expect(sessionOf(US, at('2026-11-26T15:00:00Z'))).toBeUndefined();
    expect(iso(sessionOf(US, at('2026-11-27T15:00:00Z'))?.closesAt)).toBe(
      '2026-11-27T18:00:00.000Z',
    );
    expect(isOpen(US, at('2026-11-27T18:00:00Z'))).toBe(false);
  });

  it('know the day of mourning of 2025-01-09', () => {
    expect(daysOf(US, '2025-01-06T00:00:00Z', '2025-01-11T00:00:00Z')).toEqual([
      ...['2025-01-06', '2025-01-07', '2025-01-08', '2025-01-10'],
    ]);
  });

  it('end at 13:00 on the days that the exchange announced, and on no others', () => {
    const early = [2024, 2025, 2026, 2027, 2028].flatMap((number) =>
      (
        sessionsBetween(US, {
          from: at(`${number}-01-01T12:00:00Z`),
          to: at(`${number}-12-31T20:00:00Z`),
        }) ?? []
      )
        .filter(
          ({ opensAt, closesAt }) => closesAt.getTime() - opensAt.getTime() !== 6.5 * 3_600_000,
        )
        .map(({ day, opensAt, closesAt }) => [day, (+closesAt - +opensAt) / 3_600_000]),
    );
    // The footnotes of NYSE's announcements of 2021-12-27, 2024-11-08 and 2025-12-23: 09:30 to 13:00.
    expect(early).toEqual([
      ...[
        ['2024-07-03', 3.5],
        ['2024-11-29', 3.5],
        ['2024-12-24', 3.5],
      ],
      ...[
        ['2025-07-03', 3.5],
        ['2025-11-28', 3.5],
        ['2025-12-24', 3.5],
      ],
      ...[
        ['2026-11-27', 3.5],
        ['2026-12-24', 3.5],
      ],
      ...[['2027-11-26', 3.5]],
      ...[
        ['2028-07-03', 3.5],
        ['2028-11-24', 3.5],
      ],
    ]);
  });

  it('are none on the days that the rules of the exchange give', () => {
    // Rule 7.2: the n-th or last weekday of a month, Good Friday, or a date, which moves to the Friday before
    // or the Monday after where it falls on a weekend; New Year's Day moves to no Friday.
    const closed = (number: number): string[] => {
      const sessions = new Set(year(US, number));
      return Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(number, 0, 1 + day)))
        .filter((date) => date.getUTCFullYear() === number && date.getUTCDay() % 6 !== 0)
        .map((date) => date.toISOString().slice(0, 10))
        .filter((day) => day < `${number}-12-31` && day > `${number}-01-01` && !sessions.has(day));
    };
    const holidays = (number: number, easter: string): string[] => {
      const nth = (month: number, weekday: number, n: number): Date => {
        const first = new Date(Date.UTC(number, month - 1, 1));
        return new Date(
          +first + (((weekday - first.getUTCDay() + 7) % 7) + 7 * (n - 1)) * 86_400_000,
        );
      };
      const observed = (month: number, day: number): Date => {
        const date = Date.UTC(number, month - 1, day);
        const weekday = new Date(date).getUTCDay();
        return new Date(date + (weekday === 6 ? -1 : weekday === 0 ? 1 : 0) * 86_400_000);
      };
      const lastMondayOfMay = [5, 4]
        .map((n) => nth(5, 1, n))
        .find((date) => date.getUTCMonth() === 4);
      return [
        ...[nth(1, 1, 3), nth(2, 1, 3), new Date(Date.parse(easter) - 2 * 86_400_000)],
        ...[lastMondayOfMay ?? nth(5, 1, 4), observed(6, 19), observed(7, 4), nth(9, 1, 1)],
        ...[nth(11, 4, 4), observed(12, 25)],
      ].map((date) => date.toISOString().slice(0, 10));
    };
    // Easter: 31 March 2024, 20 April 2025, 5 April 2026, 28 March 2027, 16 April 2028.
    expect(closed(2024)).toEqual(holidays(2024, '2024-03-31'));
    expect(closed(2025)).toEqual(['2025-01-09', ...holidays(2025, '2025-04-20')]);
    expect(closed(2026)).toEqual(holidays(2026, '2026-04-05'));
    expect(closed(2027)).toEqual(holidays(2027, '2027-03-28'));
    expect(closed(2028)).toEqual(holidays(2028, '2028-04-16'));
  });

  it('make as many sessions a year as there are weekdays less holidays', () => {
    // 2024: 262 weekdays, 10 closed. 2025: 261, 11. 2026: 261, 10. 2027: 261, 10. 2028: 260, 9.
    expect([2024, 2025, 2026, 2027, 2028].map((number) => year(US, number).length)).toEqual([
      ...[252, 250, 251, 251, 251],
    ]);
  });
});

describe('the hours of Chinese stocks', () => {
  it('have a lunch break from 11:30 to 13:00 of Shanghai', () => {
    // Shanghai is eight hours ahead: 01:30Z to 03:30Z, and 05:00Z to 07:00Z.
    const lunch = at('2026-11-20T04:00:00Z');
    expect(isOpen(CHINA, at('2026-11-20T03:29:59Z'))).toBe(true);
    expect(phaseAt(CHINA, lunch)).toEqual({
      isOpen: false,
      since: at('2026-11-20T03:30:00Z'),
      until: at('2026-11-20T05:00:00Z'),
    });
    expect(sessionOf(CHINA, lunch)?.day).toBe('2026-11-20');
    expect(iso(sessionOf(CHINA, lunch)?.closesAt)).toBe('2026-11-20T07:00:00.000Z');
    expect(iso(nextClose(CHINA, lunch))).toBe('2026-11-20T07:00:00.000Z');
    expect(iso(nextOpen(CHINA, at('2026-11-20T02:00:00Z')))).toBe('2026-11-20T05:00:00.000Z');
  });

  it('leave out weekends that are worked to make up for a holiday', () => {
    // Sunday 2025-09-28 and Saturday 2025-10-11 are worked, and not traded.
    expect(daysOf(CHINA, '2025-09-26T00:00:00Z', '2025-10-14T00:00:00Z')).toEqual([
      ...['2025-09-26', '2025-09-29', '2025-09-30', '2025-10-09', '2025-10-10', '2025-10-13'],
    ]);
  });

  it('make 242, 243 and 242 sessions in 2024, 2025 and 2026', () => {
    // 262 weekdays − 20 closed, 261 − 18, 261 − 19.
    expect([2024, 2025, 2026].map((number) => year(CHINA, number).length)).toEqual([242, 243, 242]);
  });
});

it('agrees with the days on which was traded, as records of prices have them', () => {
  // 100 daily bars of QQQ and 31 of the index SSE 50, first and last day included.
  expect(daysOf(US, '2025-06-06T00:00:00Z', '2025-10-29T00:00:00Z')).toHaveLength(100);
  expect(daysOf(CHINA, '2025-09-30T00:00:00Z', '2025-11-20T00:00:00Z')).toHaveLength(31);
});

describe('what is always open', () => {
  it('never opens and never closes, and has days of its zone', () => {
    const now = at('2026-03-08T12:00:00Z');
    expect(phaseAt(COINS, now)).toEqual({ isOpen: true, since: null, until: null });
    expect([nextOpen(COINS, now), nextClose(COINS, now)]).toEqual([undefined, undefined]);
    const day = sessionAtOrAfter(COINS, now);
    // The clocks go forward on that day, so that it has 23 hours.
    expect([day?.day, iso(day?.opensAt), iso(day?.closesAt)]).toEqual([
      '2026-03-08',
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
    ]);
    expect(daysOf(COINS, '2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z')).toEqual([
      ...['2026-03-07', '2026-03-08', '2026-03-09'],
    ]);
  });
});

describe('a moment that no table covers', () => {
  it.each([
    ['before the first day', '2023-12-29T16:00:00Z'],
    ['after the last session', '2028-12-29T21:00:00Z'],
    ['long after', '2030-01-02T15:00:00Z'],
  ])('is neither open nor closed: %s', (_, text) => {
    expect(phaseAt(US, at(text))).toBeUndefined();
    expect(isOpen(US, at(text))).toBe(false);
    expect(nextOpen(US, at(text))).toBeUndefined();
    expect(nextClose(US, at(text))).toBeUndefined();
    expect(sessionAtOrAfter(US, at(text))).toBeUndefined();
  });

  it('leaves a span of time that reaches into it without sessions', () => {
    expect(daysOf(CHINA, '2026-12-30T00:00:00Z', '2026-12-31T16:00:00Z')).toHaveLength(2);
    expect(daysOf(CHINA, '2026-12-30T00:00:00Z', '2026-12-31T16:00:00.001Z')).toBeUndefined();
  });
});

describe.each(['US_STOCKS', 'CN_STOCKS'] as const)('the table of %s', (calendar) => {
  const table = tableOf(calendar);
  if (!table) throw new Error('There is a table.');
  const weekday = (day: string) => new Date(`${day}T12:00:00Z`).getUTCDay();

  it('names days in order or by holiday, once each, on weekdays, within what it covers', () => {
    const { closedDays, validFrom, validUntil } = table;
    const days = [...closedDays, ...Object.keys(table.earlyCloses)];
    expect(new Set(days).size).toBe(days.length);
    expect(days.filter((day) => [0, 6].includes(weekday(day)))).toEqual([]);
    expect(days.filter((day) => day < validFrom || day > validUntil)).toEqual([]);
    expect(days.filter((day) => !/^\d{4}-\d\d-\d\d$/.test(day))).toEqual([]);
  });

  it('says where it comes from', () => {
    expect(table.sources.length).toBeGreaterThan(2);
  });
});
