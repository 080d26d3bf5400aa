import { randomUUID } from 'node:crypto';
import { createApiKeyAccess } from '../../../src/services/accounts/api-key-access.ts';
import { createApiKeyUses } from '../../../src/services/accounts/api-key-uses.ts';
import { createApiKeys, type CreateApiKey } from '../../../src/services/accounts/api-keys.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createMails } from '../../../src/services/notifications/mails.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

/** Keys, what they open and how often they are used, on a database of the file's own. */
export async function createKeyHouse() {
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
  const countOf = async (ownerId: string) => {
    const rows = await database.query('SELECT 1 FROM api_keys WHERE owner_id = $1', [ownerId]);
    return rows.length;
  };
  const known = (promise: Promise<unknown>) =>
    promise.then(
      () => true,
      () => false,
    );

  return {
    ...{ database, clock, db, ids, audit, log, rateLimits, apiKeys, usesOf, uses, access },
    ...{ addPerson, create, secretOf, countOf, known },
  };
}
