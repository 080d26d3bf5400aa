import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { createApiKeyAccess } from '../../../src/services/accounts/api-key-access.ts';
import { newApiKey } from '../../../src/services/accounts/api-key.ts';
import { API_KEYS_MAX } from '../../../src/services/accounts/api-keys.ts';
import { ApiKeyLimit } from '../../../src/services/accounts/errors.ts';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { statementsOf } from '../../support/statement-watch.ts';
import { createKeyHouse } from './key-house.ts';

const {
  database,
  clock,
  db,
  audit,
  log,
  rateLimits,
  apiKeys,
  uses,
  access,
  addPerson,
  create,
  secretOf,
  countOf,
  known,
} = await createKeyHouse();

describe('keys that are made at once', () => {
  test('are one for one idempotency key, of which one answer has the secret', async () => {
    const viewer = await addPerson();
    const wish = { idempotencyKey: randomUUID() };
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(viewer, wish)));
    expect(answers.filter(({ secret }) => secret !== null)).toHaveLength(1);
    expect(new Set(answers.map(({ apiKey }) => apiKey.id)).size).toBe(1);
    expect(await countOf(viewer.userId)).toBe(1);
    const mails = await database.query('SELECT template, data FROM mails WHERE owner_id = $1', [
      viewer.userId,
    ]);
    const username = `p${viewer.userId.slice(0, 12)}`;
    const keyPrefix = answers[0]?.apiKey.prefix;
    const data = { username, keyPrefix, environment: 'LIVE' };
    expect(mails).toEqual([{ template: 'api-key-created', data }]);
  });

  test('count those alone that are open', async () => {
    const viewer = await addPerson();
    for (let made = 0; made < API_KEYS_MAX; made += 1) {
      await create(viewer, { expiresAt: new Date(clock.now().getTime() + 1_000) });
    }
    await expect(create(viewer)).rejects.toThrow(ApiKeyLimit);
    clock.advance(1);
    await create(viewer);
    expect(await countOf(viewer.userId)).toBe(API_KEYS_MAX + 1);
  });
});

test('names go into no mail, and no more than twenty mails go to one person in an hour', async () => {
  const viewer = await addPerson();
  for (let made = 0; made < 23; made += 1) {
    const { id: apiKeyId } = await secretOf(viewer, { name: 'You won! http://evil.example' });
    await apiKeys.revoke({ ...viewer }, { apiKeyId, idempotencyKey: randomUUID() });
  }
  expect(await countOf(viewer.userId)).toBe(23);
  const mails = await database.query<{ data: unknown }>(
    'SELECT data FROM mails WHERE owner_id = $1',
    [viewer.userId],
  );
  expect(mails).toHaveLength(20);
  expect(JSON.stringify(mails)).not.toContain('evil');
});

describe('a key', () => {
  test('opens nothing from the commit on that revokes it', async () => {
    const viewer = await addPerson();
    const { key, id: apiKeyId } = await secretOf(viewer);
    let hasEnded = false;
    const useKey = async () => {
      for (let wasOver = false; !wasOver;) {
        wasOver = hasEnded;
        const isGood = await known(access.authenticate(key));
        // Whoever asks after the revocation is told no; those who ask beside it may hear either.
        if (wasOver) expect(isGood).toBe(false);
      }
    };
    const callers = [useKey(), useKey(), useKey()];
    await apiKeys.revoke({ ...viewer }, { apiKeyId, idempotencyKey: randomUUID() });
    hasEnded = true;
    expect(await known(access.authenticate(key))).toBe(false);
    await Promise.all(callers);
  });

  test('is revoked once by two at once, with one record and one event', async () => {
    const viewer = await addPerson();
    const { id: apiKeyId } = await secretOf(viewer);
    const revoke = () => apiKeys.revoke({ ...viewer }, { apiKeyId, idempotencyKey: randomUUID() });
    const [one, two] = await Promise.all([revoke(), revoke()]);
    expect(one.revokedAt).toEqual(two.revokedAt);
    const records = await database.query(
      `SELECT 1 FROM audit_records WHERE action = 'api-key.revoked' AND target_id = $1`,
      [apiKeyId],
    );
    const events = await database.query(
      `SELECT 1 FROM outbox WHERE type = 'ApiKeyRevoked' AND payload ->> 'apiKeyId' = $1`,
      [apiKeyId],
    );
    expect([records.length, events.length]).toEqual([1, 1]);
  });

  test('acts with the role that its owner has by now, and no more than its scopes say', async () => {
    const viewer = await addPerson('ADMIN');
    const mighty = await secretOf(viewer, { scopes: ['ADMIN'] });
    const plain = await secretOf(viewer, { scopes: ['READ', 'TRADE', 'AGENT'] });
    const roleOf = async ({ key }: { key: string }) => {
      const { viewer: bot } = await access.authenticate(key);
      return bot.role;
    };
    expect([await roleOf(mighty), await roleOf(plain)]).toEqual(['ADMIN', 'PREMIUM']);
    await database.query(`UPDATE users SET role = 'USER' WHERE id = $1`, [viewer.userId]);
    expect([await roleOf(mighty), await roleOf(plain)]).toEqual(['USER', 'USER']);
  });

  test("of an administrator without ADMIN sees no row of others' in the database", async () => {
    const [viewer, other] = [await addPerson('ADMIN'), await addPerson()];
    await create(other);
    const { key } = await secretOf(viewer);
    const { viewer: bot } = await access.authenticate(key);
    const seen = await db.snapshot(bot, async (tx) => [
      await tx.user.count(),
      await tx.apiKey.count({ where: { ownerId: other.userId } }),
    ]);
    expect(seen).toEqual([1, 0]);
  });

  test('makes, lists and ends no key', async () => {
    const viewer = await addPerson();
    const { key, id: apiKeyId } = await secretOf(viewer);
    const { viewer: bot } = await access.authenticate(key);
    await expect(create(bot)).rejects.toThrow(Forbidden);
    await expect(apiKeys.list(bot, {})).rejects.toThrow(Forbidden);
    await expect(apiKeys.count(bot)).rejects.toThrow(Forbidden);
    const command = { apiKeyId, idempotencyKey: randomUUID() };
    await expect(apiKeys.revoke(bot, command)).rejects.toThrow(Forbidden);
    await expect(create(anonymousViewer())).rejects.toThrow(Unauthenticated);
    expect(await countOf(viewer.userId)).toBe(1);
    expect(await known(access.authenticate(key))).toBe(true);
  });

  test('costs the same work whether it is known or not', async () => {
    const viewer = await addPerson();
    const { key: good } = await secretOf(viewer);
    const { key: revoked, id: apiKeyId } = await secretOf(viewer);
    await apiKeys.revoke({ ...viewer }, { apiKeyId, idempotencyKey: randomUUID() });
    const { key: expired } = await secretOf(viewer, {
      expiresAt: new Date(clock.now().getTime() + 1_000),
    });
    clock.advance(1);
    const workOf = (key: string) => statementsOf(() => known(access.authenticate(key)));
    const work = await workOf(good);
    expect(work.filter((statement) => statement.includes('find_api_key'))).toHaveLength(1);
    for (const key of [newApiKey('LIVE', randomBytes), revoked, expired]) {
      expect(await workOf(key)).toEqual(work);
    }
  });

  test('from elsewhere is answered before anything more is done', async () => {
    const viewer = await addPerson();
    const { key, id } = await secretOf(viewer, { networks: ['192.0.2.7'] });
    const recorded = vi.fn();
    const slow: typeof db = {
      ...db,
      withViewer: async (asked, work) => {
        const result = await db.withViewer(asked, work);
        recorded();
        return result;
      },
    };
    const guarded = createApiKeyAccess({ db: slow, clock, audit, log, rateLimits, uses });
    const from = { address: '203.0.113.9', requestId: randomUUID(), userAgent: 'curl' };
    await expect(guarded.authenticate(key, from)).rejects.toThrow('The API key is not good.');
    // The record is on its way: nobody waited for it.
    expect(recorded).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(recorded).toHaveBeenCalledOnce(), { timeout: 20_000 });
    const records = await database.query(
      `SELECT actor_id, address, user_agent FROM audit_records
       WHERE action = 'api-key.refused' AND target_id = $1`,
      [id],
    );
    expect(records).toEqual([{ actor_id: null, address: '203.0.113.9', user_agent: 'curl' }]);
  });
});
