import { createHmac, randomUUID } from 'node:crypto';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createMails } from '../../../src/services/notifications/mails.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { createOutsidePost } from '../../../src/services/platform/outside-post.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { createRandom, randomBytes } from '../../../src/services/platform/random.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { createSealing } from '../../../src/services/platform/sealing.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { userViewer, type AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import { createWebhookEnding } from '../../../src/services/webhooks/webhook-ending.ts';
import { createWebhookRows } from '../../../src/services/webhooks/webhook-rows.ts';
import { createWebhookSender } from '../../../src/services/webhooks/webhook-sender.ts';
import { createWebhookTurn } from '../../../src/services/webhooks/webhook-turn.ts';
import { createWebhooks } from '../../../src/services/webhooks/webhooks.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openRelay } from '../../support/event-house.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';
import { openReceiver, type Received } from '../../support/receiver.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const VAULT_KEY = { id: '2026-11', secret: Buffer.alloc(32, 'a key of the vault') };

export type WebhookHouse = Awaited<ReturnType<typeof createWebhookHouse>>;

/** Webhooks over a database of the file's own, a relay, and a receiver on this machine. */
export async function createWebhookHouse() {
  const database = await createTestDatabase();
  const { relay } = await openRelay(database);
  const receiver = await openReceiver();
  const clock = createFixedClock('2026-11-22T12:00:00Z');
  const log = createSilentLogger();
  const ids = createIds(clock, randomBytes);
  const audit = createAudit({ clock, ids });
  const mails = createMails({ clock, ids, rateLimits: createRateLimits() });
  const sealing = createSealing([VAULT_KEY], randomBytes);
  const { server: db, worker: workerDb, query } = database;
  const rows = createWebhookRows({ workerDb, roles: ['USER', 'PREMIUM', 'ADMIN', 'SUPER_ADMIN'] });
  const telling = {
    Counted: ({ payload }: { payload: unknown }) => Promise.resolve({ told: String(payload) }),
    Weighed: ({ payload }: { payload: unknown }) => Promise.resolve(payload as object),
    Broken: () => Promise.reject(new Error('Nobody knows what this is.')),
  };
  const webhooks = createWebhooks({
    ...{ db, clock, ids, audit, sealing, randomBytes, isInsideAllowed: true },
    types: Object.keys(telling),
  });

  return {
    ...{ database, receiver, clock, log, webhooks, rows, sealing },
    url: `http://127.0.0.1:${String(receiver.port)}/hook`,
    /** One of any number of processes that send. */
    sender(limits: { readonly totalMs?: number } = {}) {
      const turn = createWebhookTurn({
        ...{ workerDb, rows, telling, sealing, clock, log },
        end: createWebhookEnding({ workerDb, audit, mails }),
        post: createOutsidePost({ isInsideAllowed: true, totalMs: 20_000, ...limits }),
        // Always a half: pauses are neither longer nor shorter than their middle.
        random: { ...createRandom(1), next: () => 0.5 },
      });
      return createWebhookSender({ rows, turn, clock, timers: systemTimers, log });
    },
    async addPerson(role: UserRole = 'USER'): Promise<AuthenticatedViewer> {
      const userId = randomUUID();
      await query(
        `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
           token_version, created_at, updated_at)
         VALUES ($1, $2, $2, $2 || '@example.com', $2 || '@example.com', 'x', $3::user_role, 'ACTIVE',
           0, now(), now())`,
        [userId, `p_${userId.slice(0, 8)}`, role],
      );
      return userViewer({ userId, role }, { sessionId: randomUUID() });
    },
    /** Makes one for a person, or for somebody new, and answers it with its secret. */
    async add(owner: AuthenticatedViewer, given: { types?: string[]; url?: string } = {}) {
      const url = `http://127.0.0.1:${String(receiver.port)}/hook`;
      const { webhook, secret } = await webhooks.create(owner, {
        ...{ url, idempotencyKey: randomUUID(), ...given },
      });
      return { ...webhook, secret: String(secret) };
    },
    /** Events of a person, one after the other, in the log; answers the position of the last. */
    async tell(owner: AuthenticatedViewer, payloads: readonly object[], type = 'Weighed') {
      const ownerId = owner.userId;
      const events = payloads.map((payload) =>
        newEvent({ topic: `user:${ownerId}`, ownerId, type, payload: { ...payload } }),
      );
      await commitEvents(database, ...events);
      relay.wake();
      await eventually('the events are in the log', async () => {
        const left = await query('SELECT 1 FROM outbox LIMIT 1');
        return left.length === 0;
      });
      const [head] = await query<{ position: string }>(
        'SELECT position FROM event_head WHERE id = 1',
      );
      return BigInt(head?.position ?? 0);
    },
    async row(id: string) {
      const [row] = await query(
        `SELECT state::text, cursor::int, attempt, next_attempt_at, last_delivered_at,
           last_failure_code, last_failure FROM webhooks WHERE id = $1`,
        [id],
      );
      return row;
    },
    auditOf: (targetId: string) =>
      query(
        `SELECT action, actor_id, before, after FROM audit_records WHERE target_id = $1 ORDER BY id`,
        [targetId],
      ),
  };
}

/** What was told, of each request. */
export const dataOf = (received: readonly Received[]): unknown[] =>
  received.map(({ body }) => (JSON.parse(body) as { data: unknown }).data);

/** The signature that Standard Webhooks asks for: base64(HMAC-SHA256(key, "id.timestamp.body")). */
export function signatureOf({ headers, body }: Received, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
