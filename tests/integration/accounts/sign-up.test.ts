import { describe, expect, test } from 'vitest';
import { UsernameTaken, WeakPassword } from '../../../src/services/accounts/errors.ts';
import { InvalidInput, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { database, users } = house;

const rowsNamed = (usernameKey: string) =>
  database.query<{ id: string; password_hash: string }>(
    'SELECT * FROM users WHERE username_key = $1',
    [usernameKey],
  );
const attempt = (changed: object) =>
  users.signUp(visitor(), {
    username: 'someone',
    email: 'someone@example.com',
    password: PASSWORD,
    ...changed,
  });

describe('a sign-up', () => {
  test('makes a person who is active under an open policy, with audit row and event', async () => {
    const receipt = await users.signUp(visitor(), {
      username: ' Ada_1 ',
      email: '  Ada@Example.COM ',
      password: PASSWORD,
    });
    expect(receipt).toEqual({ username: 'Ada_1', status: 'ACTIVE' });
    const [ada] = await rowsNamed('ada_1');
    expect(ada).toMatchObject({
      username: 'Ada_1',
      email: 'Ada@Example.COM',
      email_key: 'ada@example.com',
      role: 'USER',
      status: 'ACTIVE',
      token_version: 0,
    });
    expect(ada?.password_hash).toMatch(/^\$argon2id\$/);
    const id = ada?.id ?? '';
    expect(await house.auditOf(id)).toEqual([
      {
        action: 'user.signed-up',
        actor_id: id,
        target_type: 'User',
        before: null,
        after: { username: 'Ada_1', role: 'USER', status: 'ACTIVE' },
        address: '192.0.2.7',
        user_agent: 'tests',
        request_id: 'request-1',
      },
    ]);
    expect(await house.eventsOf(`user:${id}`)).toEqual([
      {
        owner_id: id,
        type: 'UserSignedUp',
        version: 1,
        payload: { id, username: 'Ada_1', role: 'USER', status: 'ACTIVE', tokenVersion: 0 },
      },
    ]);
  });

  test('waits for approval under that policy, in the role that it names', async () => {
    const careful = house.usersOf({ signUpPolicy: 'approval', defaultRole: 'VIEWER' });
    const person = { username: 'waiter', email: 'waiter@example.com', password: PASSWORD };
    expect(await careful.signUp(visitor(), person)).toEqual({
      username: 'waiter',
      status: 'PENDING',
    });
    expect(await rowsNamed('waiter')).toMatchObject([{ role: 'VIEWER', status: 'PENDING' }]);
  });

  test('under a user name that is taken in another case is told so and makes nothing', async () => {
    await house.signUp('grace');
    const before = await house.state();
    await expect(attempt({ username: 'GRACE' })).rejects.toThrow(UsernameTaken);
    expect(await house.state()).toEqual(before);
  });

  test('with a known e-mail gets the same receipt, and a row without the address', async () => {
    await house.signUp('edsger', 'edsger@example.com');
    const receipt = await attempt({ username: 'impostor', email: ' EDSGER@example.com' });
    expect(receipt).toEqual({ username: 'impostor', status: 'ACTIVE' });
    const [impostor] = await rowsNamed('impostor');
    expect(impostor).toMatchObject({
      email: 'EDSGER@example.com',
      email_key: impostor?.id,
      sign_up_risks: '{EMAIL_IN_USE}',
    });
    // The user name is taken, as that of any other sign-up.
    await expect(attempt({ username: 'impostor' })).rejects.toThrow(UsernameTaken);
  });

  test.each([
    ['username', { username: 'ab' }],
    ['username', { username: 'a'.repeat(33) }],
    ['username', { username: 'has space' }],
    ['username', { username: 'mail@example.com' }],
    ['username', { username: 'ünïcode' }],
    ['username', { username: "x'; DROP TABLE users; --" }],
    ['username', { username: 'nul\u0000name' }],
    ['email', { email: 'nobody' }],
    ['email', { email: 'a@b@c' }],
    ['email', { email: 'two words@example.com' }],
    ['email', { email: 'nul\u0000@example.com' }],
    ['email', { email: `${'a'.repeat(250)}@example.com` }],
  ])('with a bad %s is refused and makes nothing: %j', async (field, changed) => {
    const before = await house.state();
    const refusal = await attempt(changed).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await house.state()).toEqual(before);
  });

  test('with a short password is refused and makes nothing', async () => {
    const before = await house.state();
    await expect(attempt({ password: 'elevenchars' })).rejects.toThrow(WeakPassword);
    expect(await house.state()).toEqual(before);
  });
});

describe('sign-ups at the same moment', () => {
  test('under one user name in different case make one person', async () => {
    const names = ['Twin', 'twin', 'TWIN', 'tWin', 'twIn'];
    const outcomes = await Promise.allSettled(
      names.map((username, index) => attempt({ username, email: `twin${index}@example.com` })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UsernameTaken);
    }
    const [twin, ...others] = await rowsNamed('twin');
    expect(others).toEqual([]);
    expect(await house.eventsOf(`user:${twin?.id ?? ''}`)).toHaveLength(1);
  });

  test('with one e-mail give it to one person and tell nobody', async () => {
    const names = ['first', 'second', 'third', 'fourth', 'fifth'];
    const receipts = await Promise.all(
      names.map((username) => attempt({ username, email: 'Shared@example.com' })),
    );
    expect(receipts.map(({ username }) => username)).toEqual(names);
    const rows = await database.query(
      `SELECT username FROM users WHERE email_key = 'shared@example.com'`,
    );
    expect(rows).toHaveLength(1);
    const flagged = await database.query(
      `SELECT username FROM users WHERE lower(email) = 'shared@example.com'
         AND sign_up_risks = '{EMAIL_IN_USE}'`,
    );
    expect(flagged).toHaveLength(4);
  });
});

describe('me', () => {
  test("is the viewer's own row, without the password's hash", async () => {
    await house.signUp('barbara');
    const [barbara] = await rowsNamed('barbara');
    const viewer = userViewer({ userId: barbara?.id ?? '', role: 'USER' });
    const me = await users.me(viewer);
    expect(me).toMatchObject({ username: 'barbara', email: 'barbara@example.com' });
    expect(me).not.toHaveProperty('passwordHash');
  });

  test('is nobody without a log-in', async () => {
    await expect(users.me(visitor())).rejects.toThrow(Unauthenticated);
  });
});
