import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { API_KEYS_MAX } from '../../../src/services/accounts/api-keys.ts';
import { ApiKeyLimit } from '../../../src/services/accounts/errors.ts';
import { whileHeld } from '../../support/held-table.ts';
import { createFactorPerson } from './factor-person.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { database, apiKeys } = house;
const person = createFactorPerson(house);

test('keys that are made at once are no more than one may have', async () => {
  const { id, viewer } = await person.arrive();
  const create = () =>
    apiKeys.create(
      { ...viewer },
      { name: 'A bot', environment: 'LIVE', scopes: ['READ'], idempotencyKey: randomUUID() },
    );
  for (let made = 0; made < API_KEYS_MAX - 2; made += 1) await create();
  // As many as there are connections. Without an order, each would count 48 before any is added.
  const { results, refusals } = await whileHeld(
    { database, table: 'api_keys' },
    async (waiting) => {
      const made = Array.from({ length: 5 }, create);
      await waiting(5);
      return made;
    },
  );
  expect(results).toHaveLength(2);
  const limit = expect.any(ApiKeyLimit) as unknown;
  expect(refusals).toEqual([limit, limit, limit]);
  const open = await database.query('SELECT 1 FROM api_keys WHERE owner_id = $1', [id]);
  expect(open).toHaveLength(API_KEYS_MAX);
});
