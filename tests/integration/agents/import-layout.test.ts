import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FIXTURE_FOLDER, VARIANTS_FOLDER } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const HOURS = 'data/agent_data/hour-fixture';
const SHARES = 'data/agent_data_astock/day-fixture';
const DAILY_AAA = 'daily_prices_AAA.json';

async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'tradegraph-layout-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(folder, copy, { recursive: true });
  return copy;
}

describe('a trader without prices below the folder', () => {
  test('is refused while there are none, with what to do', async () => {
    const house = createImportHouse(await createTestDatabase());
    const before = await house.books();
    const { userId } = await house.addPerson();
    const folder = join(VARIANTS_FOLDER, HOURS);
    const refused = house.importer.import(folder, { ownerUsername: userId });
    await expect(refused).rejects.toThrow(
      `${folder}/position/position.jsonl:2: AAA is traded here, and there are no prices of it, ` +
        'neither in this import nor from an earlier one. ' +
        'Point at a folder that holds its price file as well.',
    );
    expect(await house.books()).toEqual(before);
  });

  test('is imported with prices of an earlier import, under the name of its group', async () => {
    const house = createImportHouse(await createTestDatabase());
    const copy = await copyOf(VARIANTS_FOLDER);
    for (const group of ['agent_data', 'agent_data_astock', 'agent_data_astock_hour']) {
      await rm(join(copy, 'data', group), { recursive: true });
    }
    await rm(join(copy, 'data/agent_data_crypto'), { recursive: true });
    // Prices alone are records, too.
    const { owner, summary } = await house.importFor(copy);
    expect([summary.traders, summary.prices.symbols]).toEqual([[], 10]);
    const { traders } = await house.importer.import(join(VARIANTS_FOLDER, SHARES), {
      ownerUsername: owner.userId,
    });
    expect(traders.map(({ importKey }) => importKey)).toEqual([
      'ai-trader:agent_data_astock/day-fixture',
    ]);
    expect(traders[0]?.equity?.equity.toFixed()).toBe('99832.5');
  });
});

test('files beside those of the records are passed over, and links are not followed', async () => {
  const house = createImportHouse(await createTestDatabase());
  const copy = await copyOf(VARIANTS_FOLDER);
  const trader = join(copy, HOURS);
  await writeFile(join(trader, 'position', 'position.jsonl.lock'), '');
  await writeFile(join(trader, 'position', '.DS_Store'), 'binary');
  await writeFile(join(trader, 'log', '.DS_Store'), 'binary');
  await writeFile(join(trader, 'log', 'notes.txt'), 'not a log');
  await mkdir(join(copy, 'data', 'agent_data', 'empty'), { recursive: true });
  await symlink(copy, join(copy, 'data', 'agent_data', 'loop'));
  const { summary } = await house.importFor(copy);
  expect(summary.traders).toHaveLength(5);
});

describe('an import refuses', () => {
  const refusalOf = async (folder: string): Promise<RegExp | string> => {
    const house = createImportHouse(await createTestDatabase());
    const { userId } = await house.addPerson();
    const error: unknown = await house.importer
      .import(folder, { ownerUsername: userId })
      .catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.message : 'It was imported.';
  };

  test('two traders of one name in two places', async () => {
    const copy = await copyOf(VARIANTS_FOLDER);
    const other = join(copy, 'backup/agent_data_astock/day-fixture');
    await cp(join(copy, SHARES), other, { recursive: true });
    expect(await refusalOf(copy)).toMatch(/agent_data_astock\/day-fixture is here twice/);
  });

  test('a trader of days that is called like one of hours', async () => {
    const copy = await copyOf(VARIANTS_FOLDER);
    await cp(join(copy, SHARES), join(copy, `${SHARES}@60min`), { recursive: true });
    expect(await refusalOf(copy)).toMatch(
      /day-fixture@60min\/position\/position\.jsonl: A daily trader's folder is not called /,
    );
  });

  test('a symbol in two spellings in one row', async () => {
    const copy = await copyOf(VARIANTS_FOLDER);
    const row = '{"date": "2025-10-01", "positions": {"600519.SH": 0, "600519.SHH": 0, "CASH": 5}}';
    await writeFile(join(copy, SHARES, 'position', 'position.jsonl'), `${row}\n`);
    expect(await refusalOf(copy)).toMatch(
      /position.jsonl:1: "positions \/ 600519.SHH": 600519.SH is in the row twice\.$/,
    );
  });

  test('a folder of a log that names no day', async () => {
    const copy = await copyOf(VARIANTS_FOLDER);
    await mkdir(join(copy, SHARES, 'log', '2025-10-9'));
    expect(await refusalOf(copy)).toMatch(/log\/2025-10-9: A date such as 2025-10-01 or /);
  });

  test('a log of an hour that there is not', async () => {
    const copy = await copyOf(VARIANTS_FOLDER);
    const log = join(copy, SHARES, 'log', '2025-10-09 25:00:00');
    await mkdir(log);
    await writeFile(join(log, 'log.jsonl'), '{"new_messages": {"role": "user", "content": "x"}}\n');
    expect(await refusalOf(copy)).toMatch(/log.jsonl: There is no time 2025-10-09 25:00:00\.$/);
  });
});

test('coins without what they are priced in are known by their folder', async () => {
  const house = createImportHouse(await createTestDatabase());
  const copy = await copyOf(VARIANTS_FOLDER);
  const file = join(copy, 'data/agent_data_crypto/heir-fixture/position/position.jsonl');
  // 0.1 BTC bought at 109600: 20000 − 10960 = 9040; it closes at 106500: 9040 + 10650 = 19690.
  await writeFile(
    file,
    '{"date": "2025-11-01", "positions": {"BTC": 0, "CASH": 20000}}\n' +
      '{"date": "2025-11-01", "this_action": {"action": "buy_crypto", "symbol": "BTC", ' +
      '"amount": 0.1}, "positions": {"BTC": 0.1, "CASH": 9040}}\n',
  );
  const { summary } = await house.importFor(copy);
  const trader = summary.traders.find(({ name }) => name === 'heir-fixture');
  expect(trader?.proof.quantities.map(({ symbol }) => symbol)).toEqual(['BTC-USDT']);
  expect(trader?.equity?.equity.toFixed()).toBe('19690');
});

test('newer prices make newer points of traders that were imported before', async () => {
  const house = createImportHouse(await createTestDatabase());
  const { owner, summary } = await house.importFor(FIXTURE_FOLDER);
  expect(summary.traders[0]?.equityPoints).toBe(3);
  const copy = await copyOf(FIXTURE_FOLDER);
  await rm(join(copy, 'agent_data'), { recursive: true });
  await writeFile(
    join(copy, DAILY_AAA),
    JSON.stringify({
      'Meta Data': { '2. Symbol': 'AAA' },
      'Time Series (Daily)': {
        '2025-10-06': {
          ...{ '1. open': '104', '2. high': '107', '3. low': '103', '4. close': '106' },
          '5. volume': '10',
        },
      },
    }),
  );
  const later = await house.importer.import(copy, { ownerUsername: owner.userId });
  // One point of each of the two traders, and the bar that makes them.
  expect([later.otherEquityPointsChanged, later.changes]).toEqual([2, 3]);
});
