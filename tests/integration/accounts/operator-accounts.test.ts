import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  EmailTaken,
  InvalidCredentials,
  UsernameTaken,
  WeakPassword,
} from '../../../src/services/accounts/errors.ts';
import { NotFound, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { operators, sessions } = house;
const person = (username: string, changed: object = {}) => ({
  username,
  email: `${username}@example.com`,
  password: PASSWORD,
  role: 'USER' as const,
  status: 'ACTIVE' as const,
  ...changed,
});
const logIn = (login: string) => sessions.logIn(visitor(), { login, password: PASSWORD });

describe('an operator', () => {
  test('makes a person of any role, who can log in', async () => {
    const root = await operators.createUser(person('Root', { role: 'SUPER_ADMIN' }));
    expect(root).toMatchObject({ username: 'Root', role: 'SUPER_ADMIN', status: 'ACTIVE' });
    const { accessToken } = await logIn('root');
    const { viewer } = await sessions.authenticate(accessToken);
    expect(viewer).toMatchObject({ userId: root.id, role: 'SUPER_ADMIN' });
    expect(await house.auditOf(root.id)).toMatchObject([
      { action: 'user.created', actor_id: null, after: { role: 'SUPER_ADMIN' } },
    ]);
    expect(await house.eventsOf(`user:${root.id}`)).toMatchObject([{ type: 'UserSignedUp' }]);
  });

  test.each([
    ['a taken user name', person('TAKEN', { email: 'new@example.com' }), UsernameTaken],
    ['a taken e-mail', person('new', { email: 'Taken@Example.com' }), EmailTaken],
    ['a short password', person('new', { password: 'short' }), WeakPassword],
  ])('cannot make a person with %s', async (_what, input, refusal) => {
    await operators.createUser(person('taken')).catch(() => undefined);
    const before = await house.state();
    await expect(operators.createUser(input)).rejects.toThrow(refusal);
    expect(await house.state()).toEqual(before);
  });

  test('lets a waiting person in and gives a role; doing it again changes nothing', async () => {
    const { id } = await operators.createUser(person('waiter', { status: 'PENDING' }));
    await expect(logIn('waiter')).rejects.toThrow(InvalidCredentials);
    expect(await operators.activate('Waiter', 'ADMIN')).toEqual({
      id,
      username: 'waiter',
      role: 'ADMIN',
      status: 'ACTIVE',
    });
    await logIn('waiter');
    expect((await house.auditOf(id)).at(-1)).toMatchObject({
      action: 'user.activated',
      before: { role: 'USER', status: 'PENDING' },
      after: { role: 'ADMIN', status: 'ACTIVE' },
    });
    expect((await house.eventsOf(`user:${id}`)).at(-1)).toMatchObject({
      type: 'UserChanged',
      payload: { id, role: 'ADMIN', status: 'ACTIVE', tokenVersion: 1 },
    });
    const before = await house.state();
    await operators.activate('waiter');
    expect(await house.state()).toEqual(before);
  });

  test('makes older tokens void by changing a role', async () => {
    await operators.createUser(person('climber'));
    const { accessToken } = await logIn('climber');
    await operators.activate('climber', 'PREMIUM');
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
  });

  test('cannot activate nobody', async () => {
    const before = await house.state();
    await expect(operators.activate('nobody')).rejects.toThrow(NotFound);
    expect(await house.state()).toEqual(before);
  });

  test('issues a token that a log-out ends', async () => {
    const { id } = await operators.createUser(person('demo'));
    const { accessToken, expiresAt } = await operators.issueToken(id, 86_400);
    expect(expiresAt).toEqual(new Date('2026-01-02T12:00:00Z'));
    const { viewer } = await sessions.authenticate(accessToken);
    expect(viewer.userId).toBe(id);
    await sessions.logOut(viewer);
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
  });

  test('issues no token for nobody or for someone who waits', async () => {
    const { id } = await operators.createUser(person('sleeper', { status: 'PENDING' }));
    const before = await house.state();
    for (const userId of [id, randomUUID()]) {
      await expect(operators.issueToken(userId, 60)).rejects.toThrow(InvalidCredentials);
    }
    expect(await house.state()).toEqual(before);
  });
});
