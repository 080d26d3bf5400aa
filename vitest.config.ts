import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.ts';

/** What the processes of the tests, and the programs that they start, have compiled before. */
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, 'node_modules/.cache/compile');

/**
 * Those that put something else in the place of modules: they need modules that nobody has loaded
 * before, and leave some that nobody may use after them.
 */
const replacing = globSync('tests/**/*.test.ts', { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(path.join(import.meta.dirname, file), 'utf8').includes('vi.mock('),
);

export default defineConfig({
  // As Node resolves it: Vite would give our files the ES module of graphql and packages the CommonJS
  // one, and graphql refuses to work with two of itself.
  resolve: { alias: { graphql: import.meta.resolve('graphql') } },
  test: {
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    // One more than the cores of CI: a test waits for the database, or for a moment to come.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // For what never ends: a busy machine must make a test slow and not red.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['tests/{api,e2e}/**/*.test.ts', ...replacing],
          isolate: true,
        },
      },
      {
        // A process loads the program once, for all the files it runs: that is half of what they
        // would cost. What a file needs, it makes, and ends after its last test.
        extends: true,
        test: {
          name: 'together',
          include: ['tests/{integration,unit}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...replacing],
          isolate: false,
        },
      },
    ],
  },
});
