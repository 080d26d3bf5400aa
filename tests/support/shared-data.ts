import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe } from 'vitest';

/** The real records of AI-Trader, which lie beside the project and are no part of it. */
export const AI_TRADER_FOLDER = resolve(import.meta.dirname, '../../../shared/data/ai-trader');

const isThere = existsSync(AI_TRADER_FOLDER);
const isRequired = process.env.REQUIRE_SHARED_DATA === '1';

if (!isThere && isRequired) {
  throw new Error(`REQUIRE_SHARED_DATA=1, and there are no records in ${AI_TRADER_FOLDER}.`);
}
if (!isThere) {
  process.stderr.write(
    `\n*** SKIPPED: tests on real records, since ${AI_TRADER_FOLDER} is not there. ***\n\n`,
  );
}

/** A `describe` whose tests count as skipped where the records are not. */
export const describeWithSharedData = describe.skipIf(!isThere);
