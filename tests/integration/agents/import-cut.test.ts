import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ImportError } from '../../../src/services/market/import/errors.ts';
import type { ImportSummary } from '../../../src/services/agents/import/summary.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { FIXTURE_FOLDER, LOG, POSITIONS } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
const folder = await mkdtemp(join(tmpdir(), 'tradegraph-cut-'));
await cp(FIXTURE_FOLDER, folder, { recursive: true });
afterAll(() => rm(folder, { recursive: true, force: true }));

const FILES = [POSITIONS, LOG, 'merged.jsonl', 'daily_prices_AAA.json'];
const TRIES = 100;
const SEED = 20_261_121;
const NEWLINE = 0x0a;

/** Anywhere, or where a line ends. */
function cutOf(whole: Buffer, fraction: number, isBetweenLines: boolean): number {
  const anywhere = Math.floor(fraction * whole.length);
  return isBetweenLines ? whole.lastIndexOf(NEWLINE, anywhere) + 1 : anywhere;
}

/** What a whole line of the file would be: a line without its end is whole if it is JSON. */
function wholeLines(text: string): number {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => {
    try {
      JSON.parse(line);
      return true;
    } catch {
      return false;
    }
  }).length;
}

async function attempt(ownerUsername: string): Promise<ImportSummary | ImportError> {
  try {
    return await house.importer.import(folder, { ownerUsername });
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
}

test(
  'a file cut at any byte is imported as far as it is whole, or refused, and nothing is left',
  { timeout: 120_000 },
  async () => {
    const random = createRandom(SEED);
    const outcomes = { refused: 0, imported: 0 };
    let books = await house.books();
    for (let round = 0; round < TRIES; round += 1) {
      const file = FILES[round % FILES.length] ?? POSITIONS;
      const whole = await readFile(join(folder, file));
      const length = cutOf(whole, random.next(), round % 5 === 0);
      await writeFile(join(folder, file), whole.subarray(0, length));
      const text = whole.subarray(0, length).toString();
      const { userId } = await house.addPerson();
      const what = `${file} cut to ${String(length)} of ${String(whole.length)} bytes`;

      const outcome = await attempt(userId);
      if (outcome instanceof ImportError) {
        outcomes.refused += 1;
        expect(outcome.file.startsWith(folder), what).toBe(true);
        expect(await house.books(), what).toEqual(books);
      } else {
        outcomes.imported += 1;
        // What is there is whole lines alone, and the report counts them.
        if (file === POSITIONS) expect(outcome.traders[0]?.rows, what).toBe(wholeLines(text));
        // Two messages stand in the day's one line; two more are of another day.
        if (file === LOG) expect(outcome.traders[0]?.messages, what).toBe(2 + 2 * wholeLines(text));
        for (const { proof, equity } of outcome.traders) {
          expect([proof.isEqual, equity?.identityHolds], what).toEqual([true, true]);
        }
        books = await house.books();
      }
      await writeFile(join(folder, file), whole);
    }
    expect(outcomes.refused + outcomes.imported).toBe(TRIES);
    expect(outcomes.refused).toBeGreaterThan(TRIES / 2);
    expect(outcomes.imported).toBeGreaterThan(0);
  },
);
