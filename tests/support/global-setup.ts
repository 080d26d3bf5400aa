import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { NOTE_FILE_VARIABLE, summaryOf } from './books-left.ts';
import { startTestCluster } from './test-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the superuser of the test run's own PostgreSQL. */
    clusterUrl: string;
  }
}

/**
 * One PostgreSQL for the run, with a migrated database that each test file copies. At the end the run
 * says how many databases were audited when their files were done with them.
 */
export default async function setup(project: TestProject) {
  const cluster = await startTestCluster();
  const sayWhatWasAudited = await noteAudits();
  project.provide('clusterUrl', cluster.clusterUrl);
  return async () => {
    await cluster.stop();
    await sayWhatWasAudited?.();
  };
}

/** Answers with what says what came of them; undefined where another set-up of the run does it. */
async function noteAudits(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[NOTE_FILE_VARIABLE] !== undefined) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-books-'));
  const noteFile = path.join(folder, 'audited.jsonl');
  await writeFile(noteFile, '');
  // Test files run in processes that are forked later, and get it with their environment.
  process.env[NOTE_FILE_VARIABLE] = noteFile;
  return async () => {
    process.stdout.write(`${summaryOf(await readFile(noteFile, 'utf8'))}\n`);
    await rm(folder, { recursive: true, force: true });
  };
}
