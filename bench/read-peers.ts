import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { JWT_SECRET } from './bench-people.ts';
import { startProcess } from './bench-process.ts';
import { POSTGRAPHILE_QUESTIONS, SAME_QUESTIONS, type Questions } from './read-questions.ts';
import {
  ENVIRONMENT,
  POOL_SIZE,
  profileOf,
  type StartOptions,
  type System,
} from './read-systems.ts';

const FOLDER = path.join(import.meta.dirname, 'peers');

interface Peer {
  readonly folder: string;
  readonly questions: Questions;
  /** What it needs in the database. */
  readonly sql?: string;
}

const PEERS: Readonly<Record<string, Peer>> = {
  apollo: { folder: 'apollo-prisma', questions: SAME_QUESTIONS },
  postgraphile: {
    folder: 'postgraphile',
    questions: POSTGRAPHILE_QUESTIONS,
    sql: 'postgraphile/house.sql',
  },
  mercurius: { folder: 'mercurius', questions: SAME_QUESTIONS },
};

/** Starts other servers over the same tables, as the role that the program has; installs them first. */
export async function startPeers(cluster: BenchCluster, options: StartOptions): Promise<System[]> {
  const systems: System[] = [];
  for (const [name, { folder, questions, sql }] of Object.entries(PEERS)) {
    install(folder);
    if (sql !== undefined) await runSql(cluster.ownerUrl, path.join(FOLDER, sql));
    const started = await startProcess(path.join(FOLDER, folder, 'server.mjs'), {
      options: {
        databaseUrl: roleUrl(cluster.ownerUrl, 'tradegraph_server'),
        secret: JWT_SECRET,
        poolSize: POOL_SIZE,
      },
      nodeOptions: profileOf(name, options),
      environment: ENVIRONMENT,
      core: options.core,
    });
    systems.push({ name, process: started, cluster, questions });
  }
  return systems;
}

/** As its lock file has it, the first time. */
function install(folder: string): void {
  const cwd = path.join(FOLDER, folder);
  if (existsSync(path.join(cwd, 'node_modules/.package-lock.json'))) return;
  console.log(`Installing bench/peers/${folder}`);
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
}

async function runSql(ownerUrl: string, file: string): Promise<void> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(readFileSync(file, 'utf8'));
  } finally {
    await owner.end();
  }
}
