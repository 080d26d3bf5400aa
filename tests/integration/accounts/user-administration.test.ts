import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  OwnAccount,
  UserStateConflict,
} from '../../../src/services/accounts/errors.ts';
import type { UserChange } from '../../../src/services/accounts/user-changes.ts';
import {
  Forbidden,
  IdempotencyConflict,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import type { UserRole, UserStatus } from '../../../src/services/platform/prisma/enums.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { administration, clock, database, operators, sessions } = house;

let people = 0;
const addPerson = async (role: UserRole, status: UserStatus = 'ACTIVE') => {
  people += 1;
  const username = `person_${String(people)}`;
  const { id } = await operators.createUser({
    ...{ username, role, status, password: PASSWORD },
    email: `${username}@example.com`,
  });
  return { id, username, viewer: () => userViewer({ userId: id, role }) };
};
type Person = Awaited<ReturnType<typeof addPerson>>;

const change = (actor: Pick<Person, 'viewer'>, target: { id: string }, made: UserChange) =>
  administration.change(actor.viewer(), {
    ...{ userId: target.id, change: made, idempotencyKey: randomUUID() },
  });
const stateOf = async ({ id }: { id: string }) => {
  const [row] = await database.query<{ role: string; status: string; token_version: number }>(
    'SELECT role::text, status::text, token_version FROM users WHERE id = $1',
    [id],
  );
  return row;
};
const mailsOf = ({ id }: { id: string }) =>
  database.query('SELECT recipient, template, data, status::text FROM mails WHERE owner_id = $1', [
    id,
  ]);
const MAILS = {
  ...{ APPROVE: 'account-approved', REJECT: 'account-rejected' },
  ...{ DISABLE: 'account-disabled', ENABLE: 'account-enabled' },
};
const logIn = ({ username: login }: Person) =>
  sessions.logIn(visitor(), { login, password: PASSWORD });

const root = await addPerson('SUPER_ADMIN');
const admin = await addPerson('ADMIN');

describe('an administrator', () => {
  test.each([
    ['approves', 'PENDING', { kind: 'APPROVE' }, 'ACTIVE', 'user.approved'],
    ['rejects', 'PENDING', { kind: 'REJECT' }, 'REJECTED', 'user.rejected'],
    ['disables', 'ACTIVE', { kind: 'DISABLE' }, 'DISABLED', 'user.disabled'],
    ['enables', 'DISABLED', { kind: 'ENABLE' }, 'ACTIVE', 'user.enabled'],
  ] as const)('%s a person, with audit row and event', async (_what, from, made, to, action) => {
    const person = await addPerson('USER', from);
    const changed = await change(admin, person, made);
    expect(changed).toMatchObject({ id: person.id, role: 'USER', status: to, tokenVersion: 1 });
    expect((await house.auditOf(person.id)).at(-1)).toMatchObject({
      ...{ action, actor_id: admin.id, target_type: 'User' },
      ...{ before: { role: 'USER', status: from }, after: { role: 'USER', status: to } },
    });
    expect((await house.eventsOf(`user:${person.id}`)).at(-1)).toEqual({
      ...{ owner_id: person.id, type: 'UserChanged', version: 1 },
      payload: {
        ...{ id: person.id, username: person.username, role: 'USER' },
        ...{ status: to, tokenVersion: 1 },
      },
    });
    if (to === 'ACTIVE') await logIn(person);
    else await expect(logIn(person)).rejects.toThrow(InvalidCredentials);
    expect(await mailsOf(person)).toEqual([
      {
        ...{ recipient: `${person.username}@example.com`, data: { username: person.username } },
        ...{ status: 'QUEUED', template: MAILS[made.kind] },
      },
    ]);
  });

  test('who disables a person ends their sessions for good', async () => {
    const person = await addPerson('USER');
    const { accessToken, refreshToken } = await logIn(person);
    await change(admin, person, { kind: 'DISABLE' });
    await change(admin, person, { kind: 'ENABLE' });
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
    await expect(sessions.refresh(visitor(), { refreshToken })).rejects.toThrow(
      InvalidRefreshToken,
    );
    await logIn(person);
  });

  test.each(['DISABLE', 'REJECT'] as const)('who does %s ends open keys for good', async (kind) => {
    const person = await addPerson('USER', kind === 'REJECT' ? 'PENDING' : 'ACTIVE');
    const [one, two, other] = [randomUUID(), randomUUID(), randomUUID()];
    const bystander = await addPerson('USER');
    await database.query(
      `INSERT INTO api_keys (id, owner_id, name, environment, prefix, key_hash, scopes, networks,
         created_at, revoked_at)
       SELECT k.id, k.owner_id, 'A bot', 'LIVE', 'tg_live_0000', sha256(k.id::text::bytea), '{READ}',
         '{}', now(), k.revoked_at
       FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k (id, owner_id, revoked_at)`,
      [
        [one, two, other],
        [person.id, person.id, bystander.id],
        [null, '2025-01-01T00:00:00Z', null],
      ],
    );
    await change(admin, person, { kind });
    // One was open, and one had ended.
    expect((await house.auditOf(person.id)).at(-1)).toMatchObject({
      after: { ended: { apiKeys: 1 } },
    });
    await change(admin, person, { kind: kind === 'REJECT' ? 'APPROVE' : 'ENABLE' });
    const rows = await database.query<{ id: string; revoked_at: Date | null }>(
      'SELECT id, revoked_at FROM api_keys WHERE id = ANY ($1)',
      [[one, two, other]],
    );
    expect(new Map(rows.map(({ id, revoked_at: at }) => [id, at]))).toEqual(
      new Map([
        [one, clock.now()],
        [two, new Date('2025-01-01T00:00:00Z')],
        [other, null],
      ]),
    );
  });

  test('changes no role by a key, which is recorded; and disables with one', async () => {
    const person = await addPerson('USER');
    const apiKey = {
      ...{ id: randomUUID(), environment: 'LIVE' as const, requestsPerMinute: null },
      scopes: ['READ', 'ADMIN'] as const,
    };
    const bot = {
      viewer: () => userViewer({ userId: root.id, role: 'SUPER_ADMIN' }, { apiKey }),
    };
    await expect(change(bot, person, { kind: 'SET_ROLE', role: 'ADMIN' })).rejects.toThrow(
      Forbidden,
    );
    expect(await stateOf(person)).toEqual({ role: 'USER', status: 'ACTIVE', token_version: 0 });
    expect((await house.auditOf(person.id)).at(-1)).toMatchObject({
      action: 'user.change-refused',
      after: { change: 'SET_ROLE', role: 'ADMIN' },
    });
    await change(bot, person, { kind: 'DISABLE' });
    expect(await stateOf(person)).toMatchObject({ status: 'DISABLED' });
  });

  test('who changes a role makes access tokens void, and the refresh token gives the new role', async () => {
    const person = await addPerson('USER');
    const { accessToken, refreshToken } = await logIn(person);
    await change(admin, person, { kind: 'SET_ROLE', role: 'VIEWER' });
    await expect(sessions.authenticate(accessToken)).rejects.toThrow(Unauthenticated);
    const refreshed = await sessions.refresh(visitor(), { refreshToken });
    const { viewer } = await sessions.authenticate(refreshed.accessToken);
    expect(viewer.role).toBe('VIEWER');
  });

  test('gets the first answer for a key again, and does nothing twice', async () => {
    const person = await addPerson('USER');
    const command = {
      userId: person.id,
      change: { kind: 'DISABLE' },
      idempotencyKey: 'k',
    } as const;
    await administration.change(admin.viewer(), command);
    const before = await house.state();
    expect(await administration.change(admin.viewer(), command)).toMatchObject({
      status: 'DISABLED',
    });
    const other = { ...command, userId: root.id };
    await expect(administration.change(admin.viewer(), other)).rejects.toThrow(IdempotencyConflict);
    expect(await house.state()).toEqual(before);
  });

  test('who gives the role that a person has changes nothing', async () => {
    const person = await addPerson('USER');
    const before = await house.state();
    await change(admin, person, { kind: 'SET_ROLE', role: 'USER' });
    expect(await house.state()).toEqual(before);
  });

  test('is told where a person stands, and what never was', async () => {
    const person = await addPerson('USER');
    const before = await house.state();
    const refusal: unknown = await change(admin, person, { kind: 'APPROVE' }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(UserStateConflict);
    expect(refusal).toMatchObject({ status: 'ACTIVE' });
    for (const id of [randomUUID(), "' OR true --"]) {
      await expect(change(admin, { id }, { kind: 'DISABLE' })).rejects.toThrow(NotFound);
    }
    expect(await house.state()).toEqual(before);
  });
});

describe('a change that is refused', () => {
  test.each(['VIEWER', 'USER', 'PREMIUM'] as const)(
    'to a %s leaves an audit row alone',
    async (role) => {
      const [actor, person] = [await addPerson(role), await addPerson('USER', 'PENDING')];
      await expect(change(actor, person, { kind: 'APPROVE' })).rejects.toThrow(Forbidden);
      expect(await stateOf(person)).toEqual({ role: 'USER', status: 'PENDING', token_version: 0 });
      expect((await house.auditOf(person.id)).at(-1)).toMatchObject({
        ...{ action: 'user.change-refused', actor_id: actor.id, after: { change: 'APPROVE' } },
      });
    },
  );

  test('is one of oneself, of administrators by an ADMIN, and into one', async () => {
    const [person, other] = [await addPerson('USER'), await addPerson('ADMIN')];
    const demotion = { kind: 'SET_ROLE', role: 'USER' } as const;
    await expect(change(root, root, demotion)).rejects.toThrow(OwnAccount);
    await expect(change(root, root, { kind: 'DISABLE' })).rejects.toThrow(OwnAccount);
    await expect(change(admin, admin, { kind: 'DISABLE' })).rejects.toThrow(OwnAccount);
    await expect(change(admin, other, { kind: 'DISABLE' })).rejects.toThrow(Forbidden);
    await expect(change(admin, root, demotion)).rejects.toThrow(Forbidden);
    const promotion = { kind: 'SET_ROLE', role: 'ADMIN' } as const;
    await expect(change(admin, person, promotion)).rejects.toThrow(Forbidden);
    for (const [one, role] of [
      [root, 'SUPER_ADMIN'],
      [admin, 'ADMIN'],
      [other, 'ADMIN'],
      [person, 'USER'],
    ] as const) {
      expect(await stateOf(one)).toEqual({ role, status: 'ACTIVE', token_version: 0 });
    }
    expect((await house.auditOf(person.id)).at(-1)).toMatchObject({
      action: 'user.change-refused',
      after: { change: 'SET_ROLE', role: 'ADMIN' },
    });
  });

  test('needs a log-in to be tried', async () => {
    const before = await house.state();
    await expect(change({ viewer: visitor as never }, root, { kind: 'DISABLE' })).rejects.toThrow(
      Unauthenticated,
    );
    expect(await house.state()).toEqual(before);
  });
});
