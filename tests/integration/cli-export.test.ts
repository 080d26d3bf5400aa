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
const NOBODYS = '00000000-0000-7000-8000-000000000000';
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

  it('writes a statement of all that moved the cash of an account, up to what it has', async () => {
    const [account] = await database.query<{ id: string; cash: string; entries: number }>(
      `SELECT a.id, trim_scale(a.cash)::text AS cash, count(*)::int AS entries
       FROM accounts a JOIN ledger_entries e ON e.account_id = a.id
       WHERE a.owner_id = $1 GROUP BY a.id ORDER BY count(*) DESC, a.id LIMIT 1`,
      [owner],
    );
    const times = ['--from', '2020-01-01T00:00:00Z', '--to', '2029-01-01T00:00:00Z'];
    const of = ['export', 'statement', '--account', String(account?.id), ...times];
    const { code, stdout } = await run(...of);
    expect(code).toBe(0);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    const columns = String(head).trimEnd().split(',');
    expect(columns.slice(0, 3)).toEqual(['time', 'type', 'symbol']);
    expect(lines).toHaveLength(account?.entries ?? 0);
    expect(lines.at(-1)?.split(',')[columns.indexOf('balance')]).toBe(account?.cash);

    const file = join(await newFolder(), 'statement.csv');
    expect((await run(...of, '--output', file)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(stdout);
  });

  it.each([
    [['--account', '7'], '--account: A UUID is expected.'],
    [['--account', NOBODYS], `--account: there is no account ${NOBODYS}.`],
    [['--account', NOBODYS, '--from', 'yesterday'], '--from: A time such as'],
  ])('writes no statement of %j', async (args, message) => {
    const times = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-02-01T00:00:00Z'];
    const { code, stdout, stderr } = await run('export', 'statement', ...times, ...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
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
