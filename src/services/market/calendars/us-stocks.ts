import type { CalendarTable } from './calendar-table.ts';

const HALF_DAY = '13:00';

/** NYSE and Nasdaq: the regular session alone, without what is traded before and after it. */
export const US_STOCKS: CalendarTable = {
  sources: [
    'NYSE Group Announces 2022, 2023 and 2024 Holiday and Early Closings Calendar (2021-12-27)',
    'NYSE Group Announces 2025, 2026 and 2027 Holiday and Early Closings Calendar (2024-11-08)',
    'NYSE Group Announces 2026, 2027 and 2028 Holiday and Early Closings Calendar (2025-12-23)',
    'NYSE and Nasdaq: closed on 2025-01-09, a National Day of Mourning (2024-12-30)',
  ],
  validFrom: '2024-01-01',
  validUntil: '2028-12-31',
  zone: 'America/New_York',
  hours: [{ from: '09:30', to: '16:00' }],
  closedDays: [
    '2024-01-01', // New Year's Day
    '2024-01-15', // Martin Luther King, Jr. Day
    '2024-02-19', // Washington's Birthday
    '2024-03-29', // Good Friday
    '2024-05-27', // Memorial Day
    '2024-06-19', // Juneteenth
    '2024-07-04', // Independence Day
    '2024-09-02', // Labor Day
    '2024-11-28', // Thanksgiving Day
    '2024-12-25', // Christmas Day
    '2025-01-01',
    '2025-01-09', // National Day of Mourning for President Carter
    '2025-01-20',
    '2025-02-17',
    '2025-04-18',
    '2025-05-26',
    '2025-06-19',
    '2025-07-04',
    '2025-09-01',
    '2025-11-27',
    '2025-12-25',
    '2026-01-01',
    '2026-01-19',
    '2026-02-16',
    '2026-04-03',
    '2026-05-25',
    '2026-06-19',
    '2026-07-03', // Independence Day, a Saturday
    '2026-09-07',
    '2026-11-26',
    '2026-12-25',
    '2027-01-01',
    '2027-01-18',
    '2027-02-15',
    '2027-03-26',
    '2027-05-31',
    '2027-06-18', // Juneteenth, a Saturday
    '2027-07-05', // Independence Day, a Sunday
    '2027-09-06',
    '2027-11-25',
    '2027-12-24', // Christmas Day, a Saturday
    // New Year's Day of 2028 is a Saturday, and by the exchange's rule no day is off for it.
    '2028-01-17',
    '2028-02-21',
    '2028-04-14',
    '2028-05-29',
    '2028-06-19',
    '2028-07-04',
    '2028-09-04',
    '2028-11-23',
    '2028-12-25',
  ],
  earlyCloses: {
    '2024-07-03': HALF_DAY,
    '2024-11-29': HALF_DAY,
    '2024-12-24': HALF_DAY,
    '2025-07-03': HALF_DAY,
    '2025-11-28': HALF_DAY,
    '2025-12-24': HALF_DAY,
    '2026-11-27': HALF_DAY,
    '2026-12-24': HALF_DAY,
    '2027-11-26': HALF_DAY,
    '2028-07-03': HALF_DAY,
    '2028-11-24': HALF_DAY,
  },
};
