import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  EmailTaken,
  InvalidCredentials,
  OwnAccount,
  UsernameTaken,
  WeakPassword,
} from '../../../src/services/accounts/errors.ts';
import type { UpdateUser } from '../../../src/services/accounts/user-records.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { anonymousViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { searchDatabase } from '../../support/text-search.ts';
import { openDeletionHouse } from './deletion-house.ts';

const ROLES = ['VIEWER', 'USER', 'PREMIUM', 'ADMIN', 'SUPER_ADMIN'] as const;
const PASSWORD = 'a sentence that nobody guesses';

const { database, graph, person, auditOf } = await openDeletionHouse();
const { userCreation, userRecords, sessions } = graph.app.services;
const [root, admin] = [await person('SUPER_ADMIN'), await person('ADMIN')];

let made = 0;
const newName = () => {
  made += 1;
  return `made_${String(made)}`;
};
const make = (
  actor: { viewer(): Viewer },
  given: Partial<Parameters<typeof userCreation.create>[1]>,
) => {
  const username = newName();
  return userCreation.create(actor.viewer(), {
    ...{ username, email: `${username}@house.example`, role: 'USER', password: PASSWORD },
    ...{ idempotencyKey: randomUUID(), ...given },
  });
};
const nobody = { viewer: () => anonymousViewer() };
const mailsTo = (recipient: string) =>
  database.query('SELECT template, owner_id, data, status::text FROM mails WHERE recipient = $1', [
    recipient,
  ]);
/** What a refusal may leave behind: nothing, but for what is said of the attempt. */
const withoutAudit = async () => {
  const { audit_records: records = [], ...others } = await dumpTables(database);
  return { records: records.length, others };
};

describe('a person whom an administrator makes', () => {
  it.each(ROLES.flatMap((actor) => ROLES.map((role) => [actor, role] as const)))(
    'by a %s as a %s',
    async (actorRole, role) => {
      const actor = await person(actorRole);
      const isOfAdministrators = role === 'ADMIN' || role === 'SUPER_ADMIN';
      const isAllowed =
        actorRole === 'SUPER_ADMIN' || (actorRole === 'ADMIN' && !isOfAdministrators);
      const before = await withoutAudit();
      if (isAllowed) {
        expect(await make(actor, { role })).toMatchObject({ role, status: 'ACTIVE' });
        return;
      }
      await expect(make(actor, { role })).rejects.toThrow(Forbidden);
      expect(await withoutAudit()).toEqual({ ...before, records: before.records + 1 });
      const [record] = await database.query(
        'SELECT action, after FROM audit_records WHERE actor_id = $1',
        [actor.id],
      );
      expect(record).toEqual({ action: 'user.change-refused', after: { change: 'CREATE', role } });
    },
  );

  it('logs in with the password that was given, and gets no mail', async () => {
    const user = await make(admin, { fullName: '  Grace Hopper ', accountType: 'BUSINESS' });
    expect(user).toMatchObject({ fullName: 'Grace Hopper', accountType: 'BUSINESS' });
    await sessions.logIn(anonymousViewer(), { login: user.username, password: PASSWORD });
    expect(await mailsTo(user.email)).toEqual([]);
    expect(await auditOf({ ...root, id: user.id })).toMatchObject([
      {
        ...{ action: 'user.created', actor_id: admin.id },
        after: { username: user.username, role: 'USER', status: 'ACTIVE' },
      },
    ]);
    expect(await searchDatabase(database, PASSWORD)).toEqual([]);
  });

  it('without a password gets a mail to choose one, and enters with none until then', async () => {
    const user = await make(admin, { password: undefined });
    expect(await mailsTo(user.email)).toEqual([
      { template: 'password-reset', owner_id: user.id, data: {}, status: 'QUEUED' },
    ]);
    for (const password of ['', PASSWORD]) {
      await expect(
        sessions.logIn(anonymousViewer(), { login: user.username, password }),
      ).rejects.toThrow(InvalidCredentials);
    }
  });

  it('is not made of what is taken, weak or no name; nothing is left behind', async () => {
    const { username, email } = await make(admin, {});
    const before = await dumpTables(database);
    const taken = username.toUpperCase();
    await expect(make(admin, { username: taken })).rejects.toThrow(UsernameTaken);
    await expect(make(admin, { email: email.toUpperCase() })).rejects.toThrow(EmailTaken);
    await expect(make(admin, { password: 'short' })).rejects.toThrow(WeakPassword);
    await expect(make(admin, { username: 'a b' })).rejects.toThrow(InvalidInput);
    await expect(make(admin, { fullName: 'x'.repeat(201) })).rejects.toThrow(InvalidInput);
    await expect(make(admin, { fullName: 'two\nlines' })).rejects.toThrow(InvalidInput);
    await expect(make(nobody, {})).rejects.toThrow(Unauthenticated);
    expect(await dumpTables(database)).toEqual(before);
  });

  it('is made once for a key, also by two at once', async () => {
    const username = newName();
    const given = { username, email: `${username}@house.example`, idempotencyKey: username };
    const both = await Promise.all([make(admin, given), make(admin, given)]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
    expect(await make(admin, given)).toMatchObject({ id: both[0].id });
    await expect(make(admin, { ...given, role: 'VIEWER' })).rejects.toThrow(IdempotencyConflict);
  });

  it('of two of one name that are made at once, one is', async () => {
    for (let round = 0; round < 4; round += 1) {
      const username = newName();
      const results = await Promise.allSettled([
        make(admin, { username }),
        make(root, { username: username.toUpperCase() }),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const left = results.find((result) => result.status === 'rejected');
      // Their addresses are the same as well; whichever is seen first is told.
      expect([UsernameTaken, EmailTaken]).toContain((left?.reason as Error).constructor);
    }
  });
});

describe('what administrators write of a person', () => {
  const write = (
    actor: { viewer(): Viewer },
    { id: userId }: { id: string },
    given: Partial<UpdateUser>,
  ) => userRecords.update(actor.viewer(), { userId, idempotencyKey: randomUUID(), ...given });

  it.each(ROLES.flatMap((actor) => ROLES.map((role) => [actor, role] as const)))(
    'by a %s of a %s',
    async (actorRole, role: UserRole) => {
      const [actor, target] = [await person(actorRole), await person(role)];
      const isOfAdministrators = role === 'ADMIN' || role === 'SUPER_ADMIN';
      const isAllowed =
        actorRole === 'SUPER_ADMIN' || (actorRole === 'ADMIN' && !isOfAdministrators);
      if (isAllowed) {
        const written = await write(actor, target, { kycStatus: 'VERIFIED' });
        expect(written).toMatchObject({ id: target.id, kycStatus: 'VERIFIED', tokenVersion: 0 });
        return;
      }
      const before = await withoutAudit();
      await expect(write(actor, target, { kycStatus: 'VERIFIED' })).rejects.toThrow(Forbidden);
      expect(await withoutAudit()).toEqual({ ...before, records: before.records + 1 });
      expect((await auditOf(target)).at(-1)).toMatchObject({
        after: { change: 'UPDATE', fields: ['kycStatus'] },
      });
    },
  );

  it('changes what is given alone, and tells of a name only that it is new', async () => {
    const target = await person('USER');
    await write(admin, target, { fullName: 'Ada Lovelace', kycStatus: 'PENDING' });
    const kept = { fullName: 'Ada Lovelace', kycStatus: 'PENDING', accountType: 'BUSINESS' };
    expect(await write(admin, target, { accountType: 'BUSINESS' })).toMatchObject(kept);
    expect(await write(admin, target, { fullName: ' ' })).toMatchObject({ fullName: null });
    const records = (await auditOf(target)).filter(({ action }) => action === 'user.updated');
    expect(records).toMatchObject([
      {
        before: { accountType: 'INDIVIDUAL', kycStatus: 'NONE' },
        after: { accountType: 'INDIVIDUAL', kycStatus: 'PENDING', isFullNameNew: true },
      },
      { after: { accountType: 'BUSINESS', kycStatus: 'PENDING', isFullNameNew: false } },
      { after: { isFullNameNew: true } },
    ]);
    expect(JSON.stringify(records)).not.toContain('Lovelace');
  });

  it('that is there already changes nothing, and nobody verifies themselves', async () => {
    const target = await person('USER');
    await write(admin, target, { kycStatus: 'REJECTED', idempotencyKey: 'reject' });
    const [row] = await database.query('SELECT updated_at FROM users WHERE id = $1', [target.id]);
    await write(admin, target, { kycStatus: 'REJECTED', idempotencyKey: 'reject' });
    await write(admin, target, { kycStatus: 'REJECTED' });
    expect(await database.query('SELECT updated_at FROM users WHERE id = $1', [target.id])).toEqual(
      [row],
    );
    for (const self of [admin, root]) {
      await expect(write(self, self, { kycStatus: 'VERIFIED' })).rejects.toThrow(OwnAccount);
    }
    const update = database.server.withViewer(
      target.viewer(),
      (tx) => tx.$queryRaw`SELECT update_user(${target.id}::uuid, NULL, 'INDIVIDUAL', 'VERIFIED',
        now())::text`,
    );
    await expect(update).rejects.toThrow(/may not change/);
    const [kyc] = await database.query('SELECT kyc_status::text AS kyc FROM users WHERE id = $1', [
      target.id,
    ]);
    expect(kyc).toEqual({ kyc: 'REJECTED' });
  });
});
