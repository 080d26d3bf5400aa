import { randomUUID } from 'node:crypto';
import { createAiProviders } from '../../../src/services/accounts/ai-providers.ts';
import { createCredentials } from '../../../src/services/accounts/credentials.ts';
import { createVault } from '../../../src/services/accounts/vault.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createFingerprints } from '../../../src/services/platform/fingerprints.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { createSealing } from '../../../src/services/platform/sealing.ts';
import { userViewer, type AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { dumpTables } from '../../support/table-dump.ts';

export const OLD_KEY = { id: '2026-01', secret: Buffer.alloc(32, 'the older key') };
export const NEW_KEY = { id: '2026-02', secret: Buffer.alloc(32, 'the newer key') };

/** VAULT_KEYS of the environment. */
export const vaultKeys = (...keys: (typeof OLD_KEY)[]): string =>
  keys.map(({ id, secret }) => `${id}:${secret.toString('base64')}`).join(',');

/** The vault over a database of its own, at noon of a day that stands still. */
export async function createVaultHouse() {
  const database = await createTestDatabase();
  const { server: db, worker: workerDb, query } = database;
  const clock = createFixedClock('2026-01-01T12:00:00Z');
  const ids = createIds(clock, randomBytes);
  const audit = createAudit({ clock, ids });

  /** The services of a process that was started with these keys. */
  const startedWith = (...keys: (typeof OLD_KEY)[]) => {
    const sealing = createSealing(keys, randomBytes);
    const fingerprints = createFingerprints({ workerDb, sealing, clock, randomBytes });
    const common = { db, workerDb, clock, ids, audit, sealing, fingerprints };
    return {
      ...common,
      credentials: createCredentials(common),
      aiProviders: createAiProviders({ ...common, isInsideAllowed: false }),
      vault: createVault(common),
    };
  };

  return {
    database,
    startedWith,
    ...startedWith(OLD_KEY),
    clock,
    async addPerson(role: UserRole = 'USER') {
      const id = randomUUID();
      await query(
        `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
           token_version, created_at, updated_at)
         VALUES ($1, $2, $2, $2, $2, 'x', $3::user_role, 'ACTIVE', 0, now(), now())`,
        [id, `p_${id.slice(0, 8)}`, role],
      );
      return { id, role };
    },
    /** A viewer of theirs in a session, who showed a second factor just now. */
    sure: ({ id: userId, role }: { id: string; role: UserRole }): AuthenticatedViewer =>
      userViewer(
        { userId, role },
        {
          ...{ sessionId: randomUUID(), secondFactorAt: clock.now() },
          ...{ requestId: 'request-1', address: '192.0.2.7', userAgent: 'tests' },
        },
      ),
    auditOf: (targetId: string) =>
      query(
        `SELECT action, actor_id, target_type, before, after FROM audit_records
         WHERE target_id = $1 ORDER BY id`,
        [targetId],
      ),
    /** All that is stored, in the text that a dump of the database would have. */
    async everything(): Promise<string> {
      const [bytes] = await query<{ text: string }>(
        `SELECT string_agg(encode(sealed_value, 'escape'), ' ') AS text FROM credentials`,
      );
      return `${JSON.stringify(await dumpTables(database))} ${String(bytes?.text)}`;
    },
  };
}
