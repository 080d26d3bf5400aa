import { z } from 'zod';
import { requireCapability, requireSession } from '../accounts/capabilities.ts';
import type { Tx } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { readHead } from '../platform/event-log/log-reader.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Webhook } from '../platform/prisma/client.ts';
import type { AuthenticatedViewer, Viewer } from '../platform/viewer.ts';
import { newSecret } from './signing.ts';
import { parseReceiver, parseTypes } from './webhook-input.ts';
import {
  deleteWebhook,
  replaceSecret,
  updateWebhook,
  type WebhookChange,
} from './webhook-writes.ts';
import type { OfWebhook, UpdateWebhook, Webhooks, WebhooksPorts } from './webhooks.ts';

type WebhookChanges = Pick<Webhooks, 'update' | 'rotateSecret' | 'replay' | 'delete'>;

const uuid = z.uuid();

/** @param find answers a webhook of the viewer's own */
export function createWebhookChanges(
  ports: WebhooksPorts,
  find: (viewer: Viewer, id: string) => Promise<Webhook>,
): WebhookChanges {
  const { db, clock } = ports;

  /** Does something to a webhook, once for a key. Answers whether it had been done before. */
  const write = async (
    self: AuthenticatedViewer,
    { operation, webhookId, idempotencyKey: key, ...command }: OfWebhook & { operation: string },
    effect: (tx: Tx) => Promise<void>,
  ): Promise<boolean> => {
    if (!uuid.safeParse(webhookId).success) throw new NotFound('Webhook');
    const asked = { ownerId: self.userId, operation, key, now: clock.now() };
    const { isReplay } = await db.withViewer(self, (tx) =>
      idempotent(tx, { ...asked, command: { webhookId, ...command } }, async () => {
        await effect(tx);
        return { webhookId };
      }),
    );
    return isReplay;
  };

  return {
    async update(viewer, { url, types, isPaused, ...of }) {
      // Whoever has one may always halt it, whatever their role is by now.
      const isHalt = isPaused === true && url === undefined && types === undefined;
      const self = isHalt ? requireSession(viewer) : requireCapability(viewer, 'KEEP_WEBHOOKS');
      const change = changeOf(ports, { url, types, isPaused });
      const { webhookId: id } = of;
      await write(self, { ...of, operation: 'updateWebhook', ...change }, (tx) =>
        updateWebhook(ports, { tx, self, id }, change),
      );
      return find(viewer, id);
    },

    async rotateSecret(viewer, of) {
      const self = requireCapability(viewer, 'KEEP_WEBHOOKS');
      const secret = newSecret(ports.randomBytes);
      const { webhookId: id } = of;
      const isReplay = await write(self, { ...of, operation: 'rotateWebhookSecret' }, (tx) =>
        replaceSecret(ports, { tx, self, id }, secret),
      );
      return { webhook: await find(viewer, id), secret: isReplay ? null : secret };
    },

    async replay(viewer, { after, ...of }) {
      const self = requireCapability(viewer, 'KEEP_WEBHOOKS');
      const { webhookId: id } = of;
      const command = { ...of, operation: 'replayWebhook', after: String(after) };
      await write(self, command, async (tx) => {
        if (after > (await readHead(tx))) {
          throw new InvalidInput('after', 'This place is not in the log yet.');
        }
        await updateWebhook(ports, { tx, self, id }, { cursor: after });
      });
      return find(viewer, id);
    },

    async delete(viewer, of) {
      const self = requireSession(viewer);
      const { webhookId: id } = of;
      await write(self, { ...of, operation: 'deleteWebhook' }, (tx) =>
        deleteWebhook(ports, { tx, self, id }),
      );
      return { webhookId: id };
    },
  };
}

function changeOf(
  { isInsideAllowed, types: known }: WebhooksPorts,
  { url, types, isPaused }: Omit<UpdateWebhook, keyof OfWebhook>,
): WebhookChange {
  return {
    ...(url !== undefined && { url: parseReceiver(url, isInsideAllowed) }),
    ...(types !== undefined && { types: parseTypes(types, known) }),
    ...(isPaused !== undefined && { isPaused }),
  };
}
