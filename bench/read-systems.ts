import path from 'node:path';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { JWT_SECRET } from './bench-people.ts';
import { startProcess, type BenchProcess } from './bench-process.ts';
import { startProgram } from './bench-program.ts';
import type { Questions } from './read-questions.ts';

/** A server whose answers are measured. */
export interface System {
  readonly name: string;
  readonly process: BenchProcess;
  /** Of the database that it asks. */
  readonly cluster: BenchCluster;
  /** What it answers, if that is not the documents of the measures. */
  readonly questions?: Questions;
}

/** How servers are started: on one core, with a profile of each in a folder. */
export interface StartOptions {
  readonly core?: number | undefined;
  readonly profile?: string | undefined;
}

/** Connections to the database of each server. */
export const POOL_SIZE = 10;
/** So that a busy machine makes it slow, and no error of it. */
const PATIENT = {
  DATABASE_CONNECT_TIMEOUT_MS: '60000',
  DATABASE_STATEMENT_TIMEOUT_MS: '60000',
  DATABASE_TRANSACTION_TIMEOUT_MS: '60000',
};
/** What graphql-js and others look at. */
export const ENVIRONMENT = { NODE_ENV: 'production' };

export const profileOf = (name: string, { profile }: StartOptions): string[] =>
  profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.join(profile, name)}`];

export async function startFloor(cluster: BenchCluster, options: StartOptions): Promise<System> {
  const file = path.join(import.meta.dirname, 'read-floor.ts');
  const started = await startProcess(file, {
    options: {
      databaseUrl: roleUrl(cluster.ownerUrl, 'tradegraph_server'),
      secret: JWT_SECRET,
      poolSize: POOL_SIZE,
    },
    nodeOptions: profileOf('floor', options),
    environment: ENVIRONMENT,
    core: options.core,
  });
  return { name: 'floor', process: started, cluster };
}

/** The program of a checkout: this one, if no folder is given. */
export async function startOurs(
  cluster: BenchCluster,
  options: StartOptions,
  { name = 'ours', root }: { readonly name?: string; readonly root?: string } = {},
): Promise<System> {
  const { ownerUrl, folder } = cluster;
  const started = await startProgram({
    urls: {
      owner: ownerUrl,
      worker: roleUrl(ownerUrl, 'tradegraph_worker'),
      server: roleUrl(ownerUrl, 'tradegraph_server'),
    },
    folder,
    variables: {
      JWT_SECRET,
      DATABASE_POOL_SIZE: String(POOL_SIZE),
      ...PATIENT,
      // Nobody is turned away; what it costs to ask is counted all the same.
      COST_BUDGET_USER: '1000000000',
      COST_BUDGET_ANONYMOUS: '1000000000',
      LOG_IN_LIMIT_PER_ADDRESS: '1000000',
    },
    nodeOptions: profileOf(name, options),
    environment: ENVIRONMENT,
    core: options.core,
    ...(root !== undefined && { root }),
  });
  return { name, process: started, cluster };
}
