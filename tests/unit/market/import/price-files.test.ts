import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join, relative, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ImportError } from '../../../../src/services/market/import/errors.ts';
import {
  findPriceFiles,
  readPriceSeries,
  type SourcedSeries,
} from '../../../../src/services/market/import/price-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const VARIANTS = resolve(import.meta.dirname, '../../../fixtures/ai-trader-variants');

async function find(folder: string) {
  const { raw, merged, ignoredFiles, sizeBytes } = await findPriceFiles(folder);
  const below = (file: string) => relative(folder, file);
  return {
    raw: raw.map(({ file }) => below(file)),
    merged: merged.map(({ file }) => below(file)),
    ignored: ignoredFiles.map(below),
    sizeBytes,
  };
}

async function read(folder: string): Promise<SourcedSeries[]> {
  const series: SourcedSeries[] = [];
  for await (const one of readPriceSeries(await findPriceFiles(folder))) series.push(one);
  return series;
}

const day = (symbol: string) =>
  `{"Meta Data": {"2. Symbol": "${symbol}"}, "Time Series (Daily)": {"2025-10-01": {"1. open": "1"}}}`;

describe('price files of a folder', () => {
  test('are found wherever they lie, the fuller ones first', async () => {
    for (const folder of [VARIANTS, join(VARIANTS, 'data')]) {
      const { raw, merged, ignored } = await find(folder);
      const data = folder === VARIANTS ? 'data/' : '';
      expect(raw).toEqual(
        [
          'A_stock/A_stock_data/daily_prices_600519.SHH.json',
          'A_stock/A_stock_data/index_daily_sse_50.json',
          'Adaily_prices_QQQ.json',
          'crypto/CD5_crypto_index.json',
          'crypto/coin/daily_prices_BTC.json',
          'crypto/coin/daily_prices_ETH.json',
          'daily_prices_AAA.json',
        ].map((file) => data + file),
      );
      expect(merged).toEqual(
        [
          'A_stock/merged.jsonl',
          'A_stock/merged_hourly.jsonl',
          'crypto/crypto_merged.jsonl',
          'merged.jsonl',
        ].map((file) => data + file),
      );
      expect(ignored).toEqual([`${data}A_stock/A_stock_data/daily_prices_sse_50.csv`]);
    }
  });

  test('are read in that order, each of its market', async () => {
    const series = await read(VARIANTS);
    expect(
      series.map(({ symbol, exchange, interval, bars }) =>
        [symbol, exchange.name, interval, bars.length].join(' '),
      ),
    ).toEqual([
      '600519.SH CHINA_A DAY_1 3',
      '000016.SH CHINA_A DAY_1 3',
      'QQQ US HOUR_1 3',
      'CD5 CRYPTO DAY_1 3',
      'BTC-USDT CRYPTO DAY_1 3',
      'ETH-USDT CRYPTO DAY_1 3',
      'AAA US HOUR_1 9',
      '600519.SH CHINA_A DAY_1 3',
      '000001.SZ CHINA_A DAY_1 2',
      '600519.SH CHINA_A HOUR_1 6',
      'BTC-USDT CRYPTO DAY_1 3',
      'SOL-USDT CRYPTO DAY_1 3',
      'AAA US HOUR_1 3',
      'BBB US HOUR_1 3',
    ]);
    expect(series.at(-1)?.place).toEqual({ file: join(VARIANTS, 'data/merged.jsonl'), line: 2 });
    const { sizeBytes } = await findPriceFiles(VARIANTS);
    expect(series.reduce((sum, one) => sum + one.sizeBytes, 0)).toBe(sizeBytes);
  });

  test('of coins are known by their folder, which may be the one that was given', async () => {
    const folder = await temporaryFolder({ 'crypto_2025/daily_prices_BTC.json': day('BTC') });
    expect((await read(folder))[0]?.symbol).toBe('BTC-USDT');
    expect((await read(join(folder, 'crypto_2025')))[0]?.symbol).toBe('BTC-USDT');
  });

  test('are known by how they begin and not by their name', async () => {
    const folder = await temporaryFolder({
      'a.json': day('A'),
      'late.json': `{"Meta Data": {"1. Information": "${'x'.repeat(3_000)}", "2. Symbol": "B"},${day('').slice(day('').indexOf('}') + 2)}`,
      'lines.jsonl': `${day('C')}\n\n${day('D')}\n`,
      'daily_prices_limit.json': '{"Information": "25 requests a day"}',
      'daily_prices_table.csv': 'date,open',
      'package.json': '{"name": "x"}',
      'broken.json': '{"name":',
      'notes.txt': day('E'),
      'indicator.json': `{"Meta Data": {}, "Technical Analysis: SMA": {${'"a": 1,'.repeat(1_000)}"b": 2}}`,
    });
    const { raw, merged, ignored } = await find(folder);
    expect(raw).toEqual(['a.json', 'late.json']);
    expect(merged).toEqual(['lines.jsonl']);
    expect(ignored).toEqual(['daily_prices_limit.json', 'daily_prices_table.csv']);
    expect((await read(folder)).map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C', 'D']);
  });

  test('may be none', async () => {
    const folder = await temporaryFolder({ 'agent_data/a/position/position.jsonl': '{}' });
    expect(await find(folder)).toEqual({ raw: [], merged: [], ignored: [], sizeBytes: 0 });
    expect(await read(folder)).toEqual([]);
  });

  test('are not looked for in what traders wrote, in hidden or very deep folders', async () => {
    const folder = await temporaryFolder({
      'agent_data/a/log/2025-10-01/daily_prices_A.json': day('A'),
      'agent_data/a/position/daily_prices_B.json': day('B'),
      '.git/daily_prices_C.json': day('C'),
      '.daily_prices_D.json': day('D'),
      '1/2/3/4/5/6/daily_prices_E.json': day('E'),
      '1/2/3/4/5/6/7/daily_prices_F.json': day('F'),
      'a: b/daily prices/daily_prices_G.json': day('G'),
    });
    expect((await read(folder)).map(({ symbol }) => symbol)).toEqual(['E', 'G']);
  });

  test('are each read once, whatever links there are', async () => {
    const outside = await temporaryFolder({ 'daily_prices_X.json': day('X') });
    const folder = await temporaryFolder({ 'prices/daily_prices_A.json': day('A') });
    await symlink(folder, join(folder, 'prices/loop'));
    await symlink('again', join(folder, 'again'));
    await symlink(outside, join(folder, 'outside'));
    await symlink(join(outside, 'daily_prices_X.json'), join(folder, 'daily_prices_X.json'));
    await symlink('prices/daily_prices_A.json', join(folder, 'daily_prices_A.json'));
    expect((await read(folder)).map(({ symbol }) => symbol)).toEqual(['A']);
    // What was asked for may itself be a link.
    const link = join(outside, 'link');
    await symlink(folder, link);
    expect((await read(link)).map(({ symbol }) => symbol)).toEqual(['A']);
  });

  test('are plain files: a folder or a socket of such a name is none', async () => {
    const folder = await temporaryFolder({ 'daily_prices_A.json': day('A') });
    await mkdir(join(folder, 'daily_prices_B.json'));
    const socket = createServer().listen(join(folder, 'daily_prices_C.json'));
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    expect((await read(folder)).map(({ symbol }) => symbol)).toEqual(['A']);
  });

  test('come from a folder that is there', async () => {
    const folder = await temporaryFolder({ 'a.txt': '' });
    for (const missing of ['nowhere', 'a.txt', 'a.txt/b']) {
      await expect(findPriceFiles(join(folder, missing))).rejects.toThrow(
        new ImportError({ file: join(folder, missing) }, 'There is no such directory.'),
      );
    }
  });

  test.skipIf(process.getuid === undefined)('are refused when they may not be read', async () => {
    const folder = await temporaryFolder({ 'secret/daily_prices_A.json': day('A') });
    const secret = join(folder, 'secret');
    await chmod(folder, 0o755);
    for (const [mode, path] of [
      [0o000, join(secret, 'daily_prices_A.json')],
      [0o700, secret],
    ] as const) {
      await chmod(path, mode);
      // The superuser may read everything.
      const isSuperuser = process.geteuid?.() === 0;
      if (isSuperuser) process.seteuid?.(65_534);
      try {
        await expect(findPriceFiles(folder)).rejects.toThrow(/may not be read/);
      } finally {
        if (isSuperuser) process.seteuid?.(0);
      }
    }
  });
});

describe('a broken price file is refused with its line:', () => {
  const meta = '"Meta Data": {"2. Symbol": "AAA"}';
  const huge = `{${meta}, "Time Series (Daily)": {"a": "${'x'.repeat(20 * 1024 * 1024)}"}}`;
  const nested = '['.repeat(100_000);
  test.each<[string, string, string | Buffer, string, RegExp]>([
    [
      'cut off in a bar',
      'a.json',
      `{\n${meta},\n"Time Series (Daily)": {\n"2025-1`,
      ':4',
      /cut off/,
    ],
    [
      'cut off in its description',
      'daily_prices_A.json',
      '{\n"Meta Data": {"2. Sy',
      ':2',
      /cut off/,
    ],
    ['cut off after it', 'a.json', `{\n${meta},\n`, ':3', /cut off/],
    ['cut off at once', 'daily_prices_A.json', '{', ':1', /cut off/],
    ['empty', 'daily_prices_A.json', '', ':1', /cut off/],
    ['merged, cut off in its first line', 'merged.jsonl', '{"Meta', ':1', /cut off/],
    [
      'merged, cut off in its last line',
      'x.jsonl',
      `${day('A')}\n${day('B').slice(0, -1)}`,
      ':2',
      /cut off/,
    ],
    ['binary', 'daily_prices_A.json', Buffer.from([0x89, 0x50, 0xff, 0]), '', /not text/],
    [
      'not UTF-8',
      'a.json',
      Buffer.concat([Buffer.from(`{${meta}, "Time Series (Daily)": {"`), Buffer.from([0xe9])]),
      '',
      /not text/,
    ],
    [
      'merged, not UTF-8 in its second line',
      'x.jsonl',
      Buffer.concat([Buffer.from(`${day('A')}\n`), Buffer.from([0xe9])]),
      ':2',
      /not text/,
    ],
    [
      'with NaN',
      'a.json',
      `{${meta},\n"Time Series (Daily)": {"2025-10-01": {"1. open": NaN}}}`,
      ':2',
      /not valid JSON/,
    ],
    ['with a line of 20 MB', 'x.jsonl', huge, ':1', /longer than 16 MiB/],
    [
      'nested absurdly',
      'a.json',
      `{${meta}, "Time Series (Daily)": ${nested}`,
      ':1',
      /not valid JSON|nested too deeply/,
    ],
    [
      'nested absurdly, and whole',
      'a.json',
      `{${meta}, "Time Series (Daily)": ${nested}${']'.repeat(100_000)}}`,
      ':1',
      /record in braces|nested too deeply/,
    ],
  ])('%s', async (_what, name, content, line, reason) => {
    const folder = await temporaryFolder({ [name]: content });
    const reading = read(folder);
    await expect(reading).rejects.toThrow(ImportError);
    await expect(reading).rejects.toThrow(`${join(folder, name)}${line}: `);
    await expect(reading).rejects.toThrow(reason);
  });

  test('cut at any byte, it is refused, unless the cut is between two lines', async () => {
    const files = await findPriceFiles(VARIANTS);
    // The same cuts in every run (a linear congruential generator).
    let state = 1;
    const random = () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
    for (const { file } of [...files.raw, ...files.merged]) {
      const content = await readFile(file);
      const text = content.toString('latin1');
      for (let cut = 0; cut < 30; cut += 1) {
        const length = Math.floor(random() * text.trimEnd().length);
        const name = basename(file);
        const folder = await temporaryFolder({ [name]: content.subarray(0, length) });
        const isWholeLine = /(^|\n)$/.test(text.slice(0, length)) || text[length] === '\n';
        const isBetweenLines = name.endsWith('.jsonl') && isWholeLine;
        const found = await read(folder).catch((error: unknown) => error);
        const place = `${name} cut after ${String(length)} bytes`;
        if (isBetweenLines) expect(found, place).toBeInstanceOf(Array);
        else expect(found, place).toBeInstanceOf(ImportError);
      }
    }
  });

  test('a whole file of 20 MB in one line is read', async () => {
    const folder = await temporaryFolder({ 'a.json': day('A') + ' '.repeat(20 * 1024 * 1024) });
    expect(await read(folder)).toHaveLength(1);
  });
});
