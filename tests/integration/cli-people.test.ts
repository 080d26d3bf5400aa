import { beforeAll, describe, expect, it } from 'vitest';
import { createPasswords } from '../../src/services/accounts/passwords.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { runProgram } from '../support/run-program.ts';

/** Cheap hashes: what they cost is tested elsewhere. */
const QUICK = { ARGON2_MEMORY_KIB: '8192', ARGON2_PASSES: '1' };
// not a secret: made up for these tests
const SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';

let database: TestDatabase;
const cli = (args: readonly string[], environment = {}, input?: string) =>
  runProgram(
    'src/cli.ts',
    args,
    { DATABASE_URL: database.ownerUrl, ...QUICK, ...environment },
    input,
  );
const people = () =>
  database.query('SELECT username, role::text, status::text FROM users ORDER BY username');
const models = () =>
  database.query(`SELECT models.name, username AS owner, models.status::text,
      visibility::text, cash::text
    FROM models JOIN users ON users.id = models.owner_id JOIN accounts ON model_id = models.id`);

describe('db seed', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
  });

  it('is not for production, and makes nobody there', async () => {
    const { code, stderr } = await cli(['db', 'seed'], { NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(stderr).toContain('not for production');
    expect(await people()).toEqual([]);
  });

  it('makes two people, and a public model that runs on 100,000 dollars', async () => {
    const { code, stdout } = await cli(['db', 'seed']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}admin {4}\S{16}\n {2}trader {3}\S{16}\n/);
    expect(await people()).toEqual([
      { username: 'admin', role: 'ADMIN', status: 'ACTIVE' },
      { username: 'trader', role: 'USER', status: 'ACTIVE' },
    ]);
    const cash = '100000.000000000000000000';
    expect(await models()).toEqual([
      { name: 'Momentum demo', owner: 'trader', status: 'ACTIVE', visibility: 'PUBLIC', cash },
    ]);
  });

  it('leaves a database alone in which there is a model', async () => {
    const { code, stdout } = await cli(['db', 'seed']);
    expect(code).toBe(0);
    expect(stdout).toContain('the demo is for an empty database');
    expect(await people()).toHaveLength(2);
    expect(await models()).toHaveLength(1);
  });
});

describe('a seed that was cut off', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
  });

  it('is taken up where it ended', async () => {
    await database.query(`INSERT INTO users (id, username, username_key, email, email_key,
        password_hash, role, status, token_version, created_at, updated_at)
      VALUES (gen_random_uuid(), 'admin', 'admin', 'admin@demo.tradegraph.invalid',
        'admin@demo.tradegraph.invalid', 'x', 'ADMIN', 'ACTIVE', 0, now(), now())`);
    const { stdout } = await cli(['db', 'seed']);
    expect(stdout).toMatch(/ {2}admin {4}\(printed when it was made\)\n {2}trader {3}\S{16}\n/);
    expect(await people()).toHaveLength(2);
    expect(await models()).toHaveLength(1);
  });
});

describe('people', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query(`INSERT INTO users (id, username, username_key, email, email_key,
        password_hash, role, status, token_version, created_at, updated_at)
      VALUES (gen_random_uuid(), 'Ada', 'ada', 'ada@example.com', 'ada@example.com', 'x', 'USER',
        'PENDING', 0, now(), now())`);
  });

  it('are no demo, so no demo is put beside them', async () => {
    const { stdout } = await cli(['db', 'seed']);
    expect(stdout).toContain('the demo is for an empty database');
    expect(await people()).toEqual([{ username: 'Ada', role: 'USER', status: 'PENDING' }]);
  });

  it('get no token while they are not active', async () => {
    const { code, stdout } = await cli(['token', 'ada']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(await database.query('SELECT 1 FROM sessions')).toEqual([]);
  });

  it('are let in by an operator, in production too', async () => {
    const { code, stdout } = await cli(['user', 'activate', 'ADA', '--role', 'PREMIUM'], {
      NODE_ENV: 'production',
      DATABASE_SERVER_URL: database.serverUrl,
      DATABASE_WORKER_URL: database.workerUrl,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Ada is ACTIVE with role PREMIUM.\n' });
    expect(await people()).toEqual([{ username: 'Ada', role: 'PREMIUM', status: 'ACTIVE' }]);
    const audit = await database.query('SELECT action FROM audit_records');
    expect(audit).toEqual([{ action: 'user.activated' }]);
  });

  it('are refused in one line when nobody has that name', async () => {
    const { code, stderr } = await cli(['user', 'activate', 'nobody']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'User not found.\n' });
  });

  it('get a token in development alone', async () => {
    const given = await cli(['token', 'ada'], { JWT_SECRET: SECRET });
    expect(given.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const sessions = () => database.query('SELECT 1 FROM sessions');
    expect(await sessions()).toHaveLength(1);
    const refused = await cli(['token', 'ada'], { NODE_ENV: 'production', JWT_SECRET: SECRET });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(await sessions()).toHaveLength(1);
  });
});

describe('admin create', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  const PASSWORD = 'a password from a pipe';
  const production = () => ({
    NODE_ENV: 'production',
    DATABASE_SERVER_URL: database.serverUrl,
    DATABASE_WORKER_URL: database.workerUrl,
  });
  const create = (username: string, input: string, ...options: string[]) =>
    cli(['admin', 'create', username, `${username}@example.com`, ...options], production(), input);
  const root = { username: 'root', role: 'SUPER_ADMIN', status: 'ACTIVE' };

  it('refuses a weak password, and makes nobody', async () => {
    for (const input of ['', 'short\n', 'x'.repeat(5_000)]) {
      const { code, stderr } = await create('root', input);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^(A password needs at least 12|This is too long)[^\n]*\n$/);
    }
    expect(await people()).toEqual([]);
  });

  it('makes the first SUPER_ADMIN of production, with the password that is piped in', async () => {
    const made = await create('root', `${PASSWORD}\n`);
    const stdout = 'root is ACTIVE with role SUPER_ADMIN.\n';
    expect(made).toEqual({ code: 0, stdout, stderr: '' });
    expect(await people()).toEqual([root]);
    const [{ hash } = { hash: '' }] = await database.query<{ hash: string }>(
      'SELECT password_hash AS hash FROM users',
    );
    const passwords = createPasswords({ cost: { memoryKib: 8_192, passes: 1, lanes: 1 } });
    expect(await passwords.verify(hash, PASSWORD)).toBe(true);
    const audit = await database.query('SELECT action, after FROM audit_records');
    expect(audit).toEqual([{ action: 'user.created', after: root }]);
  });

  it('makes no other one, unless it is forced', async () => {
    const { code, stderr } = await create('second', PASSWORD);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'root is SUPER_ADMIN already. To make one more, add --force.\n',
    });
    expect(await people()).toEqual([root]);
    expect((await create('second', PASSWORD, '--force')).code).toBe(0);
    expect(await people()).toEqual([root, { ...root, username: 'second' }]);
  });

  it('keeps the last SUPER_ADMIN from losing the role', async () => {
    const demote = (name: string) => cli(['user', 'activate', name, '--role', 'USER']);
    expect((await demote('second')).code).toBe(0);
    const { code, stderr } = await demote('root');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'This is the last active SUPER_ADMIN. Make another one first.\n',
    });
    expect(await people()).toMatchObject([root, { role: 'USER' }]);
  });
});
