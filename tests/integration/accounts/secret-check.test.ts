import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { assertSecretsOpen } from '../../../src/services/accounts/secret-check.ts';
import { createSealing } from '../../../src/services/platform/sealing.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const { worker: workerDb } = database;
const floor = createTradingFloor(database);
const sealingOf = (...keys: readonly { id: string; secret: Uint8Array }[]) =>
  createSealing(keys, randomBytes);
const [old, next] = [
  { id: 'old', secret: randomBytes(32) },
  { id: 'next', secret: randomBytes(32) },
];

async function storeTotp(isGood = true): Promise<void> {
  const { userId: ownerId } = await floor.addPerson();
  const binding = { purpose: 'totp', ownerId: isGood ? ownerId : 'another', rowId: ownerId };
  const { keyId, bytes } = sealingOf(old).seal('secret', binding);
  await database.query(
    'INSERT INTO totp_factors (owner_id, key_id, sealed_secret, created_at) VALUES ($1, $2, $3, now())',
    [ownerId, keyId, bytes],
  );
}

test('keys that open what is stored are good, and any key where nothing is', async () => {
  await assertSecretsOpen({ workerDb, sealing: sealingOf(next) });
  await storeTotp();
  await assertSecretsOpen({ workerDb, sealing: sealingOf(old) });
  await assertSecretsOpen({ workerDb, sealing: sealingOf(next, old) });
});

test('keys that open nothing of it are refused, by another id or another secret', async () => {
  const fix = /^VAULT_KEYS opens nothing of what is stored in totp_factors, .* the key "old"/;
  await expect(assertSecretsOpen({ workerDb, sealing: sealingOf(next) })).rejects.toThrow(fix);
  const other = { ...old, secret: randomBytes(32) };
  await expect(assertSecretsOpen({ workerDb, sealing: sealingOf(other) })).rejects.toThrow(fix);
});

test('a row that does not open among others that do is no reason to refuse', async () => {
  await storeTotp(false);
  await assertSecretsOpen({ workerDb, sealing: sealingOf(old) });
});
