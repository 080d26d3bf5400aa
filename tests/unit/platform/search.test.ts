import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { parseSearch } from '../../../src/services/platform/search.ts';

const read = (text: string) => {
  const search = parseSearch(text);
  return { text: search.text.replaceAll(/\s+/g, ' ').trim(), fragments: search.fragments };
};

describe('a search', () => {
  test.each([
    ['buy nvidia', 'buy nvidia'],
    ['buy "stop loss" -nvidia', 'buy "stop loss" -nvidia'],
    // A quote that nothing closes is none, and the typographic ones are quotes.
    ['buy "stop loss', 'buy stop loss'],
    ['“stop loss” buy', '"stop loss" buy'],
    ['', ''],
    ['"', ''],
    ["%_\\'", "%_\\'"],
  ])('%j is for the database %j', (text, expected) => {
    expect(read(text)).toEqual({ text: expected, fragments: [] });
  });

  test.each<[string, string, string[]]>([
    ['买入', '买入', ['%买入%']],
    ['AAPL买入 贵州茅台', 'AAPL 买入 贵州茅台', ['%买入%', '%贵州茅台%']],
    ['ソニー', 'ソニー', ['%ソニー%']],
    // In quotes it stands beside other words; left out, all of it is left out and not a part.
    ['"买入 AAPL"', '"买入 AAPL"', []],
    ['AAPL -买入', 'AAPL -"买入"', []],
    // LIKE knows no "or".
    ['买入 or 卖出', '买入 or 卖出', []],
    ['"a or b" 买入', '"a or b" 买入', ['%买入%']],
  ])('%j finds Chinese as it stands', (text, expected, fragments) => {
    expect(read(text)).toEqual({ text: expected, fragments });
  });

  test('has Chinese as phrases, where that is wanted', () => {
    expect(parseSearch('买入 or AAPL').phrases.replaceAll(/\s+/g, ' ').trim()).toBe(
      '"买入" or AAPL',
    );
  });

  test.each([
    ['--buy', 'buy'],
    ['---buy', '-buy'],
    ['buy -( -!- nvidia', 'buy - nvidia'],
    ['"--" buy', '"--" buy'],
  ])('%j says "not" once or not at all', (text, expected) => {
    expect(read(text).text).toBe(expected);
  });

  test('has no character that no text of the database has', () => {
    expect(read('a\0b').text).toBe('a b');
  });

  test('has at most 1,000 characters, and says so', () => {
    expect(parseSearch('x'.repeat(1_000)).text).toHaveLength(1_000);
    const refused = () => parseSearch('x'.repeat(1_001));
    expect(refused).toThrow(InvalidInput);
    expect(refused).toThrow('1000 characters');
  });
});
