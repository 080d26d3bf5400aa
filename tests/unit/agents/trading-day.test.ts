import { expect, test } from 'vitest';
import { tradingDay } from '../../../src/services/agents/trading-day.ts';

test.each([
  // Chicago is 6 h behind UTC in winter and 5 h in summer: midnight is 06:00Z, then 05:00Z.
  ['2026-01-02T05:59:59Z', 'America/Chicago', '2026-01-01'],
  ['2026-01-02T06:00:00Z', 'America/Chicago', '2026-01-02'],
  ['2026-07-02T04:59:59Z', 'America/Chicago', '2026-07-01'],
  ['2026-07-02T05:00:00Z', 'America/Chicago', '2026-07-02'],
  ['2026-01-01T16:00:00Z', 'Asia/Shanghai', '2026-01-02'],
])('%s in %s belongs to %s', (time, zone, day) => {
  expect(tradingDay(new Date(time), zone)).toEqual(new Date(`${day}T00:00:00Z`));
});
