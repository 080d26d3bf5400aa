import type { TestProject } from 'vitest/node';
import { startTestCluster } from './test-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the superuser of the test run's own PostgreSQL. */
    clusterUrl: string;
  }
}

/** One PostgreSQL for the run, with a migrated database that each test file copies. */
export default async function setup(project: TestProject) {
  const cluster = await startTestCluster();
  project.provide('clusterUrl', cluster.clusterUrl);
  return () => cluster.stop();
}
