import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createApiKeyAccess } from '../../../src/services/accounts/api-key-access.ts';
import { createApiKeyRate } from '../../../src/services/accounts/api-key-rate.ts';
import { createApiKeyUses } from '../../../src/services/accounts/api-key-uses.ts';
import { createApiKeys, type CreateApiKey } from '../../../src/services/accounts/api-keys.ts';
import { createMails } from '../../../src/services/notifications/mails.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { anonymousViewer, userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const database = await createTestDatabase();
const clock = createFixedClock('2026-01-01T12:00:00Z');
const db = database.server;
const ids = createIds(clock, randomBytes);
const audit = createAudit({ clock, ids });
const log = createSilentLogger();
const rateLimits = createRateLimits();
const apiKeys = createApiKeys({
  ...{ db, clock, ids, audit, randomBytes },
  mails: createMails({ clock, ids, rateLimits }),
});
const usesOf = () =>
  createApiKeyUses({ workerDb: database.worker, clock, timers: systemTimers, logger: log });
const uses = usesOf();
const access = createApiKeyAccess({ db, clock, audit, log, rateLimits, uses });

async function addPerson(role: UserRole = 'USER'): Promise<Viewer & { readonly userId: string }> {
  const userId = randomUUID();
  await database.query(
    `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
       token_version, created_at, updated_at)
     VALUES ($1, $2, $2, $2, $2, '', $3, 'ACTIVE', 0, now(), now())`,
    [userId, `p${userId.slice(0, 12)}`, role],
  );
  return userViewer({ userId, role });
}
const create = (viewer: Viewer, wish: Partial<CreateApiKey> = {}) =>
  apiKeys.create(
    { ...viewer },
    {
      ...{ name: 'A bot', environment: 'LIVE', scopes: ['READ'], idempotencyKey: randomUUID() },
      ...wish,
    },
  );
const secretOf = async (viewer: Viewer, wish: Partial<CreateApiKey> = {}) => {
  const { secret, apiKey } = await create(viewer, wish);
  return { key: String(secret), id: apiKey.id };
};
const known = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  );

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
