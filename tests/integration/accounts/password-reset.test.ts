import { describe, expect, test } from 'vitest';
import {
  InvalidCredentials,
  InvalidLink,
  InvalidRefreshToken,
  WeakPassword,
} from '../../../src/services/accounts/errors.ts';
import { InvalidInput, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { statementsOf } from '../../support/statement-watch.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';
import { linkMailed, mailsTo, personNamed, tokenMailed } from './mailed.ts';

const house = await createHouse();
const NEW_PASSWORD = 'staple of another horse';
const HOUR_SECONDS = 3_600;
const { request, reset } = house.passwordReset;

const logIn = (login: string, password: string) =>
  house.sessions.logIn(visitor(), { login, password });
const emailOf = (username: string) => `${username}@example.com`;
const askFor = (username: string) => request(visitor(), { email: emailOf(username) });
const linkFor = async (username: string) => {
  await askFor(username);
  return linkMailed(house, 'password-reset', emailOf(username));
};
const resetWith = (token: string, newPassword = NEW_PASSWORD) =>
  reset(visitor(), { token, newPassword });

describe('a password that is reset', () => {
  test('is the new one, and ends all sessions and tokens', async () => {
    await house.signUp('ada');
    const { id } = await personNamed(house, 'ada');
    const [phone, laptop] = [await logIn('ada', PASSWORD), await logIn('ada', PASSWORD)];
    const token = await linkFor('ada');
    await resetWith(token);
    for (const { accessToken, refreshToken } of [phone, laptop]) {
      await expect(house.sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
      await expect(house.sessions.refresh(visitor(), { refreshToken })).rejects.toThrow(
        InvalidRefreshToken,
      );
    }
    await expect(logIn('ada', PASSWORD)).rejects.toThrow(InvalidCredentials);
    await logIn('ada', NEW_PASSWORD);
    expect((await mailsTo(house, emailOf('ada'))).at(-1)).toMatchObject({
      ...{ template: 'password-changed', ownerId: id, data: { username: 'ada' } },
    });
    expect(await house.auditOf(id)).toContainEqual(
      expect.objectContaining({ action: 'user.password-reset', after: { endedSessions: 2 } }),
    );
    const events = (await house.eventsOf(`user:${id}`)).map(({ type }) => String(type));
    expect(events).toEqual(['UserSignedUp', 'SessionEnded', 'SessionEnded', 'UserChanged']);
  });

  test('opens no session, and says nothing but that it is done', async () => {
    await house.signUp('quiet');
    await expect(resetWith(await linkFor('quiet'))).resolves.toBeUndefined();
    const rows = await house.database.query(
      `SELECT 1 FROM sessions s JOIN users u ON u.id = s.owner_id WHERE u.username = 'quiet'`,
    );
    expect(rows).toEqual([]);
  });

  test('is not a weak one, nor what its owner is called; the link stays good', async () => {
    await house.signUp('owner_of_much');
    const token = await linkFor('owner_of_much');
    const before = await house.state();
    for (const weak of ['too short', 'Password1234', 'Owner_Of_Much', emailOf('owner_of_much')]) {
      await expect(resetWith(token, weak)).rejects.toThrow(WeakPassword);
    }
    expect(await house.state()).toEqual(before);
    await resetWith(token);
  });
});

describe('a link to choose a password', () => {
  test('is good once, also for those who follow it at once', async () => {
    await house.signUp('once');
    const token = await linkFor('once');
    const passwords = [1, 2, 3, 4].map((n) => `${NEW_PASSWORD} ${n}`);
    const outcomes = await Promise.allSettled(passwords.map((p) => resetWith(token, p)));
    const done = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
    expect(done).toHaveLength(1);
    await logIn('once', passwords[done[0] ?? -1] ?? '');
    const before = await house.state();
    await expect(resetWith(token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });

  test('is good for an hour', async () => {
    await house.signUp('slow');
    const token = await linkFor('slow');
    house.clock.advance(HOUR_SECONDS);
    const before = await house.state();
    await expect(resetWith(token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
    house.clock.advance(-1);
    await resetWith(token);
    house.clock.advance(1 - HOUR_SECONDS);
  });

  test('is void once a newer one was mailed, and once the password was changed', async () => {
    await house.signUp('twice');
    const older = await linkFor('twice');
    const newer = await linkFor('twice');
    await expect(resetWith(older)).rejects.toThrow(InvalidLink);
    const { accessToken } = await logIn('twice', PASSWORD);
    const { viewer } = await house.sessions.authenticate(accessToken);
    const changed = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await house.passwordChange.change(viewer, changed);
    const before = await house.state();
    await expect(resetWith(newer)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });

  test('is mailed to nobody who may not log in', async () => {
    const careful = house.usersOf({ signUpPolicy: 'approval', defaultRole: 'USER' });
    const waiting = { username: 'waiting', email: emailOf('waiting'), password: PASSWORD };
    await careful.signUp(visitor(), waiting);
    for (const username of ['waiting', 'nobody']) {
      await askFor(username);
      expect(await tokenMailed(house, 'password-reset', emailOf(username))).toBeUndefined();
    }
    expect(
      await house.database.query(`SELECT 1 FROM account_tokens WHERE purpose <> 'PASSWORD_RESET'`),
    ).toEqual([]);
  });

  test('is worth nothing once its person is disabled', async () => {
    await house.signUp('shut_out');
    const token = await linkFor('shut_out');
    await house.database.query(`UPDATE users SET status = 'DISABLED' WHERE username = 'shut_out'`);
    const before = await house.state();
    await expect(resetWith(token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });

  test('is mailed to the address itself, however it was typed', async () => {
    await house.signUp('typed', 'Typed.Name@Example.com');
    await request(visitor(), { email: ' tYPED.nAME@example.COM ' });
    const mails = await mailsTo(house, 'typed.name@example.com');
    expect(mails.at(-1)).toMatchObject({ recipient: 'typed.name@example.com', ownerId: null });
    await expect(request(visitor(), { email: 'no address' })).rejects.toThrow(InvalidInput);
  });

  test('is asked for with the same statements whether the address is known or not', async () => {
    await house.signUp('counted');
    const known = await statementsOf(() => askFor('counted'));
    const unknown = await statementsOf(() => askFor('uncounted'));
    expect(known).toEqual(unknown);
    expect(known.join()).not.toMatch(/users|find_/);
  });
});

describe('a log-in beside a reset', () => {
  test('with the old password leaves no session that goes on', async () => {
    for (let round = 0; round < 8; round += 1) {
      const username = `racer_${round}`;
      await house.signUp(username);
      const token = await linkFor(username);
      const [, entered] = await Promise.allSettled([
        resetWith(token),
        logIn(username, PASSWORD),
        logIn(username, PASSWORD),
      ]);
      const open = await house.database.query(
        `SELECT 1 FROM sessions s JOIN users u ON u.id = s.owner_id
         WHERE u.username = $1 AND s.revoked_at IS NULL`,
        [username],
      );
      expect(open).toEqual([]);
      if (entered.status === 'rejected') continue;
      const { refreshToken } = entered.value;
      await expect(house.sessions.refresh(visitor(), { refreshToken })).rejects.toThrow(
        InvalidRefreshToken,
      );
    }
  });

  test('that was let in before it began is refused when it opens its session', async () => {
    await house.signUp('late');
    const { id: userId, token_version: tokenVersion } = await personNamed(house, 'late');
    const self = userViewer({ userId, role: 'USER' });
    const isHeld = (version: number) =>
      house.database.server.withViewer(self, async (tx) => {
        const [row] = await tx.$queryRaw<{ isHeld: boolean }[]>`
          SELECT hold_user(${userId}::uuid, ${version}) AS "isHeld"`;
        return row?.isHeld;
      });
    expect(await isHeld(tokenVersion)).toBe(true);
    await resetWith(await linkFor('late'));
    expect(await isHeld(tokenVersion)).toBe(false);
    expect(await isHeld(tokenVersion + 1)).toBe(true);
  });
});
