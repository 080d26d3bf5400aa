import { describe, expect, test } from 'vitest';
import { createCalendar, US_STOCKS } from '../../../../src/services/market/import/exchange.ts';

const calendar = createCalendar(US_STOCKS);

describe('a session in New York', () => {
  test.each([
    // Summer time ended on 2 November 2025 and began on 9 March 2025: UTC−4 in summer, UTC−5 in winter.
    ['in summer', '2025-10-31', '2025-10-31T13:30:00.000Z', '2025-10-31T20:00:00.000Z'],
    ['in winter', '2025-11-03', '2025-11-03T14:30:00.000Z', '2025-11-03T21:00:00.000Z'],
    ['on the Friday before', '2025-03-07', '2025-03-07T14:30:00.000Z', '2025-03-07T21:00:00.000Z'],
    ['on the Monday after', '2025-03-10', '2025-03-10T13:30:00.000Z', '2025-03-10T20:00:00.000Z'],
  ])('%s is from 09:30 to 16:00 there', (_when, date, opens, closes) => {
    const session = calendar.sessionOf(date);
    expect(session?.openTime.toISOString()).toBe(opens);
    expect(session?.closeTime.toISOString()).toBe(closes);
  });

  test.each(['2025-02-30', '2025-1-1', '2025-10-01 09:30:00', '', 'today'])(
    'there is none on "%s"',
    (date) => {
      expect(calendar.sessionOf(date)).toBeUndefined();
    },
  );
});
