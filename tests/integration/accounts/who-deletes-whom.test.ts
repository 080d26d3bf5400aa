import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfirmationMismatch, OwnAccount } from '../../../src/services/accounts/errors.ts';
import {
  Forbidden,
  IdempotencyConflict,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { DEVICE, untilQuiet } from '../../support/estate.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { openDeletionHouse } from './deletion-house.ts';

const ROLES = ['VIEWER', 'USER', 'PREMIUM', 'ADMIN', 'SUPER_ADMIN'] as const;

const { database, graph, person, remove, stateOf, auditOf } = await openDeletionHouse();
await graph.app.start();
const root = await person('SUPER_ADMIN');

describe('a deletion', () => {
  it.each(ROLES.flatMap((actor) => ROLES.map((target) => [actor, target] as const)))(
    'by a %s of a %s',
    async (actorRole, targetRole) => {
      const [actor, target] = [await person(actorRole), await person(targetRole)];
      const isOfAdministrators = targetRole === 'ADMIN' || targetRole === 'SUPER_ADMIN';
      const isAllowed =
        actorRole === 'SUPER_ADMIN' || (actorRole === 'ADMIN' && !isOfAdministrators);
      if (isAllowed) {
        await remove(actor, target);
        expect(await stateOf(target)).toMatchObject({ status: 'DELETED', role: targetRole });
        return;
      }
      await expect(remove(actor, target)).rejects.toThrow(Forbidden);
      expect(await stateOf(target)).toMatchObject({ status: 'ACTIVE', username: target.username });
      expect((await auditOf(target)).at(-1)).toMatchObject({
        ...{ action: 'user.change-refused', actor_id: actor.id, after: { change: 'DELETE' } },
      });
    },
  );

  it('is never one of oneself, and is written down when it is tried', async () => {
    await expect(remove(root, root)).rejects.toThrow(OwnAccount);
    expect(await stateOf(root)).toMatchObject({ status: 'ACTIVE' });
    expect((await auditOf(root)).at(-1)).toMatchObject({ action: 'user.change-refused' });
  });

  it('needs the name to be typed, and changes nothing else', async () => {
    const target = await person('USER');
    await untilQuiet(database);
    const before = await dumpTables(database);
    for (const username of ['', 'somebody_else', target.username.toUpperCase()]) {
      await expect(remove(root, { ...target, username })).rejects.toThrow(ConfirmationMismatch);
    }
    await expect(remove(root, { ...target, id: randomUUID() })).rejects.toThrow(NotFound);
    await expect(remove(root, { ...target, id: "' OR true --" })).rejects.toThrow(NotFound);
    await expect(remove({ viewer: () => anonymousViewer() }, target)).rejects.toThrow(
      Unauthenticated,
    );
    expect(await dumpTables(database)).toEqual(before);
  });

  it('has the first answer for its key again', async () => {
    const [target, other] = [await person('USER'), await person('USER')];
    await remove(root, target, 'once');
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await remove(root, target, 'once')).toMatchObject({ status: 'DELETED' });
    await expect(remove(root, other, 'once')).rejects.toThrow(IdempotencyConflict);
    expect(await dumpTables(database)).toEqual(before);
  });

  it('is refused by the database to whoever only says that they may', async () => {
    const [target, user] = [await person('USER'), await person('USER')];
    const claims = [user.viewer(), { ...user.viewer(), role: 'SUPER_ADMIN' as const }];
    for (const viewer of [...claims, anonymousViewer()]) {
      const run = database.server.withViewer(
        viewer,
        (tx) => tx.$queryRaw`SELECT models FROM erase_user(${target.id}::uuid, now())`,
      );
      await expect(run).rejects.toThrow(/may not erase/);
    }
    // A key without the scope for it acts with a lower role, whoever its owner is.
    const run = database.server.withViewer(
      { ...root.viewer(), role: 'PREMIUM' },
      (tx) => tx.$queryRaw`SELECT models FROM erase_user(${target.id}::uuid, now())`,
    );
    await expect(run).rejects.toThrow(/may not erase/);
    expect(await stateOf(target)).toMatchObject({ status: 'ACTIVE' });
  });
});

describe('at the same time', () => {
  it('two SUPER_ADMINs who delete each other leave one, each time', async () => {
    for (let round = 0; round < 4; round += 1) {
      const [one, other] = [await person('SUPER_ADMIN'), await person('SUPER_ADMIN')];
      const results = await Promise.allSettled([remove(one, other), remove(other, one)]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const left = results.find((result) => result.status === 'rejected');
      expect(left?.reason).toBeInstanceOf(Forbidden);
      const states = [await stateOf(one), await stateOf(other)].map((state) => state?.status);
      expect(states.sort()).toEqual(['ACTIVE', 'DELETED']);
    }
  });

  it('of all SUPER_ADMINs who delete each other one is left, and kept past every right', async () => {
    const crowd = await Promise.all(Array.from({ length: 4 }, () => person('SUPER_ADMIN')));
    await database.query(
      `UPDATE users SET role = 'USER' WHERE role = 'SUPER_ADMIN' AND id <> ALL ($1)
         AND status <> 'DELETED'`,
      [crowd.map(({ id }) => id)],
    );
    await Promise.allSettled(
      crowd.flatMap((actor) =>
        crowd.filter((target) => target !== actor).map((target) => remove(actor, target)),
      ),
    );
    const left = await database.query<{ id: string }>(
      `SELECT id FROM users WHERE role = 'SUPER_ADMIN' AND status = 'ACTIVE'`,
    );
    expect(left).toHaveLength(1);
    await expect(
      database.query(`UPDATE users SET status = 'DELETED' WHERE id = $1`, [left[0]?.id]),
    ).rejects.toThrow(/last active SUPER_ADMIN/);
    await database.query(`UPDATE users SET role = 'SUPER_ADMIN' WHERE id = $1`, [root.id]);
  });

  it('a log-in and a deletion leave no session that tells where it came from', async () => {
    for (let round = 0; round < 4; round += 1) {
      const target = await person('USER');
      const { username: login, password } = target;
      const logIn = () =>
        graph.app.services.sessions.logIn(anonymousViewer(DEVICE), { login, password });
      await Promise.allSettled([logIn(), remove(root, target), logIn()]);
      expect(await stateOf(target)).toMatchObject({ status: 'DELETED' });
      expect(
        await database.query(
          `SELECT address FROM sessions WHERE owner_id = $1
           AND (revoked_at IS NULL OR address IS NOT NULL OR user_agent IS NOT NULL)`,
          [target.id],
        ),
      ).toEqual([]);
    }
  });

  it('a deletion twice is done once', async () => {
    const target = await person('USER');
    const results = await Promise.allSettled([remove(root, target), remove(root, target)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const deleted = (await auditOf(target)).filter(({ action }) => action === 'user.deleted');
    expect(deleted).toHaveLength(1);
  });
});
