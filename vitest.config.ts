import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** What the processes of the tests, and the programs that they start, have compiled before. */
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, 'node_modules/.cache/compile');

export default defineConfig({
  // As Node resolves it: Vite would give our files the ES module of graphql and packages the CommonJS
  // one, and graphql refuses to work with two of itself.
  resolve: { alias: { graphql: import.meta.resolve('graphql') } },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    // One more than the cores of CI: a test waits for the database, or for a moment to come.
    maxWorkers: 3,
    // For what never ends: a busy machine must make a test slow and not red.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
