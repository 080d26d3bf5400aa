import type { CalendarTable } from './calendar-table.ts';

/**
 * Shanghai and Shenzhen. Saturdays and Sundays that are worked to make up for a holiday are not
 * traded. The exchanges announce one year in each December: nothing is known of a later one.
 */
export const CN_STOCKS: CalendarTable = {
  sources: [
    'Shanghai and Shenzhen Stock Exchange: notice on holiday closures in 2024 (2023-12-26)',
    'Shanghai and Shenzhen Stock Exchange: notice on holiday closures in 2025 (2024-12-23)',
    'Shanghai and Shenzhen Stock Exchange: notice on holiday closures in 2026 (2025-12-22)',
  ],
  validFrom: '2024-01-01',
  validUntil: '2026-12-31',
  zone: 'Asia/Shanghai',
  hours: [
    { from: '09:30', to: '11:30' },
    { from: '13:00', to: '15:00' },
  ],
  closedDays: [
    // New Year's Day
    ...['2024-01-01', '2025-01-01', '2026-01-01', '2026-01-02'],
    // Spring Festival
    ...['2024-02-09', '2024-02-12', '2024-02-13', '2024-02-14', '2024-02-15', '2024-02-16'],
    ...['2025-01-28', '2025-01-29', '2025-01-30', '2025-01-31', '2025-02-03', '2025-02-04'],
    ...['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20', '2026-02-23'],
    // Qingming Festival
    ...['2024-04-04', '2024-04-05', '2025-04-04', '2026-04-06'],
    // Labour Day
    ...['2024-05-01', '2024-05-02', '2024-05-03'],
    ...['2025-05-01', '2025-05-02', '2025-05-05'],
    ...['2026-05-01', '2026-05-04', '2026-05-05'],
    // Dragon Boat Festival
    ...['2024-06-10', '2025-06-02', '2026-06-19'],
    // Mid-Autumn Festival; that of 2025 fell into the National Day holiday
    ...['2024-09-16', '2024-09-17', '2026-09-25'],
    // National Day
    ...['2024-10-01', '2024-10-02', '2024-10-03', '2024-10-04', '2024-10-07'],
    ...['2025-10-01', '2025-10-02', '2025-10-03', '2025-10-06', '2025-10-07', '2025-10-08'],
    ...['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
  ],
  earlyCloses: {},
};
