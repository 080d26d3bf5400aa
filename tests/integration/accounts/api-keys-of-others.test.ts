import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Forbidden, InvalidInput, NotFound } from '../../../src/services/platform/errors.ts';
import type { Viewer } from '../../../src/services/platform/viewer.ts';
import { createKeyHouse } from './key-house.ts';

const { database, clock, db, apiKeys, access, addPerson, create, secretOf, countOf, known } =
  await createKeyHouse();

describe('a key for tests', () => {
  test('is not for administration', async () => {
    const viewer = await addPerson('ADMIN');
    const wish = { environment: 'TEST', scopes: ['READ', 'ADMIN'] } as const;
    await expect(create(viewer, wish)).rejects.toThrow(InvalidInput);
    expect(await countOf(viewer.userId)).toBe(0);
    const { id } = await secretOf(viewer, { ...wish, scopes: ['READ'] });
    const widened = database.query(`UPDATE api_keys SET scopes = '{READ,ADMIN}' WHERE id = $1`, [
      id,
    ]);
    await expect(widened).rejects.toThrow('api_keys_test_scopes');
  });
});

describe('keys of others', () => {
  const revoke = (actor: Viewer, apiKeyId: string) =>
    apiKeys.revoke({ ...actor }, { apiKeyId, idempotencyKey: randomUUID() });
  const recordsOf = (targetId: string) =>
    database.query(
      `SELECT action, actor_id, target_type, after FROM audit_records WHERE target_id = $1
       AND action <> 'api-key.created' ORDER BY id`,
      [targetId],
    );

  test('are ended by an administrator, once, with a record and an event', async () => {
    const [admin, person] = [await addPerson('ADMIN'), await addPerson()];
    const { key, id } = await secretOf(person);
    const { revokedAt } = await revoke(admin, id);
    expect(revokedAt).toEqual(clock.now());
    expect(await known(access.authenticate(key))).toBe(false);
    clock.advance(1);
    expect((await revoke(admin, id)).revokedAt).toEqual(revokedAt);
    const after = { ownerId: person.userId };
    expect(await recordsOf(id)).toEqual([
      { action: 'api-key.revoked', actor_id: admin.userId, target_type: 'ApiKey', after },
    ]);
    const events = await database.query(
      `SELECT owner_id, topic FROM outbox WHERE type = 'ApiKeyRevoked'
       AND payload ->> 'apiKeyId' = $1`,
      [id],
    );
    expect(events).toEqual([{ owner_id: person.userId, topic: `user:${person.userId}` }]);
  });

  test('stay when an administrator may not touch their owner, which is recorded', async () => {
    const [admin, other, root] = [
      await addPerson('ADMIN'),
      await addPerson('ADMIN'),
      await addPerson('SUPER_ADMIN'),
    ];
    const { key, id } = await secretOf(other);
    await expect(revoke(admin, id)).rejects.toThrow(Forbidden);
    const isEnded = db.withViewer(
      { ...admin },
      (tx) => tx.$queryRaw`SELECT revoke_api_key(${id}::uuid, now())`,
    );
    await expect(isEnded).rejects.toThrow('may not revoke');
    expect(await known(access.authenticate(key))).toBe(true);
    const after = { change: 'REVOKE_API_KEY', apiKeyId: id };
    expect(await recordsOf(other.userId)).toEqual([
      { action: 'user.change-refused', actor_id: admin.userId, target_type: 'User', after },
    ]);
    await revoke(root, id);
    expect(await known(access.authenticate(key))).toBe(false);
  });

  test('are nothing that other people, or keys of administrators, see or end', async () => {
    const [admin, person, stranger] = [
      await addPerson('ADMIN'),
      await addPerson(),
      await addPerson('PREMIUM'),
    ];
    const { key, id } = await secretOf(person);
    const mighty = await secretOf(admin, { scopes: ['READ', 'ADMIN'] });
    const { viewer: bot } = await access.authenticate(mighty.key);
    await expect(revoke(stranger, id)).rejects.toThrow(NotFound);
    await expect(revoke(bot, id)).rejects.toThrow(Forbidden);
    await expect(apiKeys.list(stranger, {}, person.userId)).rejects.toThrow(Forbidden);
    await expect(apiKeys.count(bot, person.userId)).rejects.toThrow(Forbidden);
    const ended = db.withViewer(
      { ...stranger },
      (tx) => tx.$queryRaw`SELECT revoke_api_key(${id}::uuid, now())`,
    );
    await expect(ended).rejects.toThrow('may not revoke');
    expect(await known(access.authenticate(key))).toBe(true);
    const listed = await apiKeys.list(admin, {}, person.userId);
    expect(listed.map((found) => found.id)).toEqual([id]);
    expect(Object.keys(listed[0] ?? {})).not.toContain('keyHash');
    expect(await apiKeys.count(admin, person.userId)).toBe(1);
  });
});
