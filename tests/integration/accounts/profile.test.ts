import { describe, expect, test } from 'vitest';
import type { UpdateProfile } from '../../../src/services/accounts/profile.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, visitor } from './house.ts';
import { personNamed } from './mailed.ts';

const house = await createHouse();
await house.signUp('ada');
await house.signUp('bob');
const { id: adaId } = await personNamed(house, 'ada');
const ada = () => userViewer({ userId: adaId, role: 'USER' });
let keys = 0;
const update = (changes: Omit<UpdateProfile, 'idempotencyKey'>) => {
  keys += 1;
  return house.profile.update(ada(), { ...changes, idempotencyKey: `key ${keys}` });
};

describe('a profile', () => {
  test('keeps what is left out, and loses a name that is emptied', async () => {
    expect(await update({ fullName: '  Ada Lovelace ' })).toMatchObject({
      ...{ fullName: 'Ada Lovelace', accountType: 'INDIVIDUAL' },
    });
    expect(await update({ accountType: 'BUSINESS' })).toMatchObject({
      ...{ fullName: 'Ada Lovelace', accountType: 'BUSINESS' },
    });
    expect(await update({ fullName: '' })).toMatchObject({ fullName: null });
  });

  test('leaves role, status, tokens and everyone else as they are', async () => {
    const others = () =>
      house.database.query(
        `SELECT to_jsonb(u) - '{full_name,account_type,updated_at}'::text[] AS row FROM users u
         ORDER BY id`,
      );
    const before = await others();
    await update({ fullName: 'Countess of Lovelace', accountType: 'BUSINESS' });
    expect(await others()).toEqual(before);
    expect(
      await house.database.query(`SELECT full_name FROM users WHERE username = 'bob'`),
    ).toEqual([{ full_name: null }]);
  });

  test('is written down without the name', async () => {
    await update({ fullName: 'Augusta Ada King', accountType: 'INDIVIDUAL' });
    expect((await house.auditOf(adaId)).at(-1)).toMatchObject({
      action: 'user.profile-updated',
      before: { accountType: 'BUSINESS' },
      after: { accountType: 'INDIVIDUAL', isFullNameNew: true },
    });
    expect(JSON.stringify(await house.auditOf(adaId))).not.toContain('Augusta');
  });

  test('changes once for one key, and refuses another change with it', async () => {
    const command = { fullName: 'First', idempotencyKey: 'once' };
    await house.profile.update(ada(), command);
    await update({ fullName: 'Second' });
    expect(await house.profile.update(ada(), command)).toMatchObject({ fullName: 'Second' });
    const before = await house.state();
    await expect(house.profile.update(ada(), { ...command, fullName: 'Third' })).rejects.toThrow(
      IdempotencyConflict,
    );
    expect(await house.state()).toEqual(before);
  });

  test.each([['a'.repeat(201)], ['two\nlines'], ['nul\u0000'], ['turned \u202e round']])(
    'takes no name like %j',
    async (fullName) => {
      const before = await house.state();
      await expect(update({ fullName })).rejects.toThrow(InvalidInput);
      expect(await house.state()).toEqual(before);
    },
  );

  test('is changed by nobody but its person', async () => {
    const before = await house.state();
    const command = { fullName: 'Somebody', idempotencyKey: 'nobody' };
    await expect(house.profile.update(visitor(), command)).rejects.toThrow(Unauthenticated);
    const apiKey = {
      id: adaId,
      environment: 'LIVE',
      scopes: ['ADMIN'],
      requestsPerMinute: null,
    } as const;
    await expect(house.profile.update({ ...ada(), apiKey }, command)).rejects.toThrow(Forbidden);
    expect(await house.state()).toEqual(before);
  });
});
