import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { roleUrl } from '../../src/services/platform/migrations/roles.ts';
import { databaseUrl } from '../support/database-url.ts';
import { runProgram } from '../support/run-program.ts';
import { startProgram } from '../support/started-program.ts';
import { openStartHouse, untilHealthy } from './start-house.ts';

// not a secret: made up for these tests
const SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';
const { environment } = openStartHouse();

describe('a start in production', () => {
  let ownerUrl = '';
  const name = `production_${String(process.pid)}`;
  const production = (more: Record<string, string> = {}) =>
    environment({
      NODE_ENV: 'production',
      JWT_SECRET: SECRET,
      AUDIT_KEYS: `first:${SECRET}${SECRET}`,
      VAULT_KEYS: `first:${SECRET}${SECRET}`,
      DATABASE_SERVER_URL: roleUrl(ownerUrl, 'tradegraph_server'),
      DATABASE_WORKER_URL: roleUrl(ownerUrl, 'tradegraph_worker'),
      ...more,
    });

  beforeEach(async () => {
    ownerUrl = databaseUrl(inject('clusterUrl'), name);
    await asked(inject('clusterUrl'), `CREATE DATABASE ${name}`);
  });
  afterEach(() => asked(inject('clusterUrl'), `DROP DATABASE ${name} WITH (FORCE)`));

  it('refuses missing and weak secrets, one line each', async () => {
    const { code, stderr } = await runProgram(
      'src/start.ts',
      [],
      environment({ NODE_ENV: 'production', JWT_SECRET: 'CHANGE_ME' }),
    );
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'JWT_SECRET',
      'AUDIT_KEYS',
      'VAULT_KEYS',
      'DATABASE_SERVER_URL',
      'DATABASE_WORKER_URL',
    ]);
  });

  it('says that the database is behind, and changes nothing', async () => {
    const { code, stderr } = await runProgram('src/start.ts', [], production());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database lacks \d+_foundation, .*Run: npm run migrate/);
    expect(await asked(ownerUrl, `SELECT to_regclass('users') AS users`)).toEqual([
      { users: null },
    ]);
  });

  it('starts once it is migrated, without demo, token or simulated market', async () => {
    const migrated = await runProgram('src/cli.ts', ['db', 'migrate'], {
      DATABASE_URL: ownerUrl,
    });
    expect(migrated.code).toBe(0);
    const program = startProgram('src/start.ts', production({ HOST: '127.0.0.1' }));
    await untilHealthy(await program.url);
    expect(program.output()).not.toMatch(/Bearer|Log-ins|token/);
    const counts = `SELECT (SELECT count(*)::int FROM users) AS users,
      (SELECT count(*)::int FROM models) AS models,
      (SELECT count(*)::int FROM instruments) AS instruments`;
    expect(await asked(ownerUrl, counts)).toEqual([{ users: 0, models: 0, instruments: 0 }]);
    program.process.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  async function asked(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
