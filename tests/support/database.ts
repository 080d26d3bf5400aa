import { setTimeout as delay } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../../src/services/platform/database.ts';
import { roleUrl } from '../../src/services/platform/migrations/roles.ts';
import { afterwards } from './afterwards.ts';
import { auditBooksLeft } from './books-left.ts';
import { databaseUrl } from './database-url.ts';

export interface TestDatabase {
  /** As the server sees it: row-level security by viewer. */
  readonly server: Database;
  /** As the worker sees it: every row. */
  readonly worker: Database;
  readonly ownerUrl: string;
  readonly serverUrl: string;
  readonly workerUrl: string;
  /** Runs SQL as the superuser, past every wall, to look at what is stored. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

let made = 0;

/**
 * A migrated database of the test file's own, dropped after its last test, or that of the test that
 * makes it, dropped after it. They fail when the books in it are broken then, or somebody is
 * connected with it still.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const clusterUrl = inject('clusterUrl');
  made += 1;
  const name = `test_${String(process.pid)}_${String(made)}`;
  await asSuperuser(clusterUrl, `CREATE DATABASE ${name} TEMPLATE template_tradegraph`);
  const ownerUrl = databaseUrl(clusterUrl, name);
  const serverUrl = roleUrl(ownerUrl, 'tradegraph_server');
  const workerUrl = roleUrl(ownerUrl, 'tradegraph_worker');
  const server = createDatabase({ ...OPTIONS, url: serverUrl });
  const worker = createDatabase({ ...OPTIONS, url: workerUrl });
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();

  afterwards(async () => {
    await server.close();
    await worker.close();
    try {
      const { rowCount } = await client.query(HAS_BOOKS);
      if (rowCount) await auditBooksLeft(ownerUrl);
      await untilAlone(client);
    } finally {
      await client.end();
      await asSuperuser(clusterUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  return {
    server,
    worker,
    ownerUrl,
    serverUrl,
    workerUrl,
    async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) {
      const { rows } = await client.query<Row>(sql, [...values]);
      return rows;
    },
  };
}

/** Where nothing was traded and no cash moved, there is nothing to look at. */
const HAS_BOOKS = 'SELECT FROM ledger_transfers UNION ALL SELECT FROM orders LIMIT 1';

/** Patient, so that a busy machine makes a test slow and not red. */
const OPTIONS = {
  poolSize: 5,
  acquireTimeoutMs: 120_000,
  transactionTimeoutMs: 120_000,
  statementTimeoutMs: 120_000,
};

const ALONE_MS = 60_000;
const CONNECTED = `
  SELECT format('%s (%s): %s', usename, state, left(query, 100)) AS who FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Files share a process: what one of them leaves open would go on beside the next ones. */
async function untilAlone(client: Client): Promise<void> {
  const deadlineMs = performance.now() + ALONE_MS;
  for (;;) {
    const { rows } = await client.query<{ who: string }>(CONNECTED);
    if (rows.length === 0) return;
    if (performance.now() > deadlineMs) {
      throw new Error(
        `The tests leave connections open:\n${rows.map(({ who }) => who).join('\n')}`,
      );
    }
    await delay(20);
  }
}

async function asSuperuser(clusterUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: clusterUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
