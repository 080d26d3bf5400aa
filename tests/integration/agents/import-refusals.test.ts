import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/services/market/import/errors.ts';
import { copyRecords, LOG, POSITIONS, type RecordsCopy } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);

const AAA = 'daily_prices_AAA.json';
const MERGED = 'merged.jsonl';
const binary = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0xff]);

type Change = Parameters<RecordsCopy['change']>[1];
const replace =
  (from: string | RegExp, to: string): Change =>
  (text) =>
    text.replace(from, to);
const cutOff =
  (count: number): Change =>
  (text) =>
    text.slice(0, -count);
const remove: Change = () => undefined;

describe('an import refuses, naming file and line, and leaves nothing behind:', () => {
  test.each<[string, string, Change, number | undefined, RegExp]>([
    // Damage.
    ['a truncated last line of positions', POSITIONS, cutOff(30), 6, /not valid JSON/],
    ['a truncated line of a log', LOG, cutOff(5), 1, /not valid JSON/],
    ['a truncated line of merged prices', MERGED, cutOff(40), 2, /not valid JSON/],
    ['a truncated price file', AAA, cutOff(60), 28, /not valid JSON/],
    [
      'a wrong character in a price file',
      AAA,
      replace('"104.0000",', '"104.0000",,'),
      14,
      /not valid/,
    ],
    ['binary positions', POSITIONS, () => binary, 1, /not text/],
    ['a binary log', LOG, () => binary, 1, /not text/],
    ['binary merged prices', MERGED, () => binary, 1, /not text/],
    ['a binary price file', AAA, () => binary, undefined, /not text/],
    ['an empty position file', POSITIONS, () => '', undefined, /empty/],
    ['a missing position file', POSITIONS, remove, undefined, /no such file/],
    ['a missing log', LOG, remove, undefined, /no such file/],

    // Prices.
    ['a price that is no number', AAA, replace('"104.0000"', '"n/a"'), 14, /not a number/],
    ['a price of zero', AAA, replace('"104.0000"', '"0.0000"'), 14, /above zero/],
    [
      'a close above the high',
      AAA,
      replace('"104.0000"', '"106.0000"'),
      10,
      /outside of low and high/,
    ],
    ['a bar without a close', AAA, replace(/"4. close": "104.0000",/, ''), 10, /lacks a part/],
    ['a day that is none', AAA, replace('2025-10-03": {', '2025-13-03": {'), 10, /not a date/],
    ['a symbol that is none', AAA, replace('"AAA"', '"a b"'), 4, /not a symbol/],
    ['prices of another kind', AAA, replace('(Daily)', '(Weekly)'), 9, /Time Series \(Daily\)/],
    ['a merged line without a symbol', MERGED, replace('"2. Symbol": "BBB"', ''), 2, /2\. Symbol/],
    ['prices of a traded symbol that are missing', MERGED, remove, 3, /BBB is traded here/],

    // Positions.
    ['an action of another kind', POSITIONS, replace('"sell"', '"short"'), 5, /this_action/],
    ['a start without cash', POSITIONS, replace('10000.0', '0'), 1, /without cash/],
    ['a row without cash', POSITIONS, replace(', "CASH": 9696.985', ''), 2, /no cash/],
    ['cash that is no number', POSITIONS, replace('9696.985', '"much"'), 2, /CASH": A number/],
    [
      'a quantity below zero',
      POSITIONS,
      replace('"AAA": 2, "BBB"', '"AAA": -2, "BBB"'),
      5,
      /not below zero/,
    ],
    [
      'a day that is none in positions',
      POSITIONS,
      replace('2025-10-03', '2025-10-32'),
      5,
      /not a date/,
    ],

    [
      'a symbol of another market',
      POSITIONS,
      replace('"symbol": "BBB", "amount": 2', '"symbol": "600519.SHH", "amount": 2'),
      3,
      /600519\.SH is of another market \(A-shares\) .* \(US stocks\)/,
    ],
    ['a stated price of zero', POSITIONS, replace('3}', '3, "price": 0}'), 2, /above zero/],
    [
      'an action without a symbol',
      POSITIONS,
      replace('"symbol": "AAA", ', ''),
      2,
      /symbol": A text/,
    ],
    [
      'a row that is a list',
      POSITIONS,
      (text) => text.replace(/^.*$/m, '[1, 2]'),
      1,
      /A row is an object/,
    ],
    ['a number of a million digits', POSITIONS, replace('9696.985', '1e999999'), 2, /too large/],
    [
      'a row without end',
      POSITIONS,
      replace('"date"', `"note": "${'x'.repeat(1_100_000)}", "date"`),
      1,
      /longer than 1 MiB/,
    ],
    [
      'a quantity that no price corrects',
      POSITIONS,
      replace('"BBB": 2, "CASH": 9593', '"ZZZ": 1, "BBB": 2, "CASH": 9593'),
      3,
      /ZZZ is traded here, and there are no prices of it/,
    ],

    // Conversations.
    ['a log without messages', LOG, () => '{"signature": "x"}\n', 1, /new_messages/],
    ['a role that is none', LOG, replace('"assistant"', '"oracle"'), 1, /new_messages/],
    [
      'a character that no database keeps',
      LOG,
      replace('What now?', String.raw`\u0000`),
      1,
      /code 0/,
    ],
  ])('%s', async (_what, file, change, line, reason) => {
    const records = await copyRecords();
    await records.change(file, change);
    // What names a traded symbol without prices is the position file.
    const named = reason.source.includes('traded here') ? POSITIONS : file;
    await expectRefusal(records, { file: records.path(named), line, reason });
  });

  test.each([
    ['a directory that is not there', 'nowhere', 'nowhere', /no such directory/],
    ['a directory of no records', POSITIONS, 'agent_data/gpt-fixture/position', /no records here/],
    ['a trader without positions', 'agent_data/gpt-fixture/position', '', /no such file/],
  ])('%s', async (_what, missing, inside, reason) => {
    const records = await copyRecords();
    await records.change(missing, remove).catch(() => undefined);
    const folder = records.path(inside);
    const owner = await house.addPerson();
    const before = await house.books();
    const refused = house.importer.import(folder, { ownerUsername: owner.userId });
    await expect(refused).rejects.toThrow(ImportError);
    await expect(refused).rejects.toThrow(reason);
    expect(await house.books()).toEqual(before);
  });

  test('a symbol that has live prices here', async () => {
    await house.addInstrument({ symbol: 'LIVE' });
    const records = await copyRecords();
    await records.change(AAA, replace('"AAA"', '"LIVE"'));
    await expectRefusal(records, {
      file: records.path(AAA),
      line: undefined,
      reason: /live prices/,
    });
  });
});

async function expectRefusal(
  records: RecordsCopy,
  expected: { file: string; line: number | undefined; reason: RegExp },
): Promise<void> {
  const owner = await house.addPerson();
  const before = await house.books();
  const error: unknown = await house.importer
    .import(records.folder, { ownerUsername: owner.userId })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ImportError);
  expect(error).toMatchObject({ file: expected.file, line: expected.line });
  expect((error as ImportError).message).toMatch(expected.reason);
  expect(await house.books()).toEqual(before);
}
