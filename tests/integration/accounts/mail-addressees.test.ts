import { describe, expect, test } from 'vitest';
import type { PersonalTemplate } from '../../../src/services/notifications/mail-data.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';
import { linkMailed, mailsTo, personNamed } from './mailed.ts';

const house = await createHouse();
const root = await house.operators.createUser({
  ...{ username: 'root_of_all', email: 'root@example.com', password: 'the one who decides' },
  ...{ role: 'ADMIN', status: 'ACTIVE' },
});
const waiting = house.usersOf({ signUpPolicy: 'approval', defaultRole: 'USER' });
const change = async (kind: 'APPROVE' | 'REJECT' | 'DISABLE', username: string) => {
  const { id: userId } = await personNamed(house, username);
  const viewer = userViewer({ userId: root.id, role: 'ADMIN' });
  return house.administration.change(viewer, {
    userId,
    change: { kind },
    idempotencyKey: username,
  });
};
/** Whether a mail about somebody leaves for the address that they gave. */
const leaves = async (template: PersonalTemplate, username: string) => {
  const { id: ownerId, email: recipient } = await personNamed(house, username);
  const mail = { id: ownerId, ownerId, recipient, createdAt: house.clock.now() };
  return (await house.mailAddressees[template](mail)) !== undefined;
};

describe('a mail about an account', () => {
  test('does not go to the owner of an address with which another signed up', async () => {
    await house.signUp('ada', 'ada@house.example');
    const token = await linkMailed(house, 'verify-email', 'ada@house.example');
    await house.verificationOf('open').verify(visitor(), { token });
    const names = { username: 'mallory', email: 'Ada@House.example' };
    await waiting.signUp(visitor(), { ...names, password: PASSWORD });
    await change('REJECT', 'mallory');
    const queued = await mailsTo(house, 'ada@house.example');
    const rejection = queued.find(({ template }) => template === 'account-rejected');
    if (!rejection) throw new Error('No mail says that the sign-up was rejected.');
    expect(await house.mailAddressees['account-rejected'](rejection)).toBeUndefined();
    expect(await leaves('password-changed', 'mallory')).toBe(false);
    expect(await leaves('password-changed', 'ada')).toBe(true);
    expect(await leaves('api-key-created', 'ada')).toBe(true);
  });

  test('that they bring about at will goes to no address that nobody confirmed', async () => {
    await house.signUp('unknown', 'somebody@house.example');
    expect(await leaves('api-key-created', 'unknown')).toBe(false);
    expect(await leaves('second-factor-changed', 'unknown')).toBe(false);
    expect(await leaves('password-changed', 'unknown')).toBe(true);
    await change('DISABLE', 'unknown');
    expect(await leaves('api-key-created', 'unknown')).toBe(false);
    expect(await leaves('account-disabled', 'unknown')).toBe(true);
  });

  test('goes to whom an operator made, and to whom an administrator approved', async () => {
    expect(await leaves('second-factor-changed', 'root_of_all')).toBe(true);
    const names = { username: 'grace', email: 'grace@house.example' };
    await waiting.signUp(visitor(), { ...names, password: PASSWORD });
    expect(await leaves('second-factor-changed', 'grace')).toBe(false);
    await change('APPROVE', 'grace');
    expect(await leaves('second-factor-changed', 'grace')).toBe(true);
  });

  test('is about somebody', async () => {
    const mail = { id: root.id, ownerId: null, recipient: 'root@example.com' };
    const createdAt = house.clock.now();
    expect(await house.mailAddressees['account-enabled']({ ...mail, createdAt })).toBeUndefined();
  });
});
