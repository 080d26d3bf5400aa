import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAiTraderExporter } from '../../../src/services/agents/export/ai-trader-exporter.ts';
import { DATASETS, type DatasetName } from '../../../src/services/agents/export/datasets.ts';
import { writeFolder } from '../../../src/services/agents/export/export-folder.ts';
import {
  createTableExporter,
  type TableExport,
} from '../../../src/services/agents/export/table-exporter.ts';
import { VARIANTS_FOLDER } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
const tables = createTableExporter({ workerDb: house.worker });
let owner = '';
let stranger = '';
beforeAll(async () => {
  owner = (await house.importFor(VARIANTS_FOLDER)).owner.userId;
  stranger = (await house.addPerson()).userId;
});

async function textOf(command: Partial<TableExport> & Pick<TableExport, 'name'>): Promise<string> {
  const pieces: string[] = [];
  const whole = { format: 'ndjson', ownerUsername: owner, filter: {}, ...command } as const;
  await tables.export(whole, async (text) => {
    for await (const piece of text) pieces.push(piece);
  });
  return pieces.join('');
}

const rowsOf = async (command: Partial<TableExport> & Pick<TableExport, 'name'>) =>
  (await textOf(command))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, string>);

const countOf = async (table: string, where = 'true') => {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE ${where}`,
  );
  return row?.count;
};

const NAMES = Object.keys(DATASETS) as DatasetName[];

describe.each(NAMES)('the table of %s', (name) => {
  it('has a name for each of its columns, in both forms', async () => {
    const [header] = (await textOf({ name, format: 'csv' })).split('\n');
    expect(header).toBe(Object.keys(DATASETS[name].columns).join(','));
    for (const row of await rowsOf({ name })) {
      expect(Object.keys(row)).toEqual(Object.keys(DATASETS[name].columns));
    }
  });

  it('has as many rows in both forms, and none of a stranger’s', async () => {
    const rows = await rowsOf({ name });
    if (name !== 'orders') expect(rows.length).toBeGreaterThan(0);
    const theirs = await rowsOf({ name, ownerUsername: stranger });
    expect(theirs).toEqual('owner' in DATASETS[name] ? [] : rows);
  });
});

describe('a table', () => {
  it('has every row of its owner, in order of time', async () => {
    expect(await rowsOf({ name: 'trades' })).toHaveLength((await countOf('trades')) ?? -1);
    const times = (await rowsOf({ name: 'trades' })).map((row) => row['executed_at']);
    expect(times).toEqual([...times].sort());
    expect(await rowsOf({ name: 'ledger' })).toHaveLength(
      (await countOf('ledger_entries', 'account_id IS NOT NULL')) ?? -1,
    );
  });

  it('is narrowed by account, model, symbol and time', async () => {
    const all = await rowsOf({ name: 'trades' });
    const [first] = all;
    const { account_id: accountId = '', model_id: modelId = '', symbol = '' } = first ?? {};
    const narrowed = await rowsOf({ name: 'trades', filter: { accountId, modelId, symbol } });
    expect(narrowed).toEqual(
      all.filter((row) => row['account_id'] === accountId && row['symbol'] === symbol),
    );
    const middle = all[Math.floor(all.length / 2)]?.['executed_at'] ?? '';
    const since = await rowsOf({ name: 'trades', filter: { from: new Date(middle) } });
    const until = await rowsOf({ name: 'trades', filter: { to: new Date(middle) } });
    expect([...until, ...since]).toEqual(all);
    expect([since.length, until.length].every((count) => count > 0)).toBe(true);
  });

  it('of news is narrowed by what the articles mention', async () => {
    const all = await rowsOf({ name: 'news' });
    const symbol = all[0]?.['symbols']?.[0] ?? '';
    const narrowed = await rowsOf({ name: 'news', filter: { symbol } });
    expect(narrowed).toEqual(all.filter((row) => row['symbols']?.includes(symbol)));
    expect(narrowed.length).toBeGreaterThan(0);
    expect(narrowed.length).toBeLessThan(all.length);
  });

  it('shows of a bar what is known of it now, once', async () => {
    const bars = await rowsOf({ name: 'bars' });
    const keys = bars.map(({ symbol, interval, open_time: time }) =>
      [symbol, interval, time].join(),
    );
    expect(new Set(keys).size).toBe(bars.length);
  });

  it('refuses what it cannot be narrowed by, and an owner who is not there', async () => {
    await expect(textOf({ name: 'equity', filter: { symbol: 'AAA' } })).rejects.toThrow(
      'equity cannot be narrowed by symbol.',
    );
    await expect(textOf({ name: 'trades', ownerUsername: 'nobody' })).rejects.toThrow(
      'User "nobody" not found.',
    );
  });
});

describe('a folder of records', () => {
  const exporter = createAiTraderExporter({ workerDb: house.worker });

  it('is not written over something that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    await writeFile(join(folder, 'mine.txt'), 'mine');
    await expect(exporter.export(folder, { ownerUsername: owner })).rejects.toThrow(
      `${folder} is there already. Name a folder that is new or empty.`,
    );
    expect(await readdir(folder)).toEqual(['mine.txt']);
  });

  it('is written into an empty folder, however it is spelled, and touches nothing beside it', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'export-'));
    await mkdir(join(parent, 'out'));
    await mkdir(join(parent, 'out.partial'));
    await writeFile(join(parent, 'out.partial', 'mine.txt'), 'mine');
    await exporter.export(`${join(parent, 'out')}/`, { ownerUsername: owner });
    expect(await readdir(join(parent, 'out'))).toContain('crypto');
    expect(await readdir(join(parent, 'out.partial'))).toEqual(['mine.txt']);
    expect(await readdir(parent)).toEqual(['out', 'out.partial']);
  });

  it.each(['nowhere/out', 'file/out'])(
    'is not written to %s, where there is no folder',
    async (path) => {
      const parent = await mkdtemp(join(tmpdir(), 'export-'));
      await writeFile(join(parent, 'file'), '');
      await expect(exporter.export(join(parent, path), { ownerUsername: owner })).rejects.toThrow(
        /(There is no such folder|is there already)/,
      );
      expect(await readdir(parent)).toEqual(['file']);
    },
  );

  it('leaves nothing behind when writing fails half-way', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'export-'));
    const files = async function* () {
      yield { path: 'a/b.json', text: ['{}'] };
      await Promise.resolve();
      throw new Error('The connection is gone.');
    };
    await expect(writeFolder(join(parent, 'out'), files())).rejects.toThrow('is gone');
    expect(await readdir(parent)).toEqual([]);
  });

  it('is not written for an owner of nothing', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'export-')), 'out');
    await expect(exporter.export(folder, { ownerUsername: stranger })).rejects.toThrow(
      /has no trader that was imported/,
    );
    await expect(readdir(folder)).rejects.toThrow(/ENOENT/);
  });
});
