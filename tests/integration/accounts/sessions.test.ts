import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { InvalidCredentials } from '../../../src/services/accounts/errors.ts';
import { Unauthenticated } from '../../../src/services/platform/errors.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { clock, database, sessions, tokens } = house;
const circumstances = { requestId: 'request-2', address: '192.0.2.8', userAgent: 'socket' };

const idOf = async (username: string) => {
  const [row] = await database.query<{ id: string }>(
    'SELECT id FROM users WHERE username_key = $1',
    [username],
  );
  return row?.id ?? '';
};
const logIn = (login: string, password = PASSWORD) =>
  sessions.logIn(visitor(), { login, password });
const enter = async (login: string) => {
  const { accessToken } = await logIn(login);
  const { viewer } = await sessions.authenticate(accessToken, circumstances);
  return { accessToken, viewer };
};
const setUser = (id: string, assignment: string) =>
  database.query(`UPDATE users SET ${assignment} WHERE id = $1`, [id]);

let ada = '';
beforeAll(async () => {
  await house.signUp('Ada', 'Ada@Example.com');
  ada = await idOf('ada');
  await house.signUp('pending');
  await setUser(await idOf('pending'), `status = 'PENDING'`);
});

describe('a log-in', () => {
  test.each(['Ada', ' ada ', 'ADA', 'ada@example.com', ' ADA@EXAMPLE.COM'])(
    'as %j opens a session',
    async (login) => {
      const answer = await logIn(login);
      expect(answer).toMatchObject({
        userId: ada,
        expiresAt: new Date('2026-01-01T12:15:00Z'),
        refreshExpiresAt: new Date('2026-01-08T12:00:00Z'),
      });
      const { viewer, expiresAt } = await sessions.authenticate(answer.accessToken, circumstances);
      expect(viewer).toMatchObject({ userId: ada, role: 'USER', ...circumstances });
      expect(expiresAt).toEqual(answer.expiresAt);
      const rows = await database.query('SELECT * FROM sessions WHERE id = $1', [viewer.sessionId]);
      expect(rows).toMatchObject([
        { owner_id: ada, address: '192.0.2.7', user_agent: 'tests', revoked_at: null },
      ]);
      expect(await house.auditOf(viewer.sessionId)).toMatchObject([
        { action: 'user.logged-in', actor_id: ada, address: '192.0.2.7' },
      ]);
    },
  );

  test.each([
    ['a wrong password', 'ada', 'wrong horse battery'],
    ['an unknown name', 'nobody', PASSWORD],
    ['an empty name', '', PASSWORD],
    ['an empty password', 'ada', ''],
    ['an account that is not active', 'pending', PASSWORD],
    ['the key of no one', "' OR true --", PASSWORD],
  ])('with %s gets one answer and opens nothing', async (_what, login, password) => {
    const before = await database.query('SELECT * FROM sessions');
    const refusal = await logIn(login, password).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidCredentials);
    expect(refusal).toMatchObject({ message: 'Invalid credentials or inactive account' });
    expect(await database.query('SELECT * FROM sessions')).toEqual(before);
  });

  test('that is refused leaves an audit row with whom it was tried for, not what was typed', async () => {
    await house.signUp('target');
    const target = await idOf('target');
    await expect(logIn('target', 'my other password')).rejects.toThrow(InvalidCredentials);
    expect((await house.auditOf(target)).at(-1)).toEqual({
      action: 'user.log-in-refused',
      actor_id: null,
      target_type: 'User',
      before: null,
      after: null,
      address: '192.0.2.7',
      user_agent: 'tests',
      request_id: 'request-1',
    });
    await expect(logIn('a password typed as name')).rejects.toThrow(InvalidCredentials);
    const typed = await database.query(`SELECT 1 FROM audit_records a WHERE a::text ~ 'password'`);
    expect(typed).toEqual([]);
  });
});

describe('a token', () => {
  test('carries the role of this moment', async () => {
    await house.signUp('riser');
    const id = await idOf('riser');
    const { accessToken } = await logIn('riser');
    await setUser(id, `role = 'PREMIUM'`);
    const { viewer } = await sessions.authenticate(accessToken, circumstances);
    expect(viewer.role).toBe('PREMIUM');
  });

  test.each([
    ['its person is disabled', `status = 'DISABLED'`],
    ['older tokens were made void', 'token_version = token_version + 1'],
  ])('is refused at once when %s', async (_what, assignment) => {
    const username = `x${randomUUID().slice(0, 8)}`;
    await house.signUp(username);
    const { accessToken } = await enter(username);
    await setUser(await idOf(username), assignment);
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
  });

  test('is refused when its session ran out before it, or is not there, or is another’s', async () => {
    const { viewer } = await enter('ada');
    const sessionId = viewer.sessionId ?? '';
    const later = new Date('2026-01-09T12:00:00Z');
    const sign = (changed: object) =>
      tokens.sign({ userId: ada, sessionId, tokenVersion: 0, expiresAt: later, ...changed });
    const forged = [
      await sign({ sessionId: randomUUID() }),
      await sign({ userId: randomUUID() }),
      await sign({ tokenVersion: 1 }),
    ];
    for (const token of forged) {
      await expect(sessions.authenticate(token)).rejects.toThrow(Unauthenticated);
    }
    const long = await sign({});
    await sessions.authenticate(long);
    clock.set('2026-01-08T12:00:00Z');
    await expect(sessions.authenticate(long)).rejects.toThrow(Unauthenticated);
    clock.set('2026-01-01T12:00:00Z');
  });
});

describe('a log-out', () => {
  test('ends its session alone, with audit row and event, once', async () => {
    const [one, other] = [await enter('ada'), await enter('ada')];
    const topic = `user:${ada}`;
    const before = (await house.eventsOf(topic)).length;
    await sessions.logOut(one.viewer);
    await sessions.logOut(one.viewer);
    await expect(sessions.authenticate(one.accessToken)).rejects.toThrow(Unauthenticated);
    await sessions.authenticate(other.accessToken);
    expect((await house.eventsOf(topic)).slice(before)).toEqual([
      {
        owner_id: ada,
        type: 'SessionEnded',
        version: 1,
        payload: {
          sessionId: one.viewer.sessionId,
          userId: ada,
          reason: 'LOGGED_OUT',
          endedAt: '2026-01-01T12:00:00.000Z',
        },
      },
    ]);
    const actions = (await house.auditOf(one.viewer.sessionId)).map(
      (row) => row['action'] as string,
    );
    expect(actions).toEqual(['user.logged-in', 'user.logged-out']);
  });

  test("cannot end another's session", async () => {
    await house.signUp('mallory');
    const [victim, mallory] = [await enter('ada'), await enter('mallory')];
    const before = await house.state();
    await sessions.logOut({ ...mallory.viewer, sessionId: victim.viewer.sessionId });
    expect(await house.state()).toEqual(before);
    await sessions.authenticate(victim.accessToken);
  });

  test('needs a log-in', async () => {
    await expect(sessions.logOut(visitor())).rejects.toThrow(Unauthenticated);
  });
});

describe('row-level security', () => {
  test("shows nobody another's sessions, and hides every hash", async () => {
    const { viewer } = await enter('ada');
    const seen = await database.server.snapshot(viewer, (tx) => tx.session.findMany());
    expect(new Set(seen.map(({ ownerId }) => ownerId))).toEqual(new Set([ada]));
    const anonymous = await database.server.snapshot(visitor(), (tx) => tx.session.findMany());
    expect(anonymous).toEqual([]);
  });
});
