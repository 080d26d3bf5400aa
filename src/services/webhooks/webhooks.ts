import { requireCapability, requireSession } from '../accounts/capabilities.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { ownedBy } from '../platform/owner-filter.ts';
import type { Prisma, Webhook } from '../platform/prisma/client.ts';
import type { Sealing } from '../platform/sealing.ts';
import type { Viewer } from '../platform/viewer.ts';
import { newSecret } from './signing.ts';
import { parseReceiver, parseTypes } from './webhook-input.ts';
import { createWebhookChanges } from './webhook-changes.ts';
import { insertWebhook } from './webhook-writes.ts';

export interface OfWebhook {
  readonly webhookId: string;
  readonly idempotencyKey: string;
}

export interface CreateWebhook {
  readonly url: string;
  /** All of them when it is left out. */
  readonly types?: readonly string[] | null;
  readonly isPaused?: boolean;
  readonly idempotencyKey: string;
}

/** What is left out stays as it is. */
export interface UpdateWebhook extends OfWebhook {
  readonly url?: string | undefined;
  /** Null: all of them. */
  readonly types?: readonly string[] | null | undefined;
  /** False sets going again what was paused or disabled, and tries at once what waits. */
  readonly isPaused?: boolean | undefined;
}

export interface ReplayWebhook extends OfWebhook {
  /** The position to go on behind. */
  readonly after: bigint;
}

/** A webhook with its secret; null when the same was asked for again: nothing here tells it any more. */
export interface KeptSecret {
  readonly webhook: Webhook;
  readonly secret: string | null;
}

/**
 * The webhooks of a person. For whoever is there in person: no key reads or writes one, since a key that
 * leaked would have all that happens from then on sent elsewhere. Everything throws Unauthenticated for
 * nobody, Forbidden for a key, and NotFound for what is not the viewer's; writes throw IdempotencyConflict.
 */
export interface Webhooks {
  list(viewer: Viewer, selection: Prisma.WebhookFindManyArgs): Promise<Webhook[]>;
  count(viewer: Viewer): Promise<number>;
  /**
   * Makes one that begins with what happens from now on. Throws InvalidInput, Forbidden for a role that may
   * have none, and WebhookLimit.
   */
  create(viewer: Viewer, command: CreateWebhook): Promise<KeptSecret>;
  /** Throws InvalidInput. The event at hand goes to the new URL at once. */
  update(viewer: Viewer, command: UpdateWebhook): Promise<Webhook>;
  /** Gives it another secret; for a day, messages are signed with the one before as well. */
  rotateSecret(viewer: Viewer, command: OfWebhook): Promise<KeptSecret>;
  /**
   * Sends again what came behind a place in the log, or leaves out what lies before a later one. Throws
   * InvalidInput for a place that is not in the log yet.
   */
  replay(viewer: Viewer, command: ReplayWebhook): Promise<Webhook>;
  delete(viewer: Viewer, command: OfWebhook): Promise<{ readonly webhookId: string }>;
}

export interface WebhooksPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly sealing: Sealing;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Every type of event that may be sent. */
  readonly types: readonly string[];
  /** Whether a receiver may stand beside the program, as in development. */
  readonly isInsideAllowed: boolean;
}

export function createWebhooks(ports: WebhooksPorts): Webhooks {
  const { db, clock, isInsideAllowed } = ports;

  const find = async (viewer: Viewer, id: string): Promise<Webhook> => {
    const where = { id, ...ownedBy(viewer) };
    const found = await db.snapshot(viewer, (tx) => tx.webhook.findFirst({ where }));
    if (!found) throw new NotFound('Webhook');
    return found;
  };

  return {
    ...createWebhookChanges(ports, find),

    async list(viewer, selection) {
      const where = { AND: [selection.where ?? {}, ownedBy(requireSession(viewer))] };
      return db.snapshot(viewer, (tx) => tx.webhook.findMany({ ...selection, where }));
    },

    async count(viewer) {
      const where = ownedBy(requireSession(viewer));
      return db.snapshot(viewer, (tx) => tx.webhook.count({ where }));
    },

    async create(viewer, { url: given, types: wanted, isPaused = false, idempotencyKey: key }) {
      const self = requireCapability(viewer, 'KEEP_WEBHOOKS');
      const url = parseReceiver(given, isInsideAllowed);
      const types = parseTypes(wanted, ports.types);
      const secret = newSecret(ports.randomBytes);
      const asked = { ownerId: self.userId, operation: 'createWebhook', key, now: clock.now() };
      const { outcome, isReplay } = await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, command: { url, types, isPaused } }, async () => ({
          webhookId: await insertWebhook(ports, { tx, self, url, types, isPaused, secret }),
        })),
      );
      const webhook = await find(viewer, outcome.webhookId);
      return { webhook, secret: isReplay ? null : secret };
    },
  };
}
