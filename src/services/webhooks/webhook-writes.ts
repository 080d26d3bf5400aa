import type { Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { readHead } from '../platform/event-log/log-reader.ts';
import type { Webhook } from '../platform/prisma/client.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { WebhookLimit } from './errors.ts';
import { secretBinding } from './signing.ts';
import type { WebhooksPorts } from './webhooks.ts';

type Ports = Pick<WebhooksPorts, 'clock' | 'ids' | 'audit' | 'sealing'>;

/** Of one person. */
const WEBHOOKS_MAX = 10;
/** How long messages are signed with an old secret beside the new one. */
const OLD_SECRET_MS = 86_400_000;

interface Write {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
}

interface OneWrite extends Write {
  readonly id: string;
}

interface NewWebhook extends Write {
  readonly url: string;
  readonly types: readonly string[];
  readonly isPaused: boolean;
  readonly secret: string;
}

/** What changes; what is left out stays. */
export interface WebhookChange {
  readonly url?: string;
  readonly types?: readonly string[];
  readonly isPaused?: boolean;
  readonly cursor?: bigint;
}

/** Writes the rows of a new webhook, which begins at the head of the log. Answers its id. */
export async function insertWebhook(
  ports: Ports,
  { tx, self, url, types, isPaused, secret }: NewWebhook,
): Promise<string> {
  const { clock, ids, audit } = ports;
  const ownerId = self.userId;
  // One at a time for a person: two at once would each count as if the other were not there.
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('tradegraph.webhooks.' || ${ownerId}, 0))`;
  const count = await tx.webhook.count({ where: { ownerId } });
  if (count >= WEBHOOKS_MAX) throw new WebhookLimit(WEBHOOKS_MAX);
  const id = ids.next();
  const now = clock.now();
  const state = isPaused ? 'PAUSED' : 'ACTIVE';
  const webhook = await tx.webhook.create({
    data: {
      ...{ id, ownerId, url, types: [...types], state, attempt: 0, epoch: 0 },
      ...{ cursor: await readHead(tx), createdAt: now, updatedAt: now },
    },
  });
  await insertSecret(ports, { tx, self, id }, secret);
  await audit.record(tx, self, {
    ...{ action: 'webhook.created', targetType: 'Webhook', targetId: id },
    after: toldOf(webhook),
  });
  return id;
}

/** Throws NotFound for one that is not of `self`. Whoever sends for it has lost it by then. */
export async function updateWebhook(
  { clock, audit }: Ports,
  { tx, self, id }: OneWrite,
  { url, types, isPaused, cursor }: WebhookChange,
): Promise<void> {
  const before = await lockWebhook(tx, { id, ownerId: self.userId });
  const after = await tx.webhook.update({
    where: { id, ownerId: self.userId },
    data: {
      ...(url !== undefined && { url }),
      ...(types !== undefined && { types: [...types] }),
      ...(cursor !== undefined && { cursor }),
      state: stateAfter(before.state, isPaused),
      ...{ attempt: 0, nextAttemptAt: null },
      ...{ epoch: { increment: 1 }, leasedUntil: null, updatedAt: clock.now() },
    },
  });
  await audit.record(tx, self, {
    action: cursor === undefined ? 'webhook.changed' : 'webhook.replayed',
    ...{ targetType: 'Webhook', targetId: id },
    ...{ before: toldOf(before), after: toldOf(after) },
  });
}

/** A change of one that waits for its next try has it tried at once. */
function stateAfter(state: Webhook['state'], isPaused: boolean | undefined): Webhook['state'] {
  if (isPaused !== undefined) return isPaused ? 'PAUSED' : 'ACTIVE';
  return state === 'RETRYING' ? 'ACTIVE' : state;
}

/** The secret before is good for a day more, and the one before that no longer. */
export async function replaceSecret(
  ports: Ports,
  { tx, self, id }: OneWrite,
  secret: string,
): Promise<void> {
  const ofThis = { webhookId: id, ownerId: self.userId };
  await lockWebhook(tx, { id, ownerId: self.userId });
  await tx.webhookSecret.deleteMany({ where: { ...ofThis, expiresAt: { not: null } } });
  await tx.webhookSecret.updateMany({
    where: { ...ofThis, expiresAt: null },
    data: { expiresAt: new Date(ports.clock.now().getTime() + OLD_SECRET_MS) },
  });
  await insertSecret(ports, { tx, self, id }, secret);
  await ports.audit.record(tx, self, {
    ...{ action: 'webhook.secret-rotated', targetType: 'Webhook', targetId: id },
  });
}

/** Its secrets go with it. */
export async function deleteWebhook({ audit }: Ports, { tx, self, id }: OneWrite): Promise<void> {
  const before = await lockWebhook(tx, { id, ownerId: self.userId });
  await tx.webhook.delete({ where: { id, ownerId: self.userId } });
  await audit.record(tx, self, {
    ...{ action: 'webhook.deleted', targetType: 'Webhook', targetId: id },
    before: toldOf(before),
  });
}

async function insertSecret(
  { clock, ids, sealing }: Ports,
  { tx, self: { userId: ownerId }, id: webhookId }: OneWrite,
  secret: string,
): Promise<void> {
  const id = ids.next();
  const { keyId, bytes } = sealing.seal(secret, secretBinding({ id, ownerId }));
  const sealedValue = Uint8Array.from(bytes);
  await tx.webhookSecret.create({
    data: { id, ownerId, webhookId, keyId, sealedValue, createdAt: clock.now() },
  });
}

/** The row, which nobody else changes until the transaction ends. */
async function lockWebhook(
  tx: Tx,
  { id, ownerId }: { readonly id: string; readonly ownerId: string },
): Promise<Webhook> {
  await tx.$queryRaw`
    SELECT 1 FROM webhooks WHERE id = ${id}::uuid AND owner_id = ${ownerId}::uuid FOR UPDATE`;
  const found = await tx.webhook.findFirst({ where: { id, ownerId } });
  if (!found) throw new NotFound('Webhook');
  return found;
}

/** What the audit log is told: the host, and not the rest of a URL that may hold a secret of its receiver. */
function toldOf({ url, types, state, cursor }: Webhook) {
  return { host: new URL(url).host, types: [...types], state, cursor: String(cursor) };
}
