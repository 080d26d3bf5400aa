import { appendFile, chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startEmbeddedCluster } from '../support/embedded-cluster.ts';
import { InvalidInput } from '../../src/services/platform/errors.ts';
import { writeNextMigration } from '../../src/services/platform/migrations/next-migration.ts';
import { databaseUrl } from '../support/database-url.ts';
import { runProgram } from '../support/run-program.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
let made = 0;
let ownerUrl = '';

beforeEach(async () => {
  made += 1;
  ownerUrl = databaseUrl(inject('clusterUrl'), `cli_${String(process.pid)}_${String(made)}`);
  await asked(inject('clusterUrl'), `CREATE DATABASE ${nameOf(ownerUrl)}`);
});

afterEach(async () => {
  await asked(inject('clusterUrl'), `DROP DATABASE ${nameOf(ownerUrl)} WITH (FORCE)`);
});

const nameOf = (url: string) => new URL(url).pathname.slice(1);
const db = (args: readonly string[], environment = {}) =>
  runProgram('src/cli.ts', ['db', ...args], { DATABASE_URL: ownerUrl, ...environment });
const ask = (sql: string) => asked(ownerUrl, sql);

async function asked(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

describe('db migrate', () => {
  it('applies what is pending once, in order, and lets both roles in', async () => {
    const names = await migrationNames();
    const first = await db(['migrate']);
    expect(first.stdout.trim().split('\n')).toEqual(names.map((name) => `applied ${name}`));
    const second = await db(['migrate']);
    expect(second).toMatchObject({ code: 0, stdout: 'Nothing was pending.\n' });
    const history = await db(['history']);
    for (const name of names) expect(history.stdout).toContain(name);
  });

  it('is done once when two run at the same time', async () => {
    const both = await Promise.all([db(['migrate']), db(['migrate'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const applied = both
      .flatMap(({ stdout }) => stdout.split('\n'))
      .filter((line) => line.startsWith('applied'));
    expect(applied).toHaveLength((await migrationNames()).length);
  });

  it('gives the roles the passwords of the URLs that production names, and no others', async () => {
    // Roles belong to a cluster, and other tests log in to the shared one at the same time.
    const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-roles-'));
    await chmod(folder, 0o755);
    const cluster = await startEmbeddedCluster({
      folder: path.join(folder, 'postgres'),
      password: 'test',
      isDurable: false,
    });
    try {
      const DATABASE_URL = cluster.ownerUrl;
      const [server, worker] = ['tradegraph_server', 'tradegraph_worker'].map((role) => {
        const url = new URL(DATABASE_URL);
        [url.username, url.password] = [role, `own of ${role}`];
        return url.href;
      }) as [string, string];
      const NODE_ENV = 'production';
      const one = await db(['migrate'], { NODE_ENV, DATABASE_URL, DATABASE_SERVER_URL: server });
      expect(one.code).toBe(0);
      const name = await asked(server, 'SELECT current_user AS name');
      expect(name).toEqual([{ name: 'tradegraph_server' }]);
      await expect(asked(worker, 'SELECT 1')).rejects.toThrow();
      const two = await db(['migrate'], { NODE_ENV, DATABASE_URL, DATABASE_WORKER_URL: worker });
      expect(two.code).toBe(0);
      await asked(worker, 'SELECT 1');
      await asked(server, 'SELECT 1');
    } finally {
      await cluster.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('db status', () => {
  it('tells what is pending, and what is up to date', async () => {
    const before = await db(['status']);
    expect(before.code).toBe(1);
    for (const name of await migrationNames()) expect(before.stdout).toContain(`pending   ${name}`);
    await db(['migrate']);
    const after = await db(['status']);
    expect(after.code).toBe(0);
    expect(after.stdout).toContain('Up to date; nothing was changed past the migrations.');
  });

  it('tells which files were changed since, and which migrations nobody knows', async () => {
    await db(['migrate']);
    const [first] = await migrationNames();
    await ask(
      `UPDATE _prisma_migrations SET checksum = 'other' WHERE migration_name = '${String(first)}'`,
    );
    const edited = await db(['status']);
    expect(edited.code).toBe(1);
    expect(edited.stdout).toContain(`edited    ${String(first)}`);
    await ask(
      `UPDATE _prisma_migrations SET migration_name = '20991231000000_later' WHERE migration_name = '${String((await migrationNames()).at(-1))}'`,
    );
    const unknown = await db(['status']);
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toContain('unknown   20991231000000_later');
  });

  it('tells what was changed by hand', async () => {
    await db(['migrate']);
    await ask('ALTER TABLE users ADD COLUMN hobby text');
    const { code, stdout } = await db(['status']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'drift     column users.hobby is in the database, but no migration makes it\n',
    );
  });
});

describe('db reset', () => {
  const insertCurrency = `INSERT INTO currencies (code, minor_unit) VALUES ('XTS', 2)`;
  const countCurrency = `SELECT count(*)::int AS count FROM currencies WHERE code = 'XTS'`;

  it('asks first, and deletes nothing without an answer', async () => {
    await db(['migrate']);
    await ask(insertCurrency);
    const { code, stderr } = await db(['reset']);
    expect(code).toBe(1);
    expect(stderr).toContain('Confirm it with --yes.');
    expect(await ask(countCurrency)).toEqual([{ count: 1 }]);
  });

  it('refuses in production, and deletes nothing', async () => {
    await db(['migrate']);
    await ask(insertCurrency);
    const { code, stderr } = await db(['reset', '--yes'], { NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(stderr).toContain('not for production');
    expect(await ask(countCurrency)).toEqual([{ count: 1 }]);
  });

  it('deletes everything and leaves a database as new', async () => {
    await db(['migrate']);
    await ask(insertCurrency);
    await ask('CREATE TABLE left_over (id int)');
    const { code } = await db(['reset', '--yes']);
    expect(code).toBe(0);
    expect(await ask(countCurrency)).toEqual([{ count: 0 }]);
    expect((await db(['status'])).stdout).toContain('nothing was changed past the migrations');
  });
});

describe('a database that cannot be used', () => {
  const lineFor = async (url: string) => {
    const { code, stdout, stderr } = await db(['status'], { DATABASE_URL: url });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  };

  it('is told in one line that names DATABASE_URL and the fix', async () => {
    const changed = (change: (url: URL) => void) => {
      const url = new URL(ownerUrl);
      change(url);
      return url.href;
    };
    expect(await lineFor(changed((url) => (url.port = '1')))).toMatch(
      /^DATABASE_URL names 127\.0\.0\.1:1, where no database answers/,
    );
    const refused = await lineFor(changed((url) => (url.password = 'not-the-password')));
    expect(refused).toMatch(/^DATABASE_URL is refused by .*: user "postgres"/);
    expect(refused).not.toContain('not-the-password');
    expect(await lineFor(changed((url) => (url.pathname = '/nowhere')))).toMatch(
      /^DATABASE_URL names database "nowhere", which .* Create it: createdb nowhere/,
    );
    expect(await lineFor('postgresql://x:y@no-such-host.invalid/z')).toMatch(
      /^DATABASE_URL names no-such-host\.invalid:5432/,
    );
  });
});

describe('the next migration', () => {
  let prismaFolder = '';
  beforeEach(async () => {
    prismaFolder = await mkdtemp(path.join(tmpdir(), 'tradegraph-prisma-'));
    const [foundation] = await migrationNames();
    const newest = path.join(prismaFolder, 'migrations', String(foundation));
    await cp(path.join(MIGRATIONS, String(foundation)), newest, { recursive: true });
    await cp(path.join(newest, 'schema.prisma'), path.join(prismaFolder, 'schema.prisma'));
  });
  afterEach(() => rm(prismaFolder, { recursive: true }));

  const write = (name: string, isEmptyAllowed = false, time = '2027-01-02T03:04:05.678Z') =>
    writeNextMigration({
      databaseUrl: ownerUrl,
      prismaFolder,
      name,
      clock: { now: () => new Date(time) },
      isEmptyAllowed,
    });
  const addModel = (name: string) =>
    appendFile(
      path.join(prismaFolder, 'schema.prisma'),
      `\nmodel ${name} {\n  id String @id @db.Uuid\n  @@map("${name.toLowerCase()}s")\n}\n`,
    );
  const migrations = () => readdir(path.join(prismaFolder, 'migrations'));

  it('leads from the newest one to the present schema', async () => {
    await addModel('Pet');
    const folder = await write('Add pets!');
    expect(path.basename(String(folder))).toBe('20270102030405_add_pets');
    const sql = await readFile(path.join(String(folder), 'migration.sql'), 'utf8');
    expect(sql).toContain('CREATE TABLE "pets"');
    expect(sql).not.toContain('"users"');
    expect(sql).toMatch(/-- By hand, .*row-level\n.*\n-- {3}pets\n/);
  });

  it('starts from where the last one ended', async () => {
    await addModel('Pet');
    await write('pets');
    expect(await write('nothing new')).toBeUndefined();
    expect(await migrations()).toHaveLength(2);
    await addModel('Toy');
    // The clock may lag behind the machine that wrote the last one: the order must not.
    const folder = await write('toys', false, '2020-01-01T00:00:00.000Z');
    expect(path.basename(String(folder))).toBe('20270102030406_toys');
    const sql = await readFile(path.join(String(folder), 'migration.sql'), 'utf8');
    expect(sql).toContain('CREATE TABLE "toys"');
    expect(sql).not.toContain('CREATE TABLE "pets"');
  });

  it('may be empty on request, for SQL by hand', async () => {
    const folder = await write('only policies', true);
    expect(await readFile(path.join(String(folder), 'migration.sql'), 'utf8')).toBe('');
  });

  it('needs a name', async () => {
    await addModel('Pet');
    await expect(write('!!!')).rejects.toThrow(InvalidInput);
    expect(await migrations()).toHaveLength(1);
  });
});
