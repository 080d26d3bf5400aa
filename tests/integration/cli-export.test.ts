import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE_FOLDER } from '../support/ai-trader-records.ts';
import { createTestDatabase } from '../support/database.ts';
import { createImportHouse } from '../support/import-house.ts';
import { runProgram } from '../support/run-program.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
let owner = '';
beforeAll(async () => {
  owner = (await house.importFor(FIXTURE_FOLDER)).owner.userId;
});

const run = (...args: string[]) =>
  runProgram('src/cli.ts', args, { DATABASE_URL: database.ownerUrl });
const newFolder = () => mkdtemp(join(tmpdir(), 'export-'));

describe('export', () => {
  it('writes a table to the screen, and nothing else there', async () => {
    const { code, stdout } = await run('export', 'trades', '--owner', owner, '--format', 'csv');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^id,account_id,/);
    expect(lines).toHaveLength(1 + 3);
  });

  it('writes a table to a file, which is there when it is whole', async () => {
    const folder = await newFolder();
    const file = join(folder, 'bars.ndjson');
    const { code, stdout } = await run('export', 'bars', '--owner', owner, '--output', file);
    expect([code, stdout]).toEqual([0, '']);
    expect(await readdir(folder)).toEqual(['bars.ndjson']);
    for (const line of (await readFile(file, 'utf8')).trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ source: 'IMPORTED' });
    }
  });

  it.each([
    ['a folder that is not there', 'nowhere/trades.csv', 'There is no such folder.'],
    ['a folder, where a file is to be', '.', 'This is a folder, where a file is to be.'],
  ])('says that it cannot write to %s, and leaves nothing', async (_where, path, message) => {
    const folder = await newFolder();
    const output = join(folder, path);
    const { code, stderr } = await run('export', 'trades', '--owner', owner, '--output', output);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it('writes records that another import finds there already', async () => {
    const folder = join(await newFolder(), 'out');
    const { code, stdout } = await run('export', 'ai-trader', folder, '--owner', owner);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote 2 traders and the prices: \d+ files in /);
    const before = await house.books();
    const again = await run('import', 'ai-trader', folder, '--owner', owner);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('0 changes in');
    expect(await house.books()).toEqual(before);
  });

  it.each([
    [['trades', '--from', 'yesterday'], '--from: A time such as 2025-10-01T00:00:00Z is expected.'],
    [['trades', '--account', '7'], '--account: A UUID is expected.'],
    [['equity', '--symbol', 'AAA'], 'equity cannot be narrowed by symbol.'],
    [['trades', '--owner', 'nobody'], 'User "nobody" not found.'],
    [['trades', '--format', 'xml'], 'csv, ndjson'],
  ])('says what is wrong with %j', async (args, message) => {
    const named = args.includes('--owner') ? args : [...args, '--owner', owner];
    const { code, stdout, stderr } = await run('export', ...named);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });
});
