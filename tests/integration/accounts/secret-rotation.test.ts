import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { totpBinding } from '../../../src/services/accounts/factor-codes.ts';
import { SEALED_TABLES } from '../../../src/services/accounts/sealed-rows.ts';
import { rotateSecrets } from '../../../src/services/accounts/secret-rotation.ts';
import { countBehind, readSecretStatus } from '../../../src/services/accounts/secret-status.ts';
import { createVaultHouse, NEW_KEY, OLD_KEY } from './vault-house.ts';

let house: Awaited<ReturnType<typeof createVaultHouse>>;
beforeEach(async () => {
  house = await createVaultHouse();
});

const BROKER = { kind: 'BROKER', provider: 'alpaca' } as const;
type Started = ReturnType<(typeof house)['startedWith']>;

/** A person with so many secrets, an authenticator app and, beside them, a provider with a key. */
async function fill(count: number) {
  const person = await house.addPerson();
  const { sealing, aiProviders, database, sure } = house;
  for (let at = 0; at < count; at += 1) await store(house, person, at);
  const { keyId, bytes } = sealing.seal('JBSWY3DPEHPK3PXP', totpBinding(person.id));
  await database.query(
    `INSERT INTO totp_factors (owner_id, key_id, sealed_secret, created_at)
     VALUES ($1, $2, $3, now())`,
    [person.id, keyId, bytes],
  );
  const admin = sure(await house.addPerson('ADMIN'));
  await aiProviders.set(admin, {
    aiProvider: { name: 'openai', isEnabled: true, apiKey: 'sk-provider' },
    idempotencyKey: randomUUID(),
  });
  return person;
}

const store = (
  { credentials }: Pick<Started, 'credentials'>,
  person: Parameters<(typeof house)['sure']>[0],
  at: number,
  value = `secret ${at}`,
) =>
  credentials.store(house.sure(person), {
    ...{ ...BROKER, name: `number ${at}`, value, idempotencyKey: randomUUID() },
  });

/** What everything holds, to a process that was started with these keys. */
async function openAll(
  { vault, sealing }: Started,
  { id: ownerId }: { id: string },
  count: number,
) {
  const values = [];
  for (let at = 0; at < count; at += 1) {
    values.push(await vault.open({ ...BROKER, name: `number ${at}`, ownerId }));
  }
  const [totp] = await house.database.query<{ keyId: string; bytes: Buffer }>(
    'SELECT key_id AS "keyId", sealed_secret AS bytes FROM totp_factors WHERE owner_id = $1',
    [ownerId],
  );
  if (!totp) throw new Error('There is no authenticator app.');
  const provider = await vault.openProvider('openai');
  return { values, totp: sealing.open(totp, totpBinding(ownerId)), key: provider?.apiKey };
}

const all = (count: number) => ({
  values: Array.from({ length: count }, (_, at) => `secret ${at}`),
  ...{ totp: 'JBSWY3DPEHPK3PXP', key: 'sk-provider' },
});
const keysOf = async (table: string, column = 'key_id') => {
  const sql = `SELECT DISTINCT ${column} AS id FROM ${table} ORDER BY 1`;
  return (await house.database.query<{ id: string }>(sql)).map(({ id }) => id);
};

test('knows every table that keeps something sealed', async () => {
  const tables = await house.database.query<{ name: string }>(
    `SELECT DISTINCT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND a.attname LIKE 'sealed\\_%' AND a.atttypid = 'bytea'::regtype
       AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attname = 'key_id')
     ORDER BY 1`,
  );
  expect(tables.map(({ name }) => name)).toEqual(SEALED_TABLES.map(({ name }) => name).sort());
});

describe('a rotation', () => {
  test('puts everything under the newest key, and the old one is not needed', async () => {
    const person = await fill(5);
    const before = await house.credentials.list(house.sure(person), {});
    const both = house.startedWith(NEW_KEY, OLD_KEY);
    expect(await rotateSecrets(both)).toEqual({
      keyId: NEW_KEY.id,
      tables: [
        { name: 'credentials', resealedCount: 5, broken: [] },
        { name: 'totp_factors', resealedCount: 1, broken: [] },
        { name: 'ai_providers', resealedCount: 1, broken: [] },
        { name: 'platform_secrets', resealedCount: 1, broken: [] },
        { name: 'webhook_secrets', resealedCount: 0, broken: [] },
      ],
      behindCount: 0,
    });
    const newOnly = house.startedWith(NEW_KEY);
    expect(await openAll(newOnly, person, 5)).toEqual(all(5));
    // Nothing that people see has changed: no time, no fingerprint.
    const after = await house.credentials.list(house.sure(person), {});
    expect(after.map((row) => ({ ...row, keyId: OLD_KEY.id, lastUsedAt: null }))).toEqual(before);
    const again = await store(newOnly, person, 0);
    expect(again.fingerprint).toBe(before.find(({ id }) => id === again.id)?.fingerprint);
    expect(await house.auditOf(NEW_KEY.id)).toEqual([
      {
        ...{ action: 'secrets.rotated', actor_id: null, target_type: 'Vault', before: null },
        after: {
          ...{ credentials: 5, totp_factors: 1, ai_providers: 1, platform_secrets: 1 },
          webhook_secrets: 0,
        },
      },
    ]);
  });

  test('has nothing to do the second time, and tells nobody', async () => {
    await fill(2);
    const both = house.startedWith(NEW_KEY, OLD_KEY);
    await rotateSecrets(both);
    const { tables } = await rotateSecrets(both);
    expect(tables.map(({ resealedCount }) => resealedCount)).toEqual([0, 0, 0, 0, 0]);
    expect(await house.auditOf(NEW_KEY.id)).toHaveLength(1);
  });

  test('goes on past what does not open, and leaves it as it is', async () => {
    const person = await fill(4);
    const { query } = house.database;
    const bad = await query<{ id: string; sealed_value: Buffer }>(
      `UPDATE credentials SET sealed_value = sha512('x') WHERE name = 'number 1'
       RETURNING id, sealed_value`,
    );
    const lost = await query<{ id: string }>(
      `UPDATE credentials SET key_id = 'lost' WHERE name = 'number 2' RETURNING id`,
    );
    const ids = [...bad, ...lost].map(({ id }) => id).sort();
    const both = house.startedWith(NEW_KEY, OLD_KEY);
    const { tables, behindCount } = await rotateSecrets(both);
    expect(tables[0]).toEqual({ name: 'credentials', resealedCount: 2, broken: ids });
    expect(behindCount).toBe(0);
    expect(await keysOf('credentials')).toEqual([OLD_KEY.id, NEW_KEY.id, 'lost'].sort());
    const [row] = await query(`SELECT id, sealed_value FROM credentials WHERE name = 'number 1'`);
    expect(row).toEqual(bad[0]);
    // What was never broken is told apart from it.
    expect((await readSecretStatus(both))[0]).toEqual({
      ...{ name: 'credentials', byKey: new Map([[NEW_KEY.id, 2]]), broken: ids },
    });
    await query(`UPDATE credentials SET key_id = $1 WHERE key_id = 'lost'`, [OLD_KEY.id]);
    expect((await rotateSecrets(both)).tables[0]).toMatchObject({ resealedCount: 1 });
    expect(await both.vault.open({ ...BROKER, name: 'number 2', ownerId: person.id })).toBe(
      'secret 2',
    );
  });

  test('runs beside another one, and beside people who store', async () => {
    const [person, busy] = [await fill(60), await house.addPerson()];
    const both = house.startedWith(NEW_KEY, OLD_KEY);
    const writes = Array.from({ length: 20 }, (_, at) => store(both, busy, at, `busy ${at}`));
    const [one, two] = await Promise.all([
      rotateSecrets(both),
      rotateSecrets(house.startedWith(NEW_KEY, OLD_KEY)),
      ...writes,
      ...[3, 30, 59].map((at) => store(both, person, at, `rolled ${at}`)),
    ]);
    const resealed = [one, two].map(({ tables: [credentials] }) => credentials?.resealedCount ?? 0);
    // Each row once, but for those that were stored anew before their turn came.
    const sum = (resealed[0] ?? 0) + (resealed[1] ?? 0);
    expect(sum).toBeGreaterThanOrEqual(57);
    expect(sum).toBeLessThanOrEqual(60);
    for (const table of ['credentials', 'totp_factors', 'ai_providers', 'platform_secrets']) {
      expect(await keysOf(table)).toEqual([NEW_KEY.id]);
    }
    const expected = all(60);
    for (const at of [3, 30, 59]) expected.values[at] = `rolled ${at}`;
    const newOnly = house.startedWith(NEW_KEY);
    expect(await openAll(newOnly, person, 60)).toEqual(expected);
    const ownerId = busy.id;
    for (let at = 0; at < 20; at += 1) {
      const value = await newOnly.vault.open({ ...BROKER, name: `number ${at}`, ownerId });
      expect(value).toBe(`busy ${at}`);
    }
  });

  test('is due again once a server has sealed with the older key', async () => {
    const person = await fill(1);
    const both = house.startedWith(NEW_KEY, OLD_KEY);
    await rotateSecrets(both);
    // It keeps its key of fingerprints for as long as it runs.
    await store(house, person, 7);
    const status = await readSecretStatus(both);
    expect(status[0]?.byKey).toEqual(
      new Map([
        [NEW_KEY.id, 1],
        [OLD_KEY.id, 1],
      ]),
    );
    expect(countBehind(status, NEW_KEY.id)).toBe(1);
    expect((await rotateSecrets(both)).tables[0]).toMatchObject({ resealedCount: 1 });
    expect(countBehind(await readSecretStatus(both), NEW_KEY.id)).toBe(0);
  });

  test('goes back as well: a key is the newest because it comes first', async () => {
    const person = await fill(3);
    await rotateSecrets(house.startedWith(NEW_KEY, OLD_KEY));
    const { keyId } = await rotateSecrets(house.startedWith(OLD_KEY, NEW_KEY));
    expect(keyId).toBe(OLD_KEY.id);
    expect(await openAll(house.startedWith(OLD_KEY), person, 3)).toEqual(all(3));
  });
});
