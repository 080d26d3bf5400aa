import { runOnProjectNode } from './lib/launch.mjs';
import { inRoot, ROOT } from './lib/places.mjs';
import { ensureRedis } from './lib/redis.mjs';
import { ensureReady } from './setup.mjs';

// `npm test`: everything that is missing is installed, then every test runs. Further arguments are
// Vitest's: `npm test -- tests/unit`. A report for programs is left beside the data.
await ensureReady();
try {
  await ensureRedis();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.chdir(ROOT);
await runOnProjectNode([
  inRoot('node_modules/vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${inRoot('.data/test-report.json')}`,
  ...process.argv.slice(2),
]);
