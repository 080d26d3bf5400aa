import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../../src/services/market/import/errors.ts';
import { createCalendar } from '../../../../src/services/market/import/exchange.ts';
import { parseQuotedJson } from '../../../../src/services/market/import/json.ts';
import { parsePriceSeries } from '../../../../src/services/market/import/price-series.ts';

const FILE = 'prices.json';

function parse(text: string, isInCryptoFolder = false) {
  const value = parseQuotedJson(text, { file: FILE });
  const calendarOf = createCalendar;
  return parsePriceSeries({ value, text, file: FILE, isInCryptoFolder, calendarOf });
}

const META = '"Meta Data": {"2. Symbol": "AAA"}';
/** One bar a line: the first is in line 4. */
const textOf = (bars: readonly string[], meta = META, key = 'Time Series (Daily)') =>
  `{\n${meta},\n"${key}": {\n${bars.join(',\n')}\n}\n}`;

const bar = (open: string, high: string, low: string, close: string, volume = '1') =>
  `{"1. open": "${open}", "2. high": "${high}", "3. low": "${low}", "4. close": "${close}", "5. volume": "${volume}"}`;
const day = (text: string, date = '2025-10-01') => `"${date}": ${text}`;

describe('a series', () => {
  test('has its bars in the naming of the provider, digit for digit', () => {
    const { symbol, exchange, interval, bars } = parse(
      textOf([day(bar('0.00000001', '12345678901234567890.5', '0.000000010', '3', '0'))]),
    );
    expect([symbol, exchange.name, interval]).toEqual(['AAA', 'US', 'DAY_1']);
    expect(bars.map(({ open, rest }) => ({ open, ...rest }))).toEqual([
      {
        open: '0.00000001',
        high: '12345678901234567890.5',
        low: '0.000000010',
        close: '3',
        volume: '0',
      },
    ]);
  });

  test('has its bars in the naming of the merged files, the newest by its open alone', () => {
    const whole =
      '{"5. volume": "7", "4. sell price": "2", "3. low": "1", "1. buy price": "1.5", "2. high": "3"}';
    const { bars } = parse(
      textOf([day('{"1. buy price": "2.5"}', '2025-10-02'), day(whole, '2025-10-01')]),
    );
    expect(bars.map(({ session, open, rest }) => [session.date, open, rest])).toEqual([
      ['2025-10-02', '2.5', undefined],
      ['2025-10-01', '1.5', { high: '3', low: '1', close: '2', volume: '7' }],
    ]);
  });

  test('may come before its description', () => {
    const { symbol, bars } = parse(
      `{"Time Series (Daily)": {${day(bar('1', '1', '1', '1'))}}, ${META}}`,
    );
    expect([symbol, bars.length]).toEqual(['AAA', 1]);
  });

  test('may be of hours', () => {
    const { interval, bars } = parse(
      textOf([day(bar('1', '1', '1', '1'), '2025-10-01 10:00:00')], META, 'Time Series (60min)'),
    );
    expect(interval).toBe('HOUR_1');
    expect(bars[0]?.session.openTime.toISOString()).toBe('2025-10-01T14:00:00.000Z');
  });

  test('may have no bar', () => {
    expect(parse(textOf([])).bars).toEqual([]);
  });

  test('of an A-share is of Shanghai, whatever its file claims, and has the name in it', () => {
    const meta =
      '"Meta Data": {"2. Symbol": "600519.SHH", "2.1. Name": " 贵州茅台 ", "5. Time Zone": "US/Eastern"}';
    const { symbol, name, exchange } = parse(textOf([], meta));
    expect([symbol, name, exchange.name]).toEqual(['600519.SH', '贵州茅台', 'CHINA_A']);
  });

  test.each([
    ['says so', '"1. Information": "Prices for Digital Currency", ', false, 'BTC-USDT'],
    ['lies among them', '"5. Time Zone": "UTC", ', true, 'BTC-USDT'],
    ['lies among them, and is of the US', '"6. Time Zone": "US/Eastern", ', true, 'BTC'],
    ['lies elsewhere', '', false, 'BTC'],
  ])('of a bare symbol is a coin by its file, which %s', (_why, said, isInCryptoFolder, symbol) => {
    const meta = `"Meta Data": {${said}"2. Symbol": "BTC"}`;
    expect(parse(textOf([], meta), isInCryptoFolder).symbol).toBe(symbol);
  });

  test('without a range has that of open and close, and is counted', () => {
    const { bars, barsWithoutRange } = parse(
      textOf([
        day(bar('50.10', '0.0000', '0', '50.2788', '0'), '2025-11-01'),
        day(bar('50.2788', '0.0000', '0', '47.8394', '0'), '2025-11-02'),
        day(bar('1', '2', '1', '2'), '2025-11-03'),
      ]),
    );
    expect(bars.map(({ rest }) => [rest?.high, rest?.low])).toEqual([
      ['50.2788', '50.10'],
      ['50.2788', '47.8394'],
      ['2', '1'],
    ]);
    expect(barsWithoutRange).toBe(2);
  });

  test('may group its thousands, as a file of the real records does', () => {
    const { bars } = parse(
      textOf([day(bar('1420.0800', '1,435.1100', '1420.0100', '1,433.3300'))]),
    );
    expect(bars[0]?.rest).toMatchObject({ high: '1435.1100', close: '1433.3300' });
  });

  test('compares what is longer than a floating-point number holds', () => {
    // Both are 0.3 in floating-point: the low is above the open in the last of its digits.
    const [open, low] = ['0.300000000000000001', '0.300000000000000002'];
    expect(() => parse(textOf([day(bar(open, '1', low, '1'))]))).toThrow(/outside of low and high/);
    expect(parse(textOf([day(bar(low, '1', open, '1'))])).bars).toHaveLength(1);
  });
});

describe('a series is refused in the line of its fault:', () => {
  const good = day(bar('2', '3', '1', '2'), '2025-10-02');
  test.each<[string, string, RegExp]>([
    ['a price of zero', bar('0.00', '3', '1', '2'), /open is not/],
    ['a close of zero', bar('2', '3', '1', '0'), /4\. close": A price is above zero/],
    ['a low of zero', bar('2', '3', '0', '2'), /3\. low": A price is above zero/],
    ['a price below zero', bar('-2', '3', '1', '2'), /1\. open": This is not a number/],
    ['NaN', bar('NaN', '3', '1', '2'), /not a number/],
    ['Infinity', bar('2', 'Infinity', '1', '2'), /2\. high": This is not a number/],
    ['an exponent', bar('2', '3', '1', '2e0'), /not a number/],
    ['more digits than are kept', bar('2.1234567890123456789', '3', '1', '2'), /not a number/],
    ['thousands in a wrong place', bar('2', '1,00.5', '1', '2'), /not a number/],
    ['a number without quotes', '{"1. open": 2}', /A number in quotes/],
    ['a number that is a list', '{"1. open": ["2"]}', /A number in quotes/],
    ['null', '{"1. open": null}', /A number in quotes/],
    ['an open above the high', bar('4', '3', '1', '2'), /outside of low and high/],
    ['a close below the low', bar('2', '3', '1.5', '1.25'), /outside of low and high/],
    ['a bar without an open', '{"4. close": "2"}', /has no open/],
    [
      'a bar without a low',
      '{"1. open": "2", "2. high": "3", "4. close": "2", "5. volume": "1"}',
      /lacks a part/,
    ],
    ['a bar that is a text', '"2"', /record in braces/],
    ['a bar that is a list', '[]', /record in braces/],
    ['a bar that is null', 'null', /record in braces/],
  ])('%s', (_what, wrong, reason) => {
    const failing = () => parse(textOf([good, day(wrong)]));
    expect(failing).toThrow(ImportError);
    expect(failing).toThrow(`${FILE}:5: `);
    expect(failing).toThrow(reason);
  });

  test.each([
    ['a day that is none', 'Time Series (Daily)', '2025-13-01', /not a date of the form/],
    ['an hour among days', 'Time Series (Daily)', '2025-10-01 10:00:00', /not a date of the form/],
    ['a day among hours', 'Time Series (60min)', '2025-10-01', /not a time of the form/],
  ])('%s', (_what, key, label, reason) => {
    const failing = () => parse(textOf([day(bar('2', '3', '1', '2'), label)], META, key));
    expect(failing).toThrow(`${FILE}:4: `);
    expect(failing).toThrow(reason);
  });

  test('a day that is there twice', () => {
    const other = day(bar('2', '3', '1', '2.5'), '2025-10-02');
    const failing = () => parse(textOf([good, day(bar('2', '3', '1', '2')), other]));
    expect(failing).toThrow(`${FILE}:6: "2025-10-02" is there twice.`);
  });

  test('a day that is there twice, once with a figure escaped', () => {
    const failing = () => parse(textOf([good, good.replace('02"', String.raw`0\u0032"`)]));
    expect(failing).toThrow(`${FILE}:5: "2025-10-02" is there twice.`);
  });

  test('a field that is in a bar twice', () => {
    const failing = () => parse(textOf([good.replace('}', ', "1. open" : "2.5"}')]));
    expect(failing).toThrow(`${FILE}:4: "1. open" is there twice.`);
  });

  test('braces in a description are no bars', () => {
    const meta = '"Meta Data": {"1. Information": "{a} {b}", "2. Symbol": "AAA"}';
    expect(parse(textOf([good], meta)).bars).toHaveLength(1);
  });

  test.each<[string, string, number, RegExp]>([
    ['no description', '{\n"Time Series (Daily)": {}}', 1, /Meta Data/],
    ['no symbol', textOf([], '"Meta Data": {}'), 2, /2\. Symbol": This is not a symbol/],
    ['a symbol that is none', textOf([], '"Meta Data": {"2. Symbol": "a b"}'), 2, /not a symbol/],
    ['a symbol that is a number', textOf([], '"Meta Data": {"2. Symbol": 7}'), 2, /not a symbol/],
    [
      'a name of no letters',
      textOf([], String.raw`"Meta Data": {"2. Symbol": "A", "2.1. Name": "\u0000"}`),
      2,
      /2\.1\. Name/,
    ],
    ['no series', `{\n${META}}`, 1, /"Time Series \(Daily\)" or "Time Series \(60min\)"/],
    ['a series of minutes', textOf([], META, 'Time Series (5min)'), 3, /is expected/],
    ['two series', textOf([], `${META},\n"Time Series (60min)": {}`), 4, /second series/],
    ['a series that is a list', `{${META},\n"Time Series (Daily)": []}`, 2, /record in braces/],
    ['a list', '[]', 1, /record in braces/],
  ])('%s', (_what, text, line, reason) => {
    const failing = () => parse(text);
    expect(failing).toThrow(ImportError);
    expect(failing).toThrow(`${FILE}:${String(line)}: `);
    expect(failing).toThrow(reason);
  });
});
