import { describe, expect, test } from 'vitest';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  WeakPassword,
} from '../../../src/services/accounts/errors.ts';
import { createPasswords } from '../../../src/services/accounts/passwords.ts';
import { renewOutdatedHash } from '../../../src/services/accounts/outdated-hash.ts';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';
import { mailsTo, personNamed } from './mailed.ts';

const house = await createHouse();
const NEW_PASSWORD = 'staple of another horse';

const logIn = (login: string, password = PASSWORD) =>
  house.sessions.logIn(visitor(), { login, password });
const viewerOf = async (accessToken: string) =>
  (await house.sessions.authenticate(accessToken, { address: '192.0.2.7' })).viewer;
const change = async (accessToken: string, currentPassword: string, newPassword: string) =>
  house.passwordChange.change(await viewerOf(accessToken), { currentPassword, newPassword });

describe('a password that is changed', () => {
  test('ends the other sessions; this one goes on with its refresh token', async () => {
    await house.signUp('ada');
    const { id } = await personNamed(house, 'ada');
    const [here, other] = [await logIn('ada'), await logIn('ada')];
    expect(await change(here.accessToken, PASSWORD, NEW_PASSWORD)).toEqual({ endedSessions: 1 });
    for (const { accessToken } of [here, other]) {
      await expect(house.sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
    }
    await expect(house.sessions.refresh(visitor(), other)).rejects.toThrow(InvalidRefreshToken);
    const { accessToken } = await house.sessions.refresh(visitor(), here);
    expect(await viewerOf(accessToken)).toMatchObject({ userId: id });
    await expect(logIn('ada')).rejects.toThrow(InvalidCredentials);
    await logIn('ada', NEW_PASSWORD);
    expect((await mailsTo(house, 'ada@example.com')).at(-1)?.template).toBe('password-changed');
    expect((await house.auditOf(id)).map(({ action }) => String(action))).toContain(
      'user.password-changed',
    );
  });

  test('needs the present one, and a wrong one changes nothing but the audit log', async () => {
    await house.signUp('bob');
    const { accessToken } = await logIn('bob');
    const before = (await house.state()) as Record<string, unknown>;
    await expect(change(accessToken, 'not the password', NEW_PASSWORD)).rejects.toThrow(
      InvalidCredentials,
    );
    const after = (await house.state()) as Record<string, unknown>;
    expect({ ...after, audit: 0 }).toEqual({ ...before, audit: 0 });
    expect(after['audit']).toBe(Number(before['audit']) + 1);
    await viewerOf(accessToken);
  });

  test('is not a weak one, nor what its owner is called', async () => {
    await house.signUp('owner_of_much');
    const { accessToken } = await logIn('owner_of_much');
    const before = await house.state();
    for (const weak of ['too short', 'Password1234', 'owner_of_much2026']) {
      await expect(change(accessToken, PASSWORD, weak)).rejects.toThrow(WeakPassword);
    }
    expect(await house.state()).toEqual(before);
  });

  test('is changed by nobody but a person in a session', async () => {
    await house.signUp('carl');
    const { id: userId } = await personNamed(house, 'carl');
    const given = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    const before = await house.state();
    await expect(house.passwordChange.change(visitor(), given)).rejects.toThrow(Unauthenticated);
    const apiKey = {
      id: userId,
      environment: 'LIVE',
      scopes: ['READ', 'TRADE', 'AGENT', 'ADMIN'],
      requestsPerMinute: null,
    } as const;
    const bot = { ...userViewer({ userId, role: 'USER' }), apiKey };
    await expect(house.passwordChange.change(bot, given)).rejects.toThrow(Forbidden);
    expect(await house.state()).toEqual(before);
  });

  test('is one of two that are asked for at once', async () => {
    await house.signUp('dora');
    const sessions = [await logIn('dora'), await logIn('dora')];
    const passwords = ['the first of two new ones', 'the second of two new ones'];
    const viewers = await Promise.all(sessions.map(({ accessToken }) => viewerOf(accessToken)));
    const outcomes = await Promise.allSettled(
      viewers.map((viewer, at) =>
        house.passwordChange.change(viewer, {
          ...{ currentPassword: PASSWORD, newPassword: passwords[at] ?? '' },
        }),
      ),
    );
    const done = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
    expect(done).toHaveLength(1);
    await logIn('dora', passwords[done[0] ?? -1]);
    const { token_version } = await personNamed(house, 'dora');
    expect(token_version).toBe(1);
  });
});

describe('a hash at another cost than is asked for', () => {
  const dearer = createPasswords({ cost: { memoryKib: 9_216, passes: 1, lanes: 1 } });
  const db = house.database.server;
  const renew = async (username: string, passwords = dearer) => {
    const { id, password_hash: passwordHash } = await personNamed(house, username);
    const self = userViewer({ userId: id, role: 'USER' });
    const person = { id, passwordHash, role: 'USER', status: 'ACTIVE', tokenVersion: 0 } as const;
    await renewOutdatedHash({ db, passwords }, { self, person, password: PASSWORD });
    return passwordHash;
  };

  test('is renewed, for the same password, and voids no token', async () => {
    await house.signUp('eve');
    const { accessToken } = await logIn('eve');
    await renew('eve');
    const { password_hash: renewed, token_version } = await personNamed(house, 'eve');
    expect(renewed).toMatch(/m=9216/);
    expect(token_version).toBe(0);
    await viewerOf(accessToken);
    await logIn('eve');
    // That log-in asked for the first cost again.
    expect((await personNamed(house, 'eve')).password_hash).toMatch(/m=8192/);
  });

  test('stays as it is at the present cost', async () => {
    await house.signUp('fay');
    const { password_hash: before } = await personNamed(house, 'fay');
    await logIn('fay');
    expect((await personNamed(house, 'fay')).password_hash).toBe(before);
  });

  test('is not put over a password that was changed meanwhile', async () => {
    await house.signUp('gil');
    const { accessToken } = await logIn('gil');
    const slow = {
      ...dearer,
      async hash(password: string) {
        await change(accessToken, PASSWORD, NEW_PASSWORD);
        return dearer.hash(password);
      },
    };
    await renew('gil', slow);
    await expect(logIn('gil')).rejects.toThrow(InvalidCredentials);
    await logIn('gil', NEW_PASSWORD);
  });

  test('fails no log-in when it cannot be renewed', async () => {
    await house.signUp('hal');
    const full = { ...dearer, hash: () => Promise.reject(new Error('too many wait')) };
    const before = await renew('hal', full);
    expect((await personNamed(house, 'hal')).password_hash).toBe(before);
  });
});
