import { describe, expect, test } from 'vitest';
import { InvalidCredentials, InvalidLink } from '../../../src/services/accounts/errors.ts';
import type { SignUpPolicy } from '../../../src/services/accounts/sign-up.ts';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { ADMIN_EMAIL, createHouse, PASSWORD, visitor } from './house.ts';
import { linkMailed, mailsTo, personNamed, tokenMailed } from './mailed.ts';

const house = await createHouse();
const HOUR_MS = 3_600_000;

const root = await house.operators.createUser({
  ...{ username: 'root_of_all', email: 'root@example.com', password: 'the one who decides' },
  ...{ role: 'ADMIN', status: 'ACTIVE' },
});
const admin = () => userViewer({ userId: root.id, role: 'ADMIN' });

const signUp = (signUpPolicy: SignUpPolicy['signUpPolicy'], username: string, email: string) =>
  house
    .usersOf({ signUpPolicy, defaultRole: 'USER' })
    .signUp(visitor(), { username, email, password: PASSWORD });
const follow = (signUpPolicy: SignUpPolicy['signUpPolicy'], token: string) =>
  house.verificationOf(signUpPolicy).verify(visitor(), { token });
const logIn = (login: string) => house.sessions.logIn(visitor(), { login, password: PASSWORD });
const approve = (...emails: string[]) =>
  house.approvedEmails.approve(admin(), { emails, idempotencyKey: emails.join() });

describe('under the approval policy, who signs up', () => {
  test('confirms the address, is told to wait, and enters once approved', async () => {
    expect(await signUp('approval', 'Ada', 'Ada@House.example')).toEqual({
      ...{ username: 'Ada', status: 'PENDING' },
    });
    const { id } = await personNamed(house, 'ada');
    expect(await mailsTo(house, 'ada@house.example')).toMatchObject([
      { template: 'verify-email', recipient: 'Ada@House.example', ownerId: id, data: {} },
    ]);
    expect((await mailsTo(house, ADMIN_EMAIL)).at(-1)).toMatchObject({
      ...{ template: 'admin-new-sign-up', ownerId: id },
      data: { username: 'Ada', status: 'PENDING', risks: '' },
    });
    const token = await linkMailed(house, 'verify-email', 'ada@house.example');
    expect(await follow('approval', token)).toEqual({ username: 'Ada', status: 'PENDING' });
    expect(await personNamed(house, 'ada')).toMatchObject({
      ...{ status: 'PENDING', email_verified_at: house.clock.now() },
    });
    await expect(logIn('ada')).rejects.toThrow(InvalidCredentials);
    const change = { kind: 'APPROVE' } as const;
    await house.administration.change(admin(), { userId: id, change, idempotencyKey: 'ada' });
    await logIn('ada@house.EXAMPLE');
    const templates = (await mailsTo(house, 'ada@house.example')).map(({ template }) => template);
    expect(templates.slice(0, 2)).toEqual(['verify-email', 'sign-up-waiting']);
    expect((await house.auditOf(id)).map(({ action }) => String(action))).toEqual([
      ...['user.signed-up', 'user.email-verified', 'user.log-in-refused', 'user.approved'],
    ]);
  });
});

describe('under the open policy, who signs up', () => {
  test('enters at once, and confirms the address later', async () => {
    await signUp('open', 'olga', 'olga@house.example');
    await logIn('olga');
    const token = await linkMailed(house, 'verify-email', 'olga@house.example');
    expect(await follow('open', token)).toEqual({ username: 'olga', status: 'ACTIVE' });
    const templates = (await mailsTo(house, 'olga@house.example')).map(({ template }) => template);
    expect(templates).toEqual(['verify-email']);
  });
});

describe('under the allow-list policy, who signs up', () => {
  test('with an approved address enters as soon as it is confirmed', async () => {
    await approve(' Lise@Lab.example ');
    expect(await signUp('allow-list', 'lise', 'lise@lab.example')).toMatchObject({
      status: 'PENDING',
    });
    await expect(logIn('lise')).rejects.toThrow(InvalidCredentials);
    const token = await linkMailed(house, 'verify-email', 'lise@lab.example');
    expect(await follow('allow-list', token)).toEqual({ username: 'lise', status: 'ACTIVE' });
    await logIn('lise');
    const { id } = await personNamed(house, 'lise');
    expect((await mailsTo(house, 'lise@lab.example')).at(-1)).toMatchObject({
      ...{ template: 'account-approved', ownerId: id, data: { username: 'lise' } },
    });
    expect((await house.eventsOf(`user:${id}`)).map(({ type }) => String(type))).toEqual([
      ...['UserSignedUp', 'UserChanged'],
    ]);
    expect((await house.auditOf(id)).slice(-1)).toMatchObject([
      { action: 'user.let-in', before: { status: 'PENDING' }, after: { status: 'ACTIVE' } },
    ]);
  });

  test('with any other address waits, and gets the same receipt and as many mails', async () => {
    await approve('known@lab.example');
    const known = await signUp('allow-list', 'known_one', 'known@lab.example');
    const other = await signUp('allow-list', 'other_one', 'other@lab.example');
    expect({ ...other, username: '' }).toEqual({ ...known, username: '' });
    expect(await mailsTo(house, 'other@lab.example')).toHaveLength(1);
    expect(await mailsTo(house, 'known@lab.example')).toHaveLength(1);
    const token = await linkMailed(house, 'verify-email', 'other@lab.example');
    expect(await follow('allow-list', token)).toMatchObject({ status: 'PENDING' });
    expect((await mailsTo(house, 'other@lab.example')).at(-1)?.template).toBe('sign-up-waiting');
  });

  test('with an address that was taken off the list meanwhile waits', async () => {
    await approve('gone@lab.example');
    await signUp('allow-list', 'gone', 'gone@lab.example');
    const email = 'Gone@lab.example';
    await house.approvedEmails.unapprove(admin(), { email, idempotencyKey: 'gone' });
    const token = await linkMailed(house, 'verify-email', 'gone@lab.example');
    expect(await follow('allow-list', token)).toMatchObject({ status: 'PENDING' });
  });

  test('in a risky way waits, approved or not', async () => {
    await approve('racer@lab.example');
    const users = house.usersOf(
      { signUpPolicy: 'allow-list', defaultRole: 'USER' },
      { perNetwork: 1 },
    );
    for (const username of ['racer_one', 'racer']) {
      const email = `${username}@lab.example`;
      await users.signUp(visitor(), { username, email, password: PASSWORD });
    }
    expect(await personNamed(house, 'racer')).toMatchObject({ sign_up_risks: '{VELOCITY}' });
    const token = await linkMailed(house, 'verify-email', 'racer@lab.example');
    expect(await follow('allow-list', token)).toMatchObject({ status: 'PENDING' });
  });
});

describe('a link that confirms an address', () => {
  test('is good once, also for two who follow it at once', async () => {
    await signUp('approval', 'once', 'once@house.example');
    const token = await linkMailed(house, 'verify-email', 'once@house.example');
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => follow('approval', token)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual([
      ...['fulfilled', 'rejected', 'rejected'],
    ]);
    const before = await house.state();
    await expect(follow('approval', token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });

  test('is good for a day', async () => {
    await signUp('approval', 'slow', 'slow@house.example');
    const token = await linkMailed(house, 'verify-email', 'slow@house.example');
    const noon = house.clock.now();
    house.clock.set(new Date(noon.getTime() + 24 * HOUR_MS).toISOString());
    const before = await house.state();
    await expect(follow('approval', token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
    house.clock.set(new Date(noon.getTime() + 24 * HOUR_MS - 1).toISOString());
    await follow('approval', token);
    house.clock.set(noon.toISOString());
  });

  test('is void once a newer one was mailed', async () => {
    await signUp('approval', 'twice', 'twice@house.example');
    const older = await linkMailed(house, 'verify-email', 'twice@house.example');
    await house.verificationOf('approval').resend(visitor(), { email: ' TWICE@house.example' });
    const newer = await linkMailed(house, 'verify-email', 'twice@house.example');
    await expect(follow('approval', older)).rejects.toThrow(InvalidLink);
    expect(await follow('approval', newer)).toMatchObject({ username: 'twice' });
  });

  test('is not mailed to nobody, nor again to who confirmed the address', async () => {
    const { resend } = house.verificationOf('approval');
    for (const email of ['nobody@house.example', 'once@house.example']) {
      await resend(visitor(), { email });
      expect(await tokenMailed(house, 'verify-email', email)).toBeUndefined();
    }
    await expect(resend(visitor(), { email: 'no address' })).rejects.toThrow(InvalidInput);
  });

  test('is not what opens another door', async () => {
    await signUp('open', 'doors', 'doors@house.example');
    await house.passwordReset.request(visitor(), { email: 'doors@house.example' });
    const reset = await linkMailed(house, 'password-reset', 'doors@house.example');
    const verify = await linkMailed(house, 'verify-email', 'doors@house.example');
    const before = await house.state();
    await expect(follow('open', reset)).rejects.toThrow(InvalidLink);
    await expect(
      house.passwordReset.reset(visitor(), { token: verify, newPassword: 'another long password' }),
    ).rejects.toThrow(InvalidLink);
    for (const made of ['', 'tg_mail_', `${verify}a`, verify.slice(0, -1), verify.toUpperCase()]) {
      await expect(follow('open', made)).rejects.toThrow(InvalidLink);
    }
    expect(await house.state()).toEqual(before);
  });

  test('is nothing for who was rejected meanwhile', async () => {
    await signUp('approval', 'unwanted', 'unwanted@house.example');
    const token = await linkMailed(house, 'verify-email', 'unwanted@house.example');
    const { id: userId } = await personNamed(house, 'unwanted');
    const change = { kind: 'REJECT' } as const;
    await house.administration.change(admin(), { userId, change, idempotencyKey: 'unwanted' });
    const before = await house.state();
    await expect(follow('approval', token)).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });
});
