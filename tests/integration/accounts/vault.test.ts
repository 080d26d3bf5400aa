import { describe, expect, test } from 'vitest';
import { createFingerprints } from '../../../src/services/platform/fingerprints.ts';
import { SealBroken } from '../../../src/services/platform/sealing.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { totpBinding } from '../../../src/services/accounts/factor-codes.ts';
import { createVaultHouse, NEW_KEY, OLD_KEY } from './vault-house.ts';

const house = await createVaultHouse();
const { clock, credentials, database, sealing, sure, vault } = house;
const { query } = database;

const BROKER = { kind: 'BROKER', provider: 'alpaca', name: 'main' } as const;
let stored = 0;
const store = (
  person: { id: string; role: 'USER' },
  value: unknown,
  name: string = BROKER.name,
) => {
  stored += 1;
  const idempotencyKey = `key-${String(stored)}`;
  return credentials.store(sure(person), { ...BROKER, name, value, idempotencyKey });
};
const addUser = async () => ({ ...(await house.addPerson()), role: 'USER' as const });
const lastUseOf = async (id: string) => {
  const sql = 'SELECT last_used_at AS at FROM credentials WHERE id = $1';
  const [row] = await query<{ at: Date | null }>(sql, [id]);
  return row?.at;
};

describe('what the superuser of the database copies does not open', () => {
  test('for another owner, who had nothing there', async () => {
    const [ada, eve] = [await addUser(), await addUser()];
    await store(ada, 'the secret of ada');
    await query(
      `INSERT INTO credentials (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint,
         created_at, updated_at)
       SELECT gen_random_uuid(), $2, kind, provider, name, key_id, sealed_value, fingerprint, created_at,
         updated_at FROM credentials WHERE owner_id = $1`,
      [ada.id, eve.id],
    );
    await expect(vault.open({ ...BROKER, ownerId: eve.id })).rejects.toThrow(SealBroken);
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBe('the secret of ada');
  });

  test('for another owner, into the row that is theirs', async () => {
    const [ada, eve] = [await addUser(), await addUser()];
    await store(ada, 'the secret of ada');
    await store(eve, 'the secret of eve');
    await query(
      `UPDATE credentials AS c SET sealed_value = o.sealed_value, key_id = o.key_id
       FROM credentials AS o WHERE c.owner_id = $2 AND o.owner_id = $1`,
      [ada.id, eve.id],
    );
    await expect(vault.open({ ...BROKER, ownerId: eve.id })).rejects.toThrow(SealBroken);
  });

  test('with the row given to another owner whole', async () => {
    const [ada, eve] = [await addUser(), await addUser()];
    await store(ada, 'the secret of ada');
    await query('UPDATE credentials SET owner_id = $2 WHERE owner_id = $1', [ada.id, eve.id]);
    await expect(vault.open({ ...BROKER, ownerId: eve.id })).rejects.toThrow(SealBroken);
    expect(await vault.open({ ...BROKER, ownerId: ada.id })).toBeNull();
  });

  test('from one row of an owner to another of theirs', async () => {
    const ada = await addUser();
    await store(ada, 'for paper', 'paper');
    await store(ada, 'for real money', 'live');
    await query(
      `UPDATE credentials AS c SET sealed_value = o.sealed_value
       FROM credentials AS o WHERE c.owner_id = $1 AND o.owner_id = $1 AND c.name = 'paper'
         AND o.name = 'live'`,
      [ada.id],
    );
    const paper = { ...BROKER, name: 'paper', ownerId: ada.id };
    await expect(vault.open(paper)).rejects.toThrow(SealBroken);
  });

  test('from an authenticator app into a secret, even with the id of the row made the same', async () => {
    const ada = await addUser();
    const { keyId, bytes } = sealing.seal('JBSWY3DPEHPK3PXP', totpBinding(ada.id));
    await query(
      `INSERT INTO totp_factors (owner_id, key_id, sealed_secret, created_at)
       VALUES ($1, $2, $3, now())`,
      [ada.id, keyId, bytes],
    );
    await query(
      `INSERT INTO credentials (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint,
         created_at, updated_at)
       SELECT owner_id, owner_id, 'BROKER', 'alpaca', 'main', key_id, sealed_secret, 'f', now(), now()
       FROM totp_factors WHERE owner_id = $1`,
      [ada.id],
    );
    await expect(vault.open({ ...BROKER, ownerId: ada.id })).rejects.toThrow(SealBroken);
  });

  test('under the name of another key', async () => {
    const ada = await addUser();
    await store(ada, 'the secret of ada');
    const both = house.startedWith(NEW_KEY, OLD_KEY).vault;
    const sql = 'UPDATE credentials SET key_id = $2 WHERE owner_id = $1';
    for (const key of [NEW_KEY.id, 'lost']) {
      await query(sql, [ada.id, key]);
      await expect(both.open({ ...BROKER, ownerId: ada.id })).rejects.toThrow(SealBroken);
    }
    await query(sql, [ada.id, OLD_KEY.id]);
    expect(await both.open({ ...BROKER, ownerId: ada.id })).toBe('the secret of ada');
  });
});

describe('the last use of a secret', () => {
  test('is kept to the minute, and no write goes with the others', async () => {
    const ada = await addUser();
    const { id } = await store(ada, 'a secret');
    const ask = () => vault.open({ ...BROKER, ownerId: ada.id });
    expect(await lastUseOf(id)).toBeNull();
    const first = clock.now();
    await ask();
    expect(await lastUseOf(id)).toEqual(first);
    clock.advance(59);
    await ask();
    expect(await lastUseOf(id)).toEqual(first);
    clock.advance(1);
    await Promise.all([ask(), ask(), ask()]);
    expect(await lastUseOf(id)).toEqual(clock.now());
  });

  test('is of no secret that did not open, or is not there', async () => {
    const ada = await addUser();
    const { id } = await store(ada, 'a secret');
    await query(`UPDATE credentials SET sealed_value = sha512('x') WHERE id = $1`, [id]);
    await expect(vault.open({ ...BROKER, ownerId: ada.id })).rejects.toThrow(SealBroken);
    expect(await lastUseOf(id)).toBeNull();
    expect(await vault.open({ ...BROKER, provider: 'other', ownerId: ada.id })).toBeNull();
  });
});

describe('the key of fingerprints', () => {
  test('is one, for processes that come first at once', async () => {
    const elsewhere = await createVaultHouse();
    const { sealing: sealed, workerDb, clock: time } = elsewhere;
    const processes = Array.from({ length: 4 }, () =>
      createFingerprints({ workerDb, sealing: sealed, clock: time, randomBytes }),
    );
    const digests = await Promise.all(processes.map((one) => one.digest('owner', 'secret')));
    expect(new Set(digests).size).toBe(1);
    expect(await elsewhere.database.query('SELECT name FROM platform_secrets')).toEqual([
      { name: 'fingerprints' },
    ]);
  });

  test('is asked for again after a failure', async () => {
    const elsewhere = await createVaultHouse();
    await elsewhere.fingerprints.digest('owner', 'secret');
    const { fingerprints } = elsewhere.startedWith(NEW_KEY);
    await expect(fingerprints.digest('owner', 'secret')).rejects.toThrow(SealBroken);
    await elsewhere.database.query('DELETE FROM platform_secrets');
    expect(await fingerprints.digest('owner', 'secret')).toMatch(/^[0-9a-f]{64}$/);
  });
});
