import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidRefreshToken } from '../../../src/services/accounts/errors.ts';
import type { SessionTokens } from '../../../src/services/accounts/session-tokens.ts';
import { Unauthenticated } from '../../../src/services/platform/errors.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { clock, database, operators, sessions } = house;

const refresh = (refreshToken: string) => sessions.refresh(visitor(), { refreshToken });
const refusalOf = (refreshToken: string) =>
  expect(refresh(refreshToken)).rejects.toThrow(InvalidRefreshToken);
const viewerOf = async ({ accessToken }: SessionTokens) =>
  (await sessions.authenticate(accessToken)).viewer;

let people = 0;
let username = '';
let userId = '';
let first: SessionTokens;
let sessionId = '';
beforeEach(async () => {
  clock.set('2026-01-01T12:00:00Z');
  people += 1;
  username = `ada${String(people)}`;
  await house.signUp(username);
  first = await sessions.logIn(visitor(), { login: username, password: PASSWORD });
  const viewer = await viewerOf(first);
  [userId, sessionId] = [viewer.userId, viewer.sessionId ?? ''];
});

const sessionRow = async () => {
  const [row] = await database.query('SELECT * FROM sessions WHERE id = $1', [sessionId]);
  return row;
};
const tokenRows = () =>
  database.query<{ token_hash: Buffer; used_at: Date | null; sealed_next: Buffer | null }>(
    'SELECT * FROM refresh_tokens WHERE session_id = $1 ORDER BY id',
    [sessionId],
  );
const hashOf = (text: string) => createHash('sha256').update(text).digest();
const actions = async () => (await house.auditOf(sessionId)).map((row) => row['action'] as string);
const lastEvent = async () => (await house.eventsOf(`user:${userId}`)).at(-1);

describe('a refresh', () => {
  test('gives new tokens of the same session, which lives on', async () => {
    expect(first.refreshToken).toMatch(/^tg_refresh_[\w-]{43}$/);
    clock.set('2026-01-03T12:00:00Z');
    await expect(sessions.authenticate(first.accessToken)).rejects.toThrow(Unauthenticated);
    const second = await refresh(first.refreshToken);
    expect(second).toMatchObject({
      userId,
      expiresAt: new Date('2026-01-03T12:15:00Z'),
      refreshExpiresAt: new Date('2026-01-10T12:00:00Z'),
    });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await viewerOf(second)).toMatchObject({ userId, sessionId, role: 'USER' });
    expect(await sessionRow()).toMatchObject({
      created_at: new Date('2026-01-01T12:00:00Z'),
      last_used_at: new Date('2026-01-03T12:00:00Z'),
      expires_at: new Date('2026-01-10T12:00:00Z'),
    });
    expect(await actions()).toEqual(['user.logged-in']);
  });

  test('goes on from token to token, and keeps none that ran out', async () => {
    let { refreshToken } = first;
    for (let day = 2; day < 12; day += 1) {
      clock.set(`2026-01-${String(day).padStart(2, '0')}T12:00:00Z`);
      ({ refreshToken } = await refresh(refreshToken));
    }
    // On the 11th the tokens made from the 5th on are good: each lives for seven days.
    expect(await tokenRows()).toHaveLength(7);
    await refusalOf(first.refreshToken);
  });

  test('stores the hash alone, of all that it gave', async () => {
    const second = await refresh(first.refreshToken);
    expect((await tokenRows()).map((row) => row.token_hash)).toEqual([
      hashOf(first.refreshToken),
      hashOf(second.refreshToken),
    ]);
    const dump = JSON.stringify([await house.state(), await tokenRows()]);
    const texts = [first, second].flatMap(({ refreshToken: text }) => [
      text,
      text.slice('tg_refresh_'.length),
      Buffer.from(text).toString('hex'),
    ]);
    for (const text of texts) expect(dump).not.toContain(text);
  });

  test.each([
    ['no token', ''],
    ['a made-up one', `tg_refresh_${'A'.repeat(43)}`],
    ['what would be SQL', "' OR true --"],
    ['a null byte', '\0'],
  ])('with %s is refused and changes nothing', async (_what, text) => {
    const before = await house.state();
    await refusalOf(text);
    await refusalOf(first.accessToken);
    expect(await house.state()).toEqual(before);
  });

  test('comes too late after seven days', async () => {
    clock.set('2026-01-08T12:00:00Z');
    const before = await house.state();
    await refusalOf(first.refreshToken);
    expect(await house.state()).toEqual(before);
  });

  test('needs a session that was not logged out', async () => {
    await sessions.logOut(await viewerOf(first));
    const before = await house.state();
    await refusalOf(first.refreshToken);
    expect(await house.state()).toEqual(before);
  });

  test.each(['PENDING', 'REJECTED', 'DISABLED'])('needs a person who is not %s', async (status) => {
    await database.query(`UPDATE users SET status = $2::user_status WHERE id = $1`, [
      userId,
      status,
    ]);
    const before = await house.state();
    await refusalOf(first.refreshToken);
    expect(await house.state()).toEqual(before);
  });

  test('works after a change of role, which makes access tokens void', async () => {
    await operators.activate(username, 'PREMIUM');
    await expect(sessions.authenticate(first.accessToken)).rejects.toThrow(Unauthenticated);
    const second = await refresh(first.refreshToken);
    expect(await viewerOf(second)).toMatchObject({ role: 'PREMIUM', sessionId });
  });
});

describe('a refresh token that comes again', () => {
  const isEnded = async ({ accessToken }: SessionTokens) => {
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
    expect(await sessionRow()).toMatchObject({ revoked_at: clock.now() });
    expect(await actions()).toEqual(['user.logged-in', 'user.refresh-token-reused']);
    expect(await lastEvent()).toMatchObject({
      owner_id: userId,
      type: 'SessionEnded',
      payload: { sessionId, userId, reason: 'TOKEN_REUSED' },
    });
  };

  test('ends its session, for the thief and for whom it was stolen from', async () => {
    const other = await sessions.logIn(visitor(), { login: username, password: PASSWORD });
    const second = await refresh(first.refreshToken);
    clock.advance(11);
    await refusalOf(first.refreshToken);
    await isEnded(second);
    const after = await house.state();
    for (const { refreshToken } of [first, second]) await refusalOf(refreshToken);
    expect(await house.state()).toEqual(after);
    // Another session of the same person has nothing to do with it.
    expect(await viewerOf(await refresh(other.refreshToken))).toMatchObject({ userId });
  });

  test('within seconds gets the same successor, since its client may have asked twice', async () => {
    const second = await refresh(first.refreshToken);
    clock.advance(10);
    const again = await refresh(first.refreshToken);
    expect(again.refreshToken).toBe(second.refreshToken);
    expect(again.refreshExpiresAt).toEqual(second.refreshExpiresAt);
    expect(await viewerOf(again)).toMatchObject({ sessionId });
    expect(await tokenRows()).toHaveLength(2);
    await refresh(again.refreshToken);
  });

  test('within seconds ends the session when its successor was used: two go their own ways', async () => {
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);
    expect((await tokenRows()).map(({ sealed_next: sealed }) => sealed === null)).toEqual([
      true,
      false,
      true,
    ]);
    await refusalOf(first.refreshToken);
    await isEnded(third);
  });

  test('twenty times at once has one successor', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refresh(first.refreshToken)),
    );
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await tokenRows()).toHaveLength(2);
    expect(await actions()).toEqual(['user.logged-in']);
  });

  test('against a log-out never leaves a session open', async () => {
    const viewer = await viewerOf(first);
    const [, refreshed] = await Promise.allSettled([
      sessions.logOut(viewer),
      refresh(first.refreshToken),
    ]);
    expect(await sessionRow()).toMatchObject({ revoked_at: clock.now() });
    if (refreshed.status === 'fulfilled') await refusalOf(refreshed.value.refreshToken);
  });
});

describe('row-level security', () => {
  test('lets nobody read a refresh token, and gives none to another’s session', async () => {
    const viewer = await viewerOf(first);
    const { server } = database;
    await expect(server.snapshot(viewer, (tx) => tx.refreshToken.findMany())).rejects.toThrow(
      /permission denied/,
    );
    await house.signUp(`${username}_thief`);
    const thief = await sessions.logIn(visitor(), {
      ...{ login: `${username}_thief`, password: PASSWORD },
    });
    const before = await house.state();
    const insert = server.withViewer(
      await viewerOf(thief),
      (tx) => tx.$executeRaw`
        INSERT INTO refresh_tokens (id, session_id, owner_id, token_hash, created_at, expires_at)
        VALUES (gen_random_uuid(), ${sessionId}::uuid, ${thief.userId}::uuid,
          ${hashOf('x')}, now(), now())`,
    );
    await expect(insert).rejects.toThrow(/row-level security/);
    const [token] = await database.query<{ id: string }>(
      'SELECT id FROM refresh_tokens WHERE session_id = $1',
      [sessionId],
    );
    const use = server.withViewer(
      await viewerOf(thief),
      (tx) => tx.$executeRaw`SELECT use_refresh_token(${token?.id}::uuid, now(), NULL)`,
    );
    await expect(use).rejects.toThrow(/no unused refresh token/);
    expect(await house.state()).toEqual(before);
  });
});
