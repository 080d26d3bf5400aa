import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** Records of two traders and three symbols, in the shape of the real ones and worked by hand. */
export const FIXTURE_FOLDER = resolve(import.meta.dirname, '../fixtures/ai-trader');

/** Hourly US records, A-shares by day and by hour, and coins, laid out as the project has them. */
export const VARIANTS_FOLDER = resolve(import.meta.dirname, '../fixtures/ai-trader-variants');

export const POSITIONS = 'agent_data/gpt-fixture/position/position.jsonl';
export const LOG = 'agent_data/gpt-fixture/log/2025-10-03/log.jsonl';

/** A copy of the records that a test may spoil; it is removed after the test. */
export interface RecordsCopy {
  readonly folder: string;
  path(file: string): string;
  append(file: string, text: string): Promise<void>;
  /** Overwrites a file with what `change` makes of it; undefined leaves nothing there. */
  change(file: string, change: (text: string) => string | Buffer | undefined): Promise<void>;
}

export async function copyRecords(): Promise<RecordsCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'tradegraph-records-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(FIXTURE_FOLDER, folder, { recursive: true });
  const path = (file: string) => join(folder, file);
  return {
    folder,
    path,
    append: (file, text) => appendFile(path(file), text),
    async change(file, change) {
      const changed = change(await readFile(path(file), 'utf8').catch(() => ''));
      if (changed === undefined) await rm(path(file), { recursive: true });
      else await writeFile(path(file), changed);
    },
  };
}
