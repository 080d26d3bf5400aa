import { barLabel, folderOf } from './record-names.ts';
import { Prisma } from '../../platform/prisma/client.ts';
import { streamRows } from '../../platform/row-stream.ts';
import { toText } from '../../platform/money.ts';
import type { Tx } from '../../platform/database.ts';
import type { BarInterval } from '../../platform/prisma/enums.ts';
import type { ExportFile } from './export-folder.ts';
import { consecutive } from './consecutive.ts';

interface BarRow {
  readonly symbol: string;
  readonly name: string;
  readonly zone: string;
  readonly interval: BarInterval;
  readonly open_time: Date;
  readonly close_time: Date;
  readonly open: Prisma.Decimal;
  readonly high: Prisma.Decimal | null;
  readonly low: Prisma.Decimal | null;
  readonly close: Prisma.Decimal | null;
  readonly volume: Prisma.Decimal | null;
}

const SERIES = { DAY_1: 'Time Series (Daily)', HOUR_1: 'Time Series (60min)' } as const;

/** The imported bars of every instrument, one file for each interval, in the provider's format. */
export async function* priceFiles(tx: Tx): AsyncGenerator<ExportFile> {
  const rows = streamRows<BarRow>(
    tx,
    'exported_bars',
    Prisma.sql`
      SELECT i.symbol, i.name, i.zone, b.interval, b.open_time, b.close_time, b.open, b.high, b.low,
        b.close, b.volume
      FROM instruments i JOIN LATERAL (
        SELECT DISTINCT ON (interval, open_time) * FROM bars
        WHERE instrument_id = i.id AND interval IN ('DAY_1', 'HOUR_1')
        ORDER BY interval, open_time, known_at DESC) b ON true
      WHERE i.source = 'IMPORTED' ORDER BY i.symbol, b.interval, b.open_time`,
  );
  const isSameFile = (a: BarRow, b: BarRow) => a.symbol === b.symbol && a.interval === b.interval;
  for await (const { first, all } of consecutive(rows, isSameFile)) {
    const folder = folderOf({ zone: first.zone, isHourly: first.interval === 'HOUR_1' });
    yield { path: `${folder}daily_prices_${first.symbol}.json`, text: priceText(first, all) };
  }
}

async function* priceText(first: BarRow, bars: AsyncIterable<BarRow>): AsyncGenerator<string> {
  const isHourly = first.interval === 'HOUR_1';
  const about = {
    '1. Information': `${isHourly ? 'Intraday (60min)' : 'Daily Prices'} (open, high, low, close) and Volumes`,
    '2. Symbol': first.symbol,
    ...(first.name !== first.symbol && { '2.1. Name': first.name }),
    ...(isHourly && { '4. Interval': '60min' }),
    '5. Time Zone': first.zone,
  };
  yield `{\n    "Meta Data": ${JSON.stringify(about)},\n`;
  yield `    "${SERIES[isHourly ? 'HOUR_1' : 'DAY_1']}": {`;
  let isFirst = true;
  for await (const bar of bars) {
    yield `${isFirst ? '' : ','}\n        "${barLabel(bar)}": ${JSON.stringify(figuresOf(bar))}`;
    isFirst = false;
  }
  yield '\n    }\n}\n';
}

/** A bar of which the open alone is known has nothing else. */
function figuresOf({ open, high, low, close, volume }: BarRow): Record<string, string> {
  if (!high || !low || !close || !volume) return { '1. open': toText(open) };
  return {
    '1. open': toText(open),
    '2. high': toText(high),
    '3. low': toText(low),
    '4. close': toText(close),
    '5. volume': toText(volume),
  };
}
