import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { GENERATED_TRADER, writeGeneratedRecords } from '../../support/generated-records.ts';
import { createImportHouse } from '../../support/import-house.ts';
import { plainEnvironment } from '../../support/run-program.ts';
import { until } from '../../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const database = await createTestDatabase();
const house = createImportHouse(database);
const folder = await mkdtemp(join(tmpdir(), 'tradegraph-killed-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the command and kills it, without a word, once it has got so far. */
async function killWhen(owner: string, label: string): Promise<void> {
  const args = ['src/cli.ts', 'import', 'ai-trader', folder, '--owner', owner];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...plainEnvironment(), DATABASE_URL: database.ownerUrl },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes(label)) child.kill('SIGKILL');
  });
  await ended;
  expect(output).toContain(label);
  expect(child.signalCode).toBe('SIGKILL');
  await until('every transaction ends', async () => {
    const [busy] = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()`,
    );
    return busy?.count === 0;
  });
}

test('an import that is killed leaves nothing, and the next one has all of it', async () => {
  await writeGeneratedRecords(folder, { symbols: 40, days: 100, rows: 4_000, logBytes: 1_000_000 });
  const { userId } = await house.addPerson();
  const before = await house.books();
  await killWhen(userId, 'Writing prices');
  expect(await house.books()).toEqual(before);
  await killWhen(userId, `Importing ${GENERATED_TRADER.split('/')[1] ?? ''}`);
  expect(await house.books()).toEqual(before);
  const summary = await house.importer.import(folder, { ownerUsername: userId });
  expect(summary.traders[0]).toMatchObject({ rows: 4_000, isNew: true, correctionCount: 0 });
  expect(summary.traders[0]?.equity?.identityHolds).toBe(true);
}, 120_000);
