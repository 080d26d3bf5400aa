import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidRefreshToken } from '../../../src/services/accounts/errors.ts';
import {
  IdempotencyConflict,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { clock, database, ownSessions, sessions } = house;

let people = 0;
let username = '';
beforeEach(async () => {
  clock.set('2026-01-01T12:00:00Z');
  people += 1;
  username = `ada${String(people)}`;
  await house.signUp(username);
});

const enter = async (login = username) => {
  const issued = await sessions.logIn(visitor(), { login, password: PASSWORD });
  const { viewer } = await sessions.authenticate(issued.accessToken);
  return { ...issued, viewer, id: String(viewer.sessionId) };
};
const end = (viewer: Parameters<typeof ownSessions.end>[0], sessionId: string, key?: string) =>
  ownSessions.end(viewer, { sessionId, idempotencyKey: key ?? randomUUID() });
const newestFirst = { orderBy: [{ expiresAt: 'desc' as const }, { id: 'desc' as const }] };

describe('the sessions of a person', () => {
  test('are those that are open, and theirs', async () => {
    const [old, phone] = [await enter(), await enter()];
    const gone = await enter();
    await sessions.logOut(gone.viewer);
    await house.signUp(`${username}_other`);
    await enter(`${username}_other`);
    clock.set('2026-01-05T12:00:00Z');
    await sessions.refresh(visitor(), { refreshToken: old.refreshToken });
    const listed = await ownSessions.list(phone.viewer, newestFirst);
    // The older one was used since.
    expect(listed).toMatchObject([
      {
        id: old.id,
        createdAt: new Date('2026-01-01T12:00:00Z'),
        lastUsedAt: new Date('2026-01-05T12:00:00Z'),
        address: '192.0.2.7',
        userAgent: 'tests',
      },
      { id: phone.id, lastUsedAt: new Date('2026-01-01T12:00:00Z') },
    ]);
    expect(await ownSessions.count(phone.viewer)).toBe(2);
    clock.set('2026-01-08T12:00:00Z');
    expect(await ownSessions.count(phone.viewer)).toBe(1);
    expect(await ownSessions.list(phone.viewer, newestFirst)).toMatchObject([{ id: old.id }]);
  });

  test('cannot be widened by what is asked for', async () => {
    const [mine, other] = [await enter(), await enter()];
    await house.signUp(`${username}_other`);
    const { viewer } = await enter(`${username}_other`);
    const where = { id: { in: [mine.id, other.id] } };
    expect(await ownSessions.list(viewer, { where })).toEqual([]);
  });
});

describe('the end of a session', () => {
  test('comes from another one at once, with audit row and event', async () => {
    const [desk, phone] = [await enter(), await enter()];
    const ended = await end(desk.viewer, phone.id);
    expect(ended).toMatchObject({ id: phone.id, revokedAt: clock.now() });
    await expect(sessions.authenticate(phone.accessToken)).rejects.toThrow(Unauthenticated);
    const { refreshToken } = phone;
    await expect(sessions.refresh(visitor(), { refreshToken })).rejects.toThrow(
      InvalidRefreshToken,
    );
    await sessions.authenticate(desk.accessToken);
    expect((await house.auditOf(phone.id)).at(-1)).toMatchObject({
      action: 'user.session-ended',
      actor_id: desk.userId,
    });
    expect((await house.eventsOf(`user:${desk.userId}`)).at(-1)).toMatchObject({
      type: 'SessionEnded',
      payload: { sessionId: phone.id, reason: 'ENDED' },
    });
  });

  test('is told once, for a key and without one', async () => {
    const [desk, phone] = [await enter(), await enter()];
    const first = await end(desk.viewer, phone.id, 'key');
    const before = await house.state();
    clock.advance(60);
    expect(await end(desk.viewer, phone.id, 'key')).toEqual(first);
    expect(await end(desk.viewer, phone.id)).toEqual(first);
    await expect(end(desk.viewer, desk.id, 'key')).rejects.toThrow(IdempotencyConflict);
    expect(await house.state()).toEqual(before);
  });

  test('is not for others: their ids answer like ids that never were', async () => {
    const victim = await enter();
    await house.signUp(`${username}_other`);
    const { viewer } = await enter(`${username}_other`);
    const before = await house.state();
    for (const id of [victim.id, randomUUID(), 'no id', "' OR true --"]) {
      await expect(end(viewer, id)).rejects.toThrow(NotFound);
    }
    await expect(end(visitor(), victim.id)).rejects.toThrow(Unauthenticated);
    expect(await house.state()).toEqual(before);
    await sessions.authenticate(victim.accessToken);
  });
});

describe('a log-out everywhere', () => {
  test('ends all that is open, with one audit row and an event for each', async () => {
    const [desk, phone, gone] = [await enter(), await enter(), await enter()];
    await sessions.logOut(gone.viewer);
    await house.signUp(`${username}_other`);
    const other = await enter(`${username}_other`);
    const topic = `user:${desk.userId}`;
    const before = (await house.eventsOf(topic)).length;
    clock.advance(60);
    await sessions.logOut(desk.viewer, { everywhere: true });
    for (const { accessToken, refreshToken } of [desk, phone]) {
      await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
      await expect(sessions.refresh(visitor(), { refreshToken })).rejects.toThrow(
        InvalidRefreshToken,
      );
    }
    await sessions.authenticate(other.accessToken);
    expect(await house.auditOf(desk.userId)).toMatchObject([
      { action: 'user.signed-up' },
      { action: 'user.logged-out-everywhere', actor_id: desk.userId, after: { sessions: 2 } },
    ]);
    expect((await house.eventsOf(topic)).slice(before)).toMatchObject(
      [desk.id, phone.id].map((sessionId) => ({
        type: 'SessionEnded',
        payload: { sessionId, reason: 'LOGGED_OUT', endedAt: '2026-01-01T12:01:00.000Z' },
      })),
    );
    const rows = await database.query<{ revoked_at: Date }>(
      'SELECT revoked_at FROM sessions WHERE id = $1',
      [gone.id],
    );
    expect(rows).toEqual([{ revoked_at: new Date('2026-01-01T12:00:00Z') }]);
  });

  test('at once with refreshes leaves none open', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => enter()));
    const [{ viewer }] = many as [Awaited<ReturnType<typeof enter>>];
    await Promise.allSettled([
      ...many.map(({ refreshToken }) => sessions.refresh(visitor(), { refreshToken })),
      sessions.logOut(viewer, { everywhere: true }),
      ...many.map(({ viewer: each }) => sessions.logOut({ ...each }, { everywhere: true })),
    ]);
    expect(await ownSessions.count({ ...viewer })).toBe(0);
  });
});
