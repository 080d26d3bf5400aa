import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TooManyCredentials } from '../../../src/services/accounts/errors.ts';
import { SecondFactorRequired } from '../../../src/services/accounts/factor-errors.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { anonymousViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createVaultHouse, NEW_KEY, OLD_KEY } from './vault-house.ts';

const house = await createVaultHouse();
const { clock, credentials, database, sure, vault } = house;

const BROKER = { kind: 'BROKER', provider: 'alpaca', name: 'main' } as const;
// not a secret: made up for these tests
const SECRET = 'alpaca-secret-9f8e7d6c5b4a';
const store = (viewer: Viewer, given: Partial<Parameters<typeof credentials.store>[1]> = {}) =>
  credentials.store(viewer, { ...BROKER, value: SECRET, idempotencyKey: randomUUID(), ...given });
const remove = (viewer: Viewer, credentialId: string, idempotencyKey: string = randomUUID()) =>
  credentials.delete(viewer, { credentialId, idempotencyKey });
const newestFirst = { orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }] };
const state = () => dumpTables(database);

describe('a secret that is stored', () => {
  test('comes back to the graph without its value', async () => {
    const ada = await house.addPerson();
    const stored = await store(sure(ada));
    expect(stored).toEqual({
      ...{ ...BROKER, ownerId: ada.id, keyId: OLD_KEY.id, lastUsedAt: null },
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      ...{ createdAt: clock.now(), updatedAt: clock.now() },
    });
    expect(await credentials.list(sure(ada), newestFirst)).toEqual([stored]);
    expect(await credentials.count(sure(ada))).toBe(1);
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBe(SECRET);
    expect(await house.auditOf(stored.id)).toEqual([
      {
        ...{
          action: 'credential.stored',
          actor_id: ada.id,
          target_type: 'Credential',
          before: null,
        },
        after: { ...BROKER, fingerprint: stored.fingerprint },
      },
    ]);
  });

  test('stands nowhere in the database, whole or in parts', async () => {
    const ada = await house.addPerson();
    const parts = { keyId: 'PKPARTONE', secret: 'sk-part-two-of-two' };
    await store(sure(ada), { value: parts });
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toEqual(parts);
    const everything = await house.everything();
    for (const text of [SECRET, ...Object.values(parts)]) {
      expect(everything).not.toContain(text);
      expect(everything).not.toContain(Buffer.from(text).toString('hex'));
      expect(everything).not.toContain(Buffer.from(text).toString('base64').replace(/=*$/, ''));
    }
  });

  test('replaces the one at its place, and no other', async () => {
    const ada = await house.addPerson();
    const first = await store(sure(ada));
    const other = await store(sure(ada), { name: 'second', value: 'another one' });
    clock.advance(60);
    const second = await store(sure(ada), { value: 'rolled over' });
    const { id, createdAt } = first;
    expect(second).toMatchObject({ id, createdAt, updatedAt: clock.now() });
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(await credentials.list(sure(ada), newestFirst)).toEqual([other, second]);
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBe('rolled over');
    expect(await vault.open({ ...BROKER, name: 'second', ownerId: ada.id })).toBe('another one');
    expect((await house.auditOf(id)).at(-1)).toMatchObject({
      before: { ...BROKER, fingerprint: first.fingerprint },
      after: { ...BROKER, fingerprint: second.fingerprint },
    });
  });

  test('is told by its fingerprint: the same for the same value, in whatever order', async () => {
    const [ada, bob] = [await house.addPerson(), await house.addPerson()];
    const one = await store(sure(ada), { value: { a: '1', b: '2' } });
    const same = await store(sure(ada), { name: 'again', value: { b: '2', a: '1' } });
    const text = await store(sure(ada), { name: 'text', value: '{"a":"1","b":"2"}' });
    const foreign = await store(sure(bob), { value: { a: '1', b: '2' } });
    expect(same.fingerprint).toBe(one.fingerprint);
    // Nobody learns from it what another person keeps.
    expect(new Set([one, text, foreign].map(({ fingerprint }) => fingerprint)).size).toBe(3);
    const restarted = house.startedWith(NEW_KEY, OLD_KEY).credentials;
    const later = await restarted.store(sure(ada), {
      ...{ ...BROKER, value: { a: '1', b: '2' }, idempotencyKey: randomUUID() },
    });
    expect(later).toMatchObject({ keyId: NEW_KEY.id, fingerprint: one.fingerprint });
  });

  test('is not there for others, not even for administrators', async () => {
    const ada = await house.addPerson();
    const { id } = await store(sure(ada));
    for (const role of ['USER', 'ADMIN', 'SUPER_ADMIN'] as const) {
      const other = await house.addPerson(role);
      expect(await credentials.list(sure(other), { where: { id } })).toEqual([]);
      expect(await credentials.count(sure(other))).toBe(0);
      const before = await state();
      await expect(remove(sure(other), id)).rejects.toThrow(NotFound);
      expect(await state()).toEqual(before);
    }
  });
});

describe('a key that comes again', () => {
  test('stores nothing again, and conflicts with another secret', async () => {
    const ada = await house.addPerson();
    const first = await store(sure(ada), { idempotencyKey: 'key' });
    const before = await state();
    clock.advance(60);
    expect(await store(sure(ada), { idempotencyKey: 'key' })).toEqual(first);
    await expect(store(sure(ada), { idempotencyKey: 'key', value: 'else' })).rejects.toThrow(
      IdempotencyConflict,
    );
    // Also in a process with newer keys: the hash of the command does not depend on them.
    const { credentials: restarted } = house.startedWith(NEW_KEY, OLD_KEY);
    const again = { ...BROKER, value: SECRET, idempotencyKey: 'key' };
    expect(await restarted.store(sure(ada), again)).toEqual(first);
    expect(await state()).toEqual(before);
  });

  test('keeps no more of the command than a hash that is keyed', async () => {
    const ada = await house.addPerson();
    await store(sure(ada), { value: '1234', idempotencyKey: 'pin' });
    const [row] = await database.query<{ command_hash: string; outcome: object }>(
      `SELECT command_hash, outcome FROM idempotency_keys WHERE owner_id = $1 AND key = 'pin'`,
      [ada.id],
    );
    expect(Object.keys(row?.outcome ?? {})).toEqual(['credentialId']);
    // Another key for fingerprints, and the same command has another hash.
    const elsewhere = await createVaultHouse();
    const digests = [house, elsewhere].map(({ fingerprints }) => fingerprints.digest('a', '1234'));
    expect(new Set(await Promise.all(digests)).size).toBe(2);
  });

  test('deletes once', async () => {
    const ada = await house.addPerson();
    const { id, fingerprint } = await store(sure(ada), { idempotencyKey: 'made' });
    expect(await remove(sure(ada), id, 'gone')).toEqual({ credentialId: id });
    const before = await state();
    expect(await remove(sure(ada), id, 'gone')).toEqual({ credentialId: id });
    await expect(remove(sure(ada), id)).rejects.toThrow(NotFound);
    await expect(store(sure(ada), { idempotencyKey: 'made' })).rejects.toThrow(NotFound);
    expect(await state()).toEqual(before);
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBeNull();
    expect((await house.auditOf(id)).at(-1)).toMatchObject({
      ...{ action: 'credential.deleted', before: { ...BROKER, fingerprint }, after: null },
    });
  });
});

describe('a write is refused, and changes nothing,', () => {
  const personOf = async (given: Partial<Viewer>) => ({
    ...sure(await house.addPerson()),
    ...given,
  });
  const quarterAgo = () => new Date(clock.now().getTime() - 15 * 60_000);
  const apiKey = (): Viewer['apiKey'] => ({
    ...{ id: randomUUID(), environment: 'LIVE', requestsPerMinute: 1_000 },
    scopes: ['READ', 'TRADE', 'AGENT', 'ADMIN'],
  });
  const callers: {
    who: string;
    viewer: () => Promise<Viewer>;
    error: new (...given: never[]) => Error;
  }[] = [
    { who: 'nobody', viewer: async () => anonymousViewer(), error: Unauthenticated },
    {
      who: 'one who never showed a second factor',
      viewer: () => personOf({ secondFactorAt: null }),
      error: SecondFactorRequired,
    },
    {
      who: 'one who showed it a quarter of an hour ago',
      viewer: () => personOf({ secondFactorAt: quarterAgo() }),
      error: SecondFactorRequired,
    },
    {
      who: 'an API key, whatever its scopes',
      viewer: () => personOf({ sessionId: null, apiKey: apiKey() }),
      error: Forbidden,
    },
  ];

  test.each(callers)('to store and to delete for $who', async ({ viewer, error }) => {
    const owner = sure(await house.addPerson());
    const { id } = await store(owner);
    const caller = await viewer();
    const before = await state();
    await expect(store(caller)).rejects.toThrow(error);
    await expect(remove(caller, id)).rejects.toThrow(error);
    await expect(remove({ ...caller, userId: caller.userId && owner.userId }, id)).rejects.toThrow(
      error,
    );
    expect(await state()).toEqual(before);
  });

  test('to store for one who may only look; they may delete what they have', async () => {
    const ada = await house.addPerson();
    const { id } = await store(sure(ada));
    const demoted = sure({ ...ada, role: 'VIEWER' });
    const before = await state();
    await expect(store({ ...demoted })).rejects.toThrow(Forbidden);
    expect(await state()).toEqual(before);
    expect(await remove({ ...demoted }, id)).toEqual({ credentialId: id });
  });

  const manyParts = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`k${at}`, 'x']));
  test.each([
    ['an empty value', 'value', { value: '' }],
    ['a value without parts', 'value', { value: {} }],
    ['an empty part', 'value', { value: { key: '' } }],
    ['a part that is no text', 'value', { value: { key: 1 } }],
    ['a part with a strange name', 'value', { value: { 'a key': 'x' } }],
    [
      'a part that is called __proto__',
      'value',
      { value: JSON.parse('{"__proto__":"x"}') as unknown },
    ],
    ['a list', 'value', { value: ['x'] }],
    ['nothing', 'value', { value: null }],
    ['half a character', 'value', { value: 'half \uD800' }],
    ['too many parts', 'value', { value: manyParts }],
    // Sixteen KB is 16,384 bytes, and two of them are the quotes around it.
    ['a value that is a byte too long', 'value', { value: 'x'.repeat(16_383) }],
    ['a provider in capitals', 'provider', { provider: 'Alpaca' }],
    ['no provider', 'provider', { provider: '' }],
    ['a provider that is too long', 'provider', { provider: 'a'.repeat(65) }],
    ['a provider that is SQL', 'provider', { provider: "' OR true --" }],
    ['a blank name', 'name', { name: '  ' }],
    ['a name that is too long', 'name', { name: 'x'.repeat(101) }],
    ['a name of two lines', 'name', { name: 'two\nlines' }],
  ] as const)('for %s', async (_what, field, given) => {
    const ada = sure(await house.addPerson());
    const before = await state();
    const refusal = await store(ada, given).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await state()).toEqual(before);
  });

  test('past a hundred secrets, also by many at once', async () => {
    const ada = await house.addPerson();
    for (let at = 0; at < 98; at += 1) await store(sure(ada), { name: `number ${at}` });
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, (_, at) => store(sure(ada), { name: `late ${at}` })),
    );
    const refusals = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(refusals).toHaveLength(2);
    for (const reason of refusals) expect(reason).toBeInstanceOf(TooManyCredentials);
    expect(await credentials.count(sure(ada))).toBe(100);
    await store(sure(ada), { name: 'number 0', value: 'there is room for what is there' });
  });
});

test('the largest value, and one of the most parts, are kept whole', async () => {
  const ada = await house.addPerson();
  const large = 'x'.repeat(16_382);
  await store(sure(ada), { value: large });
  expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBe(large);
  const parts = Object.fromEntries(Array.from({ length: 32 }, (_, at) => [`k${at}`, '🔑"\\']));
  await store(sure(ada), { value: parts });
  expect(await vault.open({ ...BROKER, ownerId: ada.id })).toEqual(parts);
});

test('two who store at one place at once leave one value, and an audit row each', async () => {
  const ada = await house.addPerson();
  const stored = await Promise.all(
    ['one', 'two', 'three'].map((value) => store(sure(ada), { value })),
  );
  expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
  const [first] = stored;
  expect(await house.auditOf(String(first?.id))).toHaveLength(3);
  const kept = await vault.open({ ...BROKER, ownerId: ada.id });
  expect(['one', 'two', 'three']).toContain(kept);
});
