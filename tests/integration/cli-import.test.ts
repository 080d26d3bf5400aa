import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyRecords, FIXTURE_FOLDER, POSITIONS } from '../support/ai-trader-records.ts';
import { createTestDatabase } from '../support/database.ts';
import { createImportHouse } from '../support/import-house.ts';
import { runProgram } from '../support/run-program.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
let owner = '';
beforeAll(async () => {
  owner = (await house.addPerson()).userId;
});

const importFrom = (folder: string, ...options: string[]) =>
  runProgram('src/cli.ts', ['import', 'ai-trader', folder, ...options], {
    DATABASE_URL: database.ownerUrl,
  });

describe('import ai-trader', () => {
  it('names the owner it misses, and what to do', async () => {
    const before = await house.books();
    const { code, stderr } = await importFrom(FIXTURE_FOLDER);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'User "trader" not found. Name who will own the records with --owner.\n',
    );
    expect(await house.books()).toEqual(before);
  });

  it('tells in one line where the records are broken, and leaves nothing behind', async () => {
    const before = await house.books();
    const records = await copyRecords();
    await records.change(POSITIONS, (text) => text.slice(0, -30));
    const { code, stderr, stdout } = await importFrom(records.folder, '--owner', owner);
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(
      `${records.path(POSITIONS)}:6: This is not valid JSON. Was it cut off?`,
    );
    expect(lines.slice(0, -1).every((line) => /^ *\d+% /.test(line))).toBe(true);
    expect(stdout).toBe('');
    expect(await house.books()).toEqual(before);
  });

  it('prints what it did, in a table and in a report', async () => {
    const records = await copyRecords();
    const report = records.path('report.json');
    const options = ['--owner', owner, '--report', report];
    const { code, stdout, stderr } = await importFrom(records.folder, ...options);
    expect(code).toBe(0);
    const cells = stdout
      .split('\n')
      .filter((line) => line.includes('fixture'))
      .map((line) => line.split('│').map((cell) => cell.trim()));
    expect(cells.map((row) => row.slice(1, -1))).toEqual([
      ['gpt-fixture', '6', '3', '3', '3', '1', '1', '4', '4', '2', '9696.99'],
      ['idle-fixture', '2', '0', '0', '0', '1', '0', '0', '0', '0', '5000.00'],
    ]);
    expect(stdout).toContain('Prices: 3 symbols (3 new), 11 bars read, 9 new.');
    // 3 instruments, 9 bars, 2 traders, 3 trades and 4 messages.
    expect(stdout).toContain('21 changes');
    expect(stderr).toContain('% Importing gpt-fixture\n');
    const written: unknown = JSON.parse(await readFile(report, 'utf8'));
    expect(written).toMatchObject({ owner, changes: 21, traders: [{ cash: '9696.99' }, {}] });
  });

  it('reports no change the second time', async () => {
    const before = await house.books();
    const { code, stdout } = await importFrom(FIXTURE_FOLDER, '--owner', owner);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ 0 changes in /);
    expect(await house.books()).toEqual(before);
  });
});
