import { DateTime } from 'luxon';
import { EXCHANGES, type Exchange } from '../../market/import/exchange.ts';
import type { BarInterval } from '../../platform/prisma/enums.ts';

/**
 * How the importer tells records apart by where they lie and what they are called, the other way
 * round.
 */

/** The exchange whose zone an imported instrument or account has. */
export function exchangeIn(zone: string): Exchange {
  const exchange = Object.values(EXCHANGES).find((candidate) => candidate.zone === zone);
  if (!exchange) throw new Error(`No records come from ${zone}.`);
  return exchange;
}

/** Daily and hourly records of one symbol or trader have the same names, so they lie apart. */
export function folderOf({ zone, isHourly }: { zone: string; isHourly: boolean }): string {
  const folders = { US: '', CHINA_A: 'A_stock/', CRYPTO: 'crypto/' } as const;
  return `${isHourly ? 'hourly/' : ''}${folders[exchangeIn(zone).name]}`;
}

interface NamedBar {
  readonly zone: string;
  readonly interval: BarInterval;
  readonly open_time: Date;
  readonly close_time: Date;
}

/** What the records call a bar: its day, or the beginning or end of its hour. */
export function barLabel({ zone, interval, open_time, close_time }: NamedBar): string {
  if (interval === 'DAY_1') return inZone(open_time, zone).toFormat('yyyy-MM-dd');
  const named = exchangeIn(zone).hourLabels === 'OPEN' ? open_time : close_time;
  return inZone(named, zone).toFormat('yyyy-MM-dd HH:mm:ss');
}

/** What a folder of a log may be called whose messages are at `time`: a day, or an hour. */
export function logLabels(time: Date, zone: string): readonly string[] {
  const hourEnd = new Date(time.getTime() + 3_600_000);
  const bar = { zone, open_time: time, close_time: hourEnd };
  return [barLabel({ ...bar, interval: 'DAY_1' }), barLabel({ ...bar, interval: 'HOUR_1' })];
}

const HOURLY_END = '@60min';

/** Where a trader's records lie, by the key of its import: below `hourly/` when they are hourly. */
export function traderFolder(importKey: string): string {
  const path = importKey.replace(/^ai-trader:/, '');
  // Names may have any sign; no daily trader's ends like that.
  const isHourly = path.endsWith(HOURLY_END);
  const names = isHourly ? path.slice(0, -HOURLY_END.length) : path;
  const folder = names.includes('/') ? names : `agent_data/${names}`;
  return isHourly ? `hourly/${folder}` : folder;
}

const inZone = (time: Date, zone: string): DateTime => DateTime.fromJSDate(time, { zone });
