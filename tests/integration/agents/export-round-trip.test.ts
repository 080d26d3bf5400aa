import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAiTraderExporter } from '../../../src/services/agents/export/ai-trader-exporter.ts';
import { FIXTURE_FOLDER, VARIANTS_FOLDER } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';
import { AI_TRADER_FOLDER, describeWithSharedData } from '../../support/shared-data.ts';

/** Everything below a folder: the path of each file, and what is in it. */
async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(contents));
}

const newFolder = async () => join(await mkdtemp(join(tmpdir(), 'export-')), 'out');

interface PositionRow {
  readonly date: string;
  readonly positions: Readonly<Record<string, number>>;
}

/** Rows of every position file below a folder, by trader, without what is held of nothing. */
async function rowsOf(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const files = Object.entries(await contentsOf(folder)).flatMap(([path, text]) => {
    const trader = /([^/]+\/[^/]+)\/position\/position\.jsonl$/.exec(path)?.[1];
    return trader === undefined ? [] : [[trader, text] as const];
  });
  const held = ({ positions, ...row }: PositionRow) => ({
    ...row,
    positions: Object.fromEntries(
      Object.entries(positions)
        .filter(([symbol, quantity]) => symbol === 'CASH' || quantity !== 0)
        .map(([symbol, quantity]) => [symbol.replace(/\.SHH$/, '.SH'), quantity]),
    ),
  });
  const rows = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => held(JSON.parse(line.replaceAll('.SHH"', '.SH"')) as PositionRow));
  return Object.fromEntries(files.map(([trader, text]) => [trader, rows(text)]));
}

/** Imports records, writes them out, and imports what was written: here, and where nothing is yet. */
async function roundTrip(folder: string) {
  const house = createImportHouse(await createTestDatabase());
  const { owner } = await house.importFor(folder);
  const exporter = createAiTraderExporter({ workerDb: house.worker });
  const first = await newFolder();
  await exporter.export(first, { ownerUsername: owner.userId });
  const before = await house.books();
  const again = await house.importer.import(first, { ownerUsername: owner.userId });
  const after = await house.books();

  const elsewhere = createImportHouse(await createTestDatabase());
  const there = await elsewhere.importFor(first);
  const second = await newFolder();
  await createAiTraderExporter({ workerDb: elsewhere.worker }).export(second, {
    ownerUsername: there.owner.userId,
  });
  return { first, second, before, after, again };
}

const bringsBackTheSame = async (folder: string) => {
  const { first, second, before, after, again } = await roundTrip(folder);
  expect(again.changes).toBe(0);
  expect(after).toEqual(before);
  const written = await contentsOf(first);
  expect(Object.keys(written).length).toBeGreaterThan(3);
  expect(await contentsOf(second)).toEqual(written);
  expect(await rowsOf(first)).toEqual(await rowsOf(folder));
};

describe('import, export and import again', () => {
  it('changes nothing: daily US records', () => bringsBackTheSame(FIXTURE_FOLDER));
  it('changes nothing: hourly, A-share and crypto records', () =>
    bringsBackTheSame(VARIANTS_FOLDER));

  it('changes nothing: a trader of days and one of hours with the same name', async () => {
    const folder = await newFolder();
    await cp(FIXTURE_FOLDER, folder, { recursive: true });
    const position = join(folder, 'hourly/agent_data/gpt-fixture/position');
    await mkdir(position, { recursive: true });
    await writeFile(
      join(position, 'position.jsonl'),
      '{"date": "2025-10-02 10:00:00", "id": 0, "positions": {"CASH": 500}}\n',
    );
    const { again, before, after, first, second } = await roundTrip(folder);
    expect(again.changes).toBe(0);
    expect(again.traders.map(({ importKey }) => importKey)).toEqual([
      'ai-trader:gpt-fixture',
      'ai-trader:idle-fixture',
      'ai-trader:agent_data/gpt-fixture@60min',
    ]);
    expect(after).toEqual(before);
    expect(await contentsOf(second)).toEqual(await contentsOf(first));
  });
});

describeWithSharedData('import, export and import again', () => {
  it('changes nothing: real records', { timeout: 120_000 }, () =>
    bringsBackTheSame(AI_TRADER_FOLDER),
  );
});
