import { resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/services/market/import/errors.ts';
import { findImportedInstruments } from '../../../src/services/market/import/imported-instruments.ts';
import {
  findPriceFiles,
  readPriceSeries,
} from '../../../src/services/market/import/price-files.ts';
import { createPriceImporter } from '../../../src/services/market/import/price-importer.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';

const VARIANTS = resolve(import.meta.dirname, '../../fixtures/ai-trader-variants');

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const importer = createPriceImporter(floor);

async function importFolder(folder: string) {
  const files = await findPriceFiles(folder);
  return database.worker.withViewer(systemViewer(), (tx) =>
    importer.importSeries(tx, readPriceSeries(files)),
  );
}

beforeEach(async () => {
  await database.query('ALTER TABLE bars DISABLE TRIGGER append_only');
  await database.query('TRUNCATE bars');
  await database.query('ALTER TABLE bars ENABLE TRIGGER append_only');
  await database.query('DELETE FROM instruments');
});

/** "opens known open high low close volume" of each stored bar, oldest first; times of UTC. */
async function barsOf(symbol: string, interval: 'DAY_1' | 'HOUR_1'): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `SELECT concat_ws(' ', to_char(open_time AT TIME ZONE 'UTC', 'MM-DD HH24:MI'),
       CASE known_at WHEN close_time THEN 'close' WHEN open_time THEN 'open' END,
       to_char(close_time AT TIME ZONE 'UTC', 'HH24:MI'), trim_scale(open), trim_scale(high),
       trim_scale(low), trim_scale(close), trim_scale(volume)) AS line
     FROM bars b JOIN instruments i ON i.id = b.instrument_id
     WHERE i.symbol = $1 AND interval = $2::bar_interval AND b.source = 'IMPORTED'
     ORDER BY open_time, known_at`,
    [symbol, interval],
  );
  return rows.map(({ line }) => line);
}

const countBars = async () => (await database.query('SELECT FROM bars')).length;

test('have the calendar of the exchange that their instrument trades at', async () => {
  await importFolder(VARIANTS);
  const rows = await database.query<{ line: string }>(
    `SELECT symbol || ' ' || calendar AS line FROM instruments
     WHERE symbol IN ('AAA', '600519.SH', 'BTC-USDT') ORDER BY symbol`,
  );
  expect(rows.map(({ line }) => line)).toEqual([
    ...['600519.SH CN_STOCKS', 'AAA US_STOCKS', 'BTC-USDT ALWAYS'],
  ]);
});

describe('prices of every variant', () => {
  test('are stored, whole bars as of their close and newest ones by their open', async () => {
    const summary = await importFolder(VARIANTS);
    expect(await barsOf('AAA', 'HOUR_1')).toEqual([
      '10-15 14:00 close 15:00 100 101 99.5 100.5 100',
      '10-15 15:00 close 16:00 100.5 101 100 100.75 200',
      '10-15 16:00 close 17:00 100.75 101.5 100.25 101.25 300',
      '10-15 17:00 close 18:00 101.25 101.75 100.75 101 400',
      '10-15 18:00 close 19:00 101 102 100.5 101.5 500',
      '10-15 19:00 close 20:00 101.5 102.5 101 102 600',
      '10-16 14:00 close 15:00 102 103.5 101.5 103 700',
      '10-16 15:00 close 16:00 103 104 102.5 104 800',
      // The merged file has the open of this one alone, and the provider's is whole.
      '10-16 16:00 close 17:00 104 105 103.5 104.5 900',
      '10-16 17:00 open 18:00 104.5',
    ]);
    expect(await barsOf('600519.SH', 'DAY_1')).toEqual([
      '10-09 01:30 close 07:00 1440 1450 1430 1436.5 4500',
      // The volume of the provider's file, and not the 3599 of the merged one.
      '10-10 01:30 close 07:00 1436 1438 1425 1430 3600',
      '10-13 01:30 close 07:00 1420 1428.5 1415 1419.25 3300',
      '10-14 01:30 open 07:00 1421',
    ]);
    expect(await barsOf('600519.SH', 'HOUR_1')).toEqual([
      '10-09 01:30 close 02:30 1440 1450 1438 1445 1500',
      '10-09 02:30 close 03:30 1445 1447 1440 1441 1000',
      '10-09 05:00 close 06:00 1441 1442 1430 1435 900',
      '10-09 06:00 close 07:00 1435 1439 1434 1436.5 1100',
      '10-10 01:30 close 02:30 1436 1438 1431 1433 1200',
      '10-10 02:30 open 03:30 1433',
    ]);
    expect(await barsOf('BTC-USDT', 'DAY_1')).toEqual([
      '11-01 00:00 close 00:00 109600 110500 109300 110100.5 3.62152345',
      '11-02 00:00 close 00:00 110100.5 111200 109400 110000 5.02031554',
      '11-03 00:00 close 00:00 110000 111000 105000 106500 7.15432101',
      '11-04 00:00 open 00:00 106500',
    ]);
    expect(await barsOf('CD5', 'DAY_1')).toEqual([
      '11-01 00:00 close 00:00 50000 50000 50000 50000 0',
      '11-02 00:00 close 00:00 50010 50278.8474 50010 50278.8474 0',
      '11-03 00:00 close 00:00 50278.8474 50278.8474 47839.4786 47839.4786 0',
    ]);
    // Hours in the files: AAA 9 + 3, BBB 3, QQQ 3, 600519.SH 6 = 24.
    // Days: 600519.SH 3 + 3, 000016.SH 3, 000001.SZ 2 = 11; CD5 3, BTC 3 + 3, ETH 3, SOL 3 = 15.
    // Twice: AAA 2, 600519.SH 2, BTC 2.
    expect(summary).toEqual({
      symbols: 10,
      bars: 24 + 11 + 15,
      instrumentsAdded: 10,
      instrumentsNamed: 1,
      barsAdded: 50 - 6,
      barsDiffering: 1,
      barsWithoutRange: 3,
    });
  });

  test('make instruments of their exchange, with the names that the files give', async () => {
    await importFolder(VARIANTS);
    const rows = await database.query<{ line: string }>(
      `SELECT concat_ws(' ', symbol, name, asset_class, currency, zone, trim_scale(tick_size),
         trim_scale(lot_size), is_tradable, source) AS line FROM instruments ORDER BY symbol`,
    );
    expect(rows.map(({ line }) => line)).toEqual([
      '000001.SZ 平安银行 STOCK CNY Asia/Shanghai 0.01 1 f IMPORTED',
      '000016.SH 000016.SH INDEX CNY Asia/Shanghai 0.01 1 f IMPORTED',
      '600519.SH 贵州茅台 STOCK CNY Asia/Shanghai 0.01 1 f IMPORTED',
      'AAA AAA STOCK USD America/New_York 0.0001 1 f IMPORTED',
      'BBB BBB STOCK USD America/New_York 0.0001 1 f IMPORTED',
      'BTC-USDT BTC-USDT CRYPTO USDT UTC 0.00000001 0.00000001 f IMPORTED',
      'CD5 CD5 INDEX USDT UTC 0.00000001 0.00000001 f IMPORTED',
      'ETH-USDT ETH-USDT CRYPTO USDT UTC 0.00000001 0.00000001 f IMPORTED',
      'QQQ QQQ ETF USD America/New_York 0.0001 1 f IMPORTED',
      'SOL-USDT SOL-USDT CRYPTO USDT UTC 0.00000001 0.00000001 f IMPORTED',
    ]);
    const found = await database.worker.snapshot(systemViewer(), (tx) =>
      findImportedInstruments(tx, ['BTC-USDT', 'NONE']),
    );
    expect([...found.values()]).toEqual([
      { id: expect.any(String) as string, symbol: 'BTC-USDT', currency: 'USDT' },
    ]);
  });

  test('change nothing when they come again', async () => {
    await importFolder(VARIANTS);
    const dump = () =>
      database.query(
        'SELECT * FROM bars, instruments i WHERE i.id = instrument_id ORDER BY 1, 2, 3, 4',
      );
    const before = await dump();
    expect(await importFolder(VARIANTS)).toMatchObject({
      instrumentsAdded: 0,
      instrumentsNamed: 0,
      barsAdded: 0,
      barsDiffering: 1,
    });
    expect(await dump()).toEqual(before);
  });
});

const seriesOf = (symbol: string, bars: Record<string, string>) => {
  const days = Object.entries(bars).map(([date, figures]) => {
    const [open, high, low, close, volume] = figures.split(' ');
    const whole = {
      '1. open': open,
      '2. high': high,
      '3. low': low,
      '4. close': close,
      '5. volume': volume,
    };
    return [date, high === undefined ? { '1. buy price': open } : whole];
  });
  return JSON.stringify({
    'Meta Data': { '2. Symbol': symbol },
    'Time Series (Daily)': Object.fromEntries(days) as unknown,
  });
};

describe('an open alone', () => {
  const [open, whole] = [
    seriesOf('AAA', { '2025-10-01': '10' }),
    seriesOf('AAA', { '2025-10-01': '10 12 9 11 100' }),
  ];
  const asOpen = '10-01 13:30 open 20:00 10';
  const asWhole = '10-01 13:30 close 20:00 10 12 9 11 100';

  test.each<[string, Record<string, string>, string[]]>([
    ['is not stored beside the whole', { 'a.jsonl': `${open}\n`, 'b.json': whole }, [asWhole]],
    ['nor after it in a file', { 'a.jsonl': `${whole}\n${open}` }, [asWhole]],
    ['stays when the whole comes later', { 'a.jsonl': `${open}\n${whole}` }, [asOpen, asWhole]],
    ['is stored once', { 'a.jsonl': `${open}\n${open}` }, [asOpen]],
  ])('%s', async (_what, files, expected) => {
    await importFolder(await temporaryFolder(files));
    expect(await barsOf('AAA', 'DAY_1')).toEqual(expected);
  });

  test('is completed by a later import, and never the other way round', async () => {
    const [first, second] = [
      await temporaryFolder({ 'merged.jsonl': open }),
      await temporaryFolder({ 'merged.jsonl': whole }),
    ];
    await importFolder(first);
    expect(await importFolder(second)).toMatchObject({ barsAdded: 1, barsDiffering: 0 });
    expect(await importFolder(first)).toMatchObject({ barsAdded: 0, barsDiffering: 0 });
    expect(await barsOf('AAA', 'DAY_1')).toEqual([asOpen, asWhole]);
  });
});

describe('bars', () => {
  test('stay as they were first stored, and those that differ are counted', async () => {
    const of = (figures: string) => seriesOf('AAA', { '2025-10-01': figures, '2025-10-02': '2' });
    await importFolder(await temporaryFolder({ 'a.json': of('10 12 9 11 100') }));
    const again = await temporaryFolder({ 'a.json': of('10 12 9 11.5 100') });
    expect(await importFolder(again)).toMatchObject({ barsAdded: 0, barsDiffering: 1 });
    const written = await temporaryFolder({ 'a.json': of('10.00 12.0 9 11 100.000') });
    expect(await importFolder(written)).toMatchObject({ barsAdded: 0, barsDiffering: 0 });
    expect(await barsOf('AAA', 'DAY_1')).toEqual([
      '10-01 13:30 close 20:00 10 12 9 11 100',
      '10-02 13:30 open 20:00 2',
    ]);
  });

  test('of one long series go in whole, whatever the size of a statement', async () => {
    const days = Array.from({ length: 4_567 }, (_, day) => {
      const date = new Date(Date.UTC(2001, 0, 1 + day)).toISOString().slice(0, 10);
      return [
        date,
        `${String(day + 1)} ${String(day + 3)} ${String(day + 1)} ${String(day + 2)} 1`,
      ];
    });
    const series = seriesOf('LONG', Object.fromEntries(days) as Record<string, string>);
    const folder = await temporaryFolder({ 'long.json': series });
    expect(await importFolder(folder)).toMatchObject({ symbols: 1, bars: 4_567, barsAdded: 4_567 });
    const [sum] = await database.query<{ sum: string }>(
      'SELECT trim_scale(sum(open)) AS sum FROM bars',
    );
    // 1 + 2 + … + 4,567 = 4,567 × 4,568 / 2.
    expect(sum?.sum).toBe('10431028');
  });

  test('keep all digits of the files', async () => {
    const figures = '0.000000000000000001 12345678901234567890.12 0.000000000000000001 3 0.1';
    const series = seriesOf('AAA', { '2025-10-01': figures });
    await importFolder(await temporaryFolder({ 'a.json': series }));
    expect(await barsOf('AAA', 'DAY_1')).toEqual([`10-01 13:30 close 20:00 ${figures}`]);
  });
});

describe('nothing is left', () => {
  test('of prices when the last file is broken', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => {
        const dates = Array.from({ length: 200 }, (_, day) => [
          new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
          '1 1 1 1 1',
        ]);
        const series = seriesOf(
          `S${String(n)}`,
          Object.fromEntries(dates) as Record<string, string>,
        );
        return [`s${String(n)}.json`, series];
      }),
    );
    const folder = await temporaryFolder({
      ...many,
      'z.json': seriesOf('Z', { '2025-10-01': '0' }),
    });
    await expect(importFolder(folder)).rejects.toThrow(ImportError);
    expect(await countBars()).toBe(0);
    expect(await database.query('SELECT FROM instruments')).toEqual([]);
  });

  test('of a symbol that has prices of its own here', async () => {
    await floor.addInstrument({ symbol: 'BBB' });
    const folder = await temporaryFolder({
      'm.jsonl': `${seriesOf('AAA', { '2025-10-01': '1' })}\n${seriesOf('BBB', { '2025-10-01': '1' })}`,
    });
    const importing = importFolder(folder);
    await expect(importing).rejects.toThrow(ImportError);
    await expect(importing).rejects.toThrow(/m\.jsonl:2: BBB is an instrument with live prices/);
    expect(await countBars()).toBe(0);
  });
});

test('two imports of the same prices at once store them once', async () => {
  const summaries = await Promise.all([importFolder(VARIANTS), importFolder(VARIANTS)]);
  expect(summaries.map(({ barsAdded }) => barsAdded).sort()).toEqual([0, 44]);
  expect(await countBars()).toBe(44);
});

test('what comes after in the transaction is planned as ever', async () => {
  const [row] = await database.worker.withViewer(systemViewer(), async (tx) => {
    await importer.importSeries(tx, readPriceSeries(await findPriceFiles(VARIANTS)));
    return tx.$queryRaw<{ on: string }[]>`SELECT current_setting('enable_seqscan') AS on`;
  });
  expect(row).toEqual({ on: 'on' });
});
