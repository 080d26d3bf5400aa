import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {} from '../../../src/services/accounts/errors.ts';
import type { UserChange } from '../../../src/services/accounts/user-changes.ts';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import type { UserRole, UserStatus } from '../../../src/services/platform/prisma/enums.ts';
import { userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { administration, clock, database, operators } = house;

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

const root = await addPerson('SUPER_ADMIN');
const admin = await addPerson('ADMIN');

describe('SUPER_ADMINs', () => {
  test('make and unmake administrators', async () => {
    const person = await addPerson('USER');
    for (const role of ['ADMIN', 'SUPER_ADMIN', 'VIEWER'] as const) {
      await change(root, person, { kind: 'SET_ROLE', role });
      expect(await stateOf(person)).toMatchObject({ role });
    }
  });

  test('who disable each other at once leave one, each time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = [await addPerson('SUPER_ADMIN'), await addPerson('SUPER_ADMIN')];
      const results = await Promise.allSettled([
        change(one, other, { kind: 'DISABLE' }),
        change(other, one, { kind: 'SET_ROLE', role: 'USER' }),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [left] = results.filter((result) => result.status === 'rejected');
      expect(left?.reason).toBeInstanceOf(Forbidden);
      const active = [await stateOf(one), await stateOf(other)].filter(
        (row) => row?.role === 'SUPER_ADMIN' && row.status === 'ACTIVE',
      );
      expect(active).toHaveLength(1);
    }
  });

  test('are never none: the database keeps the last one, from two at once as well', async () => {
    const others = await database.query<{ id: string }>(
      `SELECT id FROM users WHERE role = 'SUPER_ADMIN' AND status = 'ACTIVE' AND id <> $1`,
      [root.id],
    );
    await database.query(`UPDATE users SET status = 'DISABLED' WHERE id = ANY ($1)`, [
      others.map(({ id }) => id),
    ]);
    const sql = `UPDATE users SET role = 'USER' WHERE role = 'SUPER_ADMIN'`;
    await expect(database.query(sql)).rejects.toThrow(/last active SUPER_ADMIN/);
    await expect(operators.activate('person_1', 'ADMIN')).rejects.toThrow(/last active/);
    const heir = await addPerson('SUPER_ADMIN');
    await expect(database.query(sql)).rejects.toThrow(/last active SUPER_ADMIN/);
    const leave = ({ id }: { id: string }) =>
      database.worker.withViewer(visitor(), (tx) =>
        tx.user.update({ where: { id }, data: { status: 'DISABLED' } }),
      );
    const left = await Promise.allSettled([leave(root), leave(heir)]);
    expect(left.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await database.query(
      `UPDATE users SET status = 'ACTIVE' WHERE status = 'DISABLED' AND id = ANY ($1)`,
      [[root.id, heir.id]],
    );
  });
});

describe('the database', () => {
  const run = (viewer: Viewer, id: string, role: UserRole) =>
    database.server.withViewer(
      viewer,
      (tx) => tx.$queryRaw`SELECT change_user(${id}::uuid, ${role}::user_role, 'ACTIVE',
        ${clock.now()})::text`,
    );

  test('lets nobody past it: who claims a role has to have it', async () => {
    const person = await addPerson('USER');
    const before = await house.state();
    const claims = [
      userViewer({ userId: person.id, role: 'SUPER_ADMIN' }),
      userViewer({ userId: randomUUID(), role: 'SUPER_ADMIN' }),
      admin.viewer(),
      visitor(),
    ];
    for (const viewer of claims) {
      await expect(run(viewer, person.id, 'ADMIN')).rejects.toThrow(/may not make/);
    }
    await expect(run(root.viewer(), root.id, 'USER')).rejects.toThrow(/may not make/);
    const update = database.server.withViewer(root.viewer(), (tx) =>
      tx.user.updateMany({ data: { role: 'ADMIN' } }),
    );
    await expect(update).rejects.toThrow(/permission denied/);
    const lie = database.server.withViewer(
      person.viewer(),
      (
        tx,
      ) => tx.$executeRaw`INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
        VALUES (${`user:${root.id}`}, ${root.id}::uuid, 'UserChanged', 1, '{}', now())`,
    );
    await expect(lie).rejects.toThrow(/row-level security/);
    expect(await house.state()).toEqual(before);
  });
});
