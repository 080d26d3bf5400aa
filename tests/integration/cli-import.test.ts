import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  copyRecords,
  FIXTURE_FOLDER,
  POSITIONS,
  VARIANTS_FOLDER,
} from '../support/ai-trader-records.ts';
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

const newFolder = () => mkdtemp(join(tmpdir(), 'tradegraph-report-'));

describe('import ai-trader', () => {
  it('names the owner it misses, and what to do', async () => {
    const before = await house.books();
    const { code, stderr } = await importFrom(FIXTURE_FOLDER);
    expect(code).toBe(1);
    expect(stderr).toContain('User "trader" not found. Name who owns the records with --owner.\n');
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
    // Cash 9696.99, 2 AAA at 104 and 2 BBB at 50 (the close of the day before, as 50.5 is an open).
    // Realised: 1 AAA for 103.00 that cost 303.02 / 3 = 101.01; unrealised: 208 − 202.01 + 100 − 102.99.
    // 9696.99 + 208 + 100 = 10004.99 = 10000 + 1.99 + 3.00.
    const worth = ['10004.99', '1.99', '3.00'];
    expect(cells.map((row) => row.slice(1, -1))).toEqual([
      ['gpt-fixture', '6', '6', '3', '0', '0', '4', '4', '2', 'USD', '9696.99', ...worth],
      [
        'idle-fixture',
        '2',
        '2',
        '0',
        '0',
        '0',
        '0',
        '0',
        '0',
        'USD',
        '5000.00',
        '5000.00',
        '0.00',
        '0.00',
      ],
    ]);
    expect(stdout).toContain('Prices: 3 symbols (3 new), 11 bars read, 9 new.');
    expect(stdout).toContain('Every row follows.');
    // 3 instruments, 9 bars, 2 traders, 8 rows, 4 messages and 2 × 3 closes.
    expect(stdout).toContain('32 changes');
    expect(stderr).toContain('% Importing gpt-fixture\n');
    const written: unknown = JSON.parse(await readFile(report, 'utf8'));
    expect(written).toMatchObject({
      owner,
      changes: 32,
      traders: [
        {
          cash: '9696.99',
          corrections: [],
          proof: { line: 6, isEqual: true, cash: { file: '9696.99', ledger: '9696.99' } },
          equity: { at: '2025-10-03T20:00:00.000Z', equity: '10004.99', identityHolds: true },
        },
        {},
      ],
    });
    // A search finds them by their index at once.
    expect(await database.query('SELECT DISTINCT is_indexed FROM agent_log')).toEqual([
      { is_indexed: true },
    ]);
  });

  it('tells where a chain was corrected, and what is odd, with file and line', async () => {
    const report = join(await newFolder(), 'report.json');
    const options = ['--owner', owner, '--report', report];
    const { code, stdout } = await importFrom(join(VARIANTS_FOLDER, 'data'), ...options);
    expect(code).toBe(0);
    const coins = join(
      VARIANTS_FOLDER,
      'data/agent_data_crypto/coin-fixture/position/position.jsonl',
    );
    expect(stdout).toContain(
      `${coins}:5: corrected: Quantities do not follow from the row before; its id 2 comes after 3, ` +
        'as when a chain begins again. ETH-USDT 2.5 → 0, SOL-USDT 0.1458 → 0, cash 34837.8522 → 44540\n',
    );
    const hours = join(VARIANTS_FOLDER, 'data/agent_data/hour-fixture/position/position.jsonl');
    expect(stdout).toContain(`${hours}:6: PRICE_OUTSIDE_BAR BBB at 22, its bar from 20.25 to 21\n`);
    expect(stdout).toContain('4 rows did not follow.');
    const text = await readFile(report, 'utf8');
    const { traders } = JSON.parse(text) as { traders: Record<string, unknown>[] };
    expect(traders[3]).toMatchObject({
      importKey: 'ai-trader:agent_data_crypto/coin-fixture',
      correctionCount: 2,
      corrections: [
        {
          file: coins,
          line: 4,
          quantities: [{ symbol: 'SOL-USDT', ours: '0.14576', file: '0.1458' }],
        },
        { file: coins, line: 5, cash: { ours: '34837.8522', file: '44540' } },
      ],
      equity: { realized: '108.93225', corrections: '-88.93225', equity: '49865' },
    });
  });

  it('refuses a report that cannot be written before it imports anything', async () => {
    const before = await house.books();
    const { code, stderr } = await importFrom(
      ...[FIXTURE_FOLDER, '--owner', owner, '--report', '/nowhere/report.json'],
    );
    expect(code).toBe(1);
    expect(stderr).toContain('The report cannot be written to /nowhere.');
    expect(await house.books()).toEqual(before);
  });

  it('reports no change the second time', async () => {
    const before = await house.books();
    const { code, stdout } = await importFrom(FIXTURE_FOLDER, '--owner', owner);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 changes in /m);
    expect(await house.books()).toEqual(before);
  });
});
