import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';
import { findPostmaster } from '../../src/services/platform/embedded/postmaster.ts';
import { roleUrl } from '../../src/services/platform/migrations/roles.ts';
import { databaseUrl } from '../support/database-url.ts';
import { runProgram } from '../support/run-program.ts';
import { askApi, startProgram } from '../support/started-program.ts';

const HEALTH = '{ health { status } }';
// not a secret: made up for these tests
const SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';

let [directory, port] = ['', 0];

beforeEach(async () => {
  // Beside the project, so that the Node of the project can be linked into it.
  directory = mkdtempSync(path.resolve(import.meta.dirname, '../../node_modules/.start-test-'));
  chmodSync(directory, 0o755);
  port = await findFreePort();
});

afterEach(async () => {
  const left = postgres();
  if (left) process.kill(left.processId, 'SIGQUIT');
  await expect.poll(postgres, { timeout: 10_000 }).toBeUndefined();
  // Where only root may enter the project, the cluster lies elsewhere, behind a link.
  const cluster = path.join(directory, 'postgres');
  if (existsSync(cluster)) rmSync(realpathSync(cluster), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
});

const environment = (more: Record<string, string> = {}) => ({
  DATA_DIRECTORY: directory,
  PORT: String(port),
  LOG_LEVEL: 'warn',
  ...more,
});
const start = (more: Record<string, string> = {}, node?: string) =>
  startProgram('bin/start.mjs', environment(more), node);
const postgres = () => findPostmaster(path.join(directory, 'postgres'));
const tokenIn = (output: string) => /Bearer ([\w.-]+)/.exec(output)?.[1];

describe('npm start', () => {
  it('starts from nothing, prints what a person needs, and keeps its data', async () => {
    const first = start();
    const url = await first.url;
    expect(url).toBe(`http://localhost:${String(port)}/graphql`);
    expect(await askApi(url, HEALTH)).toEqual({ health: { status: 'OK' } });
    await expect.poll(first.output).toContain('Stop it with Ctrl-C.');
    expect(first.output()).toMatch(/ {2}admin {4}[\w-]{16}\n {2}trader {3}[\w-]{16}\n/);
    const token = tokenIn(first.output());
    const viewer = '{ viewer { user { username } } }';
    expect(await askApi(url, viewer, token)).toEqual({ viewer: { user: { username: 'trader' } } });
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(postgres()).toBeUndefined();

    const second = start();
    expect(await askApi(await second.url, viewer, token)).toEqual({
      viewer: { user: { username: 'trader' } },
    });
    await expect.poll(second.output).toContain('npm run cli -- token trader');
    expect(second.output()).not.toContain('Bearer');
    second.process.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(postgres()).toBeUndefined();
  });

  it('has a model that trades within seconds', async () => {
    const program = start();
    const url = await program.url;
    await expect.poll(program.output).toContain('Bearer');
    const trades = '{ trades(first: 1) { nodes { side } } }';
    const ask = () => askApi(url, trades, tokenIn(program.output()));
    await expect
      .poll(ask, { timeout: 60_000, interval: 500 })
      .toEqual({ trades: { nodes: [{ side: 'BUY' }] } });
  });

  it('goes on after it was killed, with the database that was left running', async () => {
    const killed = start();
    await killed.url;
    const before = postgres();
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(postgres()?.processId).toBe(before?.processId);
    const next = start();
    expect(await askApi(await next.url, HEALTH)).toEqual({ health: { status: 'OK' } });
    expect(postgres()?.processId).toBe(before?.processId);
    next.process.kill('SIGTERM');
    expect(await next.ended).toBe(0);
    expect(postgres()).toBeUndefined();
  });

  it('goes on after both it and the database were killed', async () => {
    const killed = start();
    await killed.url;
    const before = postgres();
    killed.process.kill('SIGKILL');
    process.kill(before?.processId ?? 0, 'SIGKILL');
    await killed.ended;
    const next = start();
    expect(await askApi(await next.url, HEALTH)).toEqual({ health: { status: 'OK' } });
    expect(postgres()?.processId).not.toBe(before?.processId);
  });

  it('ends when its database is killed, and says so', async () => {
    const program = start();
    await program.url;
    process.kill(postgres()?.processId ?? 0, 'SIGKILL');
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain('The embedded PostgreSQL has ended.');
  });

  it('runs on the Node of the project, whatever launched it, and stops with that', async () => {
    const machinesNode = path.join(directory, 'node');
    linkSync(realpathSync(process.execPath), machinesNode);
    const orderly = start({}, machinesNode);
    await askApi(await orderly.url, HEALTH);
    orderly.process.kill('SIGTERM');
    expect(await orderly.ended).toBe(0);
    expect(postgres()).toBeUndefined();

    const killed = start({}, machinesNode);
    await killed.url;
    killed.process.kill('SIGKILL');
    // Its output closes once the server has ended as well.
    await killed.ended;
    await expect.poll(postgres, { timeout: 10_000 }).toBeUndefined();
  });

  it('stops in an orderly way while it is still starting', async () => {
    for (const afterMs of [50, 400, 900]) {
      const program = start();
      await sleep(afterMs);
      program.process.kill('SIGTERM');
      await program.ended;
      expect(program.output()).not.toMatch(/Error|at .*\.ts/);
    }
    const drafts = readdirSync(directory).filter((name) => name.startsWith('postgres.'));
    expect(drafts.filter((name) => name !== 'postgres.log')).toEqual([]);
    const next = start();
    expect(await askApi(await next.url, HEALTH)).toEqual({ health: { status: 'OK' } });
  });

  it('serves a command of an operator from the database that it runs', async () => {
    const program = start();
    const url = await program.url;
    const token = await runProgram('src/cli.ts', ['token', 'trader'], environment());
    expect(token.code).toBe(0);
    const viewer = '{ viewer { user { username } } }';
    expect(await askApi(url, viewer, token.stdout.trim())).toEqual({
      viewer: { user: { username: 'trader' } },
    });
    const reset = await runProgram('src/cli.ts', ['db', 'reset', '--yes'], environment());
    expect(reset.code).toBe(1);
    expect(reset.stderr).toContain(`A server runs on this database (process`);
    expect(await askApi(url, HEALTH)).toEqual({ health: { status: 'OK' } });
  });
});

describe('a start that cannot be', () => {
  /** The one line that it ends with. */
  async function lineOf(more: Record<string, string>, program = 'bin/start.mjs'): Promise<string> {
    const { code, stdout, stderr } = await runProgram(program, [], environment(more));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr.trim();
  }

  it('names the port that is taken', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    expect(await lineOf({})).toBe(
      `PORT ${String(port)} is taken by another program. Stop it, or set PORT to a free one: PORT=${String(port + 1)}`,
    );
    other.close();
  });

  it('names the program that uses the same data on another port', async () => {
    const first = start();
    await first.url;
    expect(await lineOf({ PORT: '0' })).toBe(
      `DATA_DIRECTORY ${directory} is used by process ${String(first.process.pid)}. Stop it, or set DATA_DIRECTORY to another folder.`,
    );
    expect(await askApi(await first.url, HEALTH)).toEqual({ health: { status: 'OK' } });
  });

  it('names the host that is none', async () => {
    expect(await lineOf({ HOST: '192.0.2.1' })).toBe(
      'HOST 192.0.2.1 is no address of this machine. Set HOST=127.0.0.1',
    );
  });

  it('names the database that does not answer', async () => {
    const line = await lineOf({ DATABASE_URL: 'postgresql://owner:secret@127.0.0.1:1/tradegraph' });
    expect(line).toMatch(/^DATABASE_URL names 127\.0\.0\.1:1, where no database answers/);
    expect(line).not.toContain('secret');
  });

  it('names the variable that is wrong', async () => {
    expect(await lineOf({ SIMULATED_TICK_MS: 'fast' })).toBe(
      'SIMULATED_TICK_MS must be a whole number from 10 to 60000, such as 500.',
    );
  });

  it('names what spoilt the secret of this machine', async () => {
    writeFileSync(path.join(directory, 'secrets.json'), '{}');
    expect(await lineOf({})).toMatch(/^JWT_SECRET cannot be read from .*secrets\.json\. Delete/);
  });
});

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
    expect(await askApi(await program.url, HEALTH)).toEqual({ health: { status: 'OK' } });
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
