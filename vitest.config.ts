import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As Node resolves it: Vite would give our files the ES module of graphql and packages the CommonJS
  // one, and graphql refuses to work with two of itself.
  resolve: { alias: { graphql: import.meta.resolve('graphql') } },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
