import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createApiKeyRate } from '../../../src/services/accounts/api-key-rate.ts';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { anonymousViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createKeyHouse } from './key-house.ts';

const { database, clock, usesOf, uses, access, addPerson, secretOf, known } =
  await createKeyHouse();

describe('uses of keys', () => {
  test('are written together, the latest of each, and never go back', async () => {
    const viewer = await addPerson();
    const [one, two] = [await secretOf(viewer), await secretOf(viewer)];
    const [here, there] = [usesOf(), usesOf()];
    here.note(one.id, '192.0.2.1');
    clock.advance(60);
    there.note(one.id, '192.0.2.2');
    there.note(two.id, null);
    there.note(randomUUID(), '192.0.2.3');
    const at = clock.now();
    await Promise.all([there.flush(), here.flush()]);
    await here.flush();
    const rows = await database.query(
      `SELECT id, last_used_at, last_used_address FROM api_keys WHERE id = ANY ($1) ORDER BY id`,
      [[one.id, two.id]],
    );
    expect(rows).toEqual([
      { id: one.id, last_used_at: at, last_used_address: '192.0.2.2' },
      { id: two.id, last_used_at: at, last_used_address: null },
    ]);
  });

  test('are written when the process stops', async () => {
    const viewer = await addPerson();
    const { key, id } = await secretOf(viewer);
    await uses.start();
    await access.authenticate(key, { address: '192.0.2.9' });
    await uses.stop();
    const rows = await database.query('SELECT last_used_address FROM api_keys WHERE id = $1', [id]);
    expect(rows).toEqual([{ last_used_address: '192.0.2.9' }]);
  });
});

test('each key has a number of operations of its own', async () => {
  const rate = createApiKeyRate({ rateLimits: createRateLimits() });
  const botOf = (id: string, requestsPerMinute: number | null): Viewer =>
    anonymousViewer({
      apiKey: { id, environment: 'LIVE', scopes: ['READ'], requestsPerMinute },
    });
  const [one, two, free] = [botOf('1', 2), botOf('2', 1), botOf('3', null)];
  const results = await Promise.all([one, one, one, two, two].map((bot) => known(rate.take(bot))));
  expect(results).toEqual([true, true, false, true, false]);
  for (let taken = 0; taken < 10; taken += 1) await rate.take(free);
  await rate.take(anonymousViewer());
  await expect(rate.take(one)).rejects.toThrow(RateLimited);
});
