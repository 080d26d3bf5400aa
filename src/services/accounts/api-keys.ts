import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { ApiKey, Prisma } from '../platform/prisma/client.ts';
import type { AuthenticatedViewer, Viewer } from '../platform/viewer.ts';
import { insertApiKey, lockApiKeysOf } from './api-key-rows.ts';
import { parseApiKey, type ApiKeySettings, type ApiKeyWish } from './api-key-settings.ts';
import { createApiKeyAdministration } from './api-key-administration.ts';
import { hashApiKey, newApiKey, shownPart } from './api-key.ts';
import { may, requireCapability, requireSession } from './capabilities.ts';
import { ApiKeyLimit } from './errors.ts';
import { apiKeyRevoked } from './events.ts';
import type { RandomBytes } from './refresh-token.ts';

export interface CreateApiKey extends ApiKeyWish {
  readonly idempotencyKey: string;
}

export interface RevokeApiKey {
  readonly apiKeyId: string;
  readonly idempotencyKey: string;
}

/** A key as anybody may know it: its hash stays in the database. */
export type KnownApiKey = Omit<ApiKey, 'keyHash'>;

export interface CreatedApiKey {
  readonly apiKey: KnownApiKey;
  /** The key itself. Null when the same was asked for again: nothing here knows it any more. */
  readonly secret: string | null;
}

/**
 * The keys of a person, for bots. Everything throws Unauthenticated for nobody, and Forbidden for a
 * viewer who came with a key: no key makes another one.
 */
export interface ApiKeys {
  /**
   * Makes a key. Throws InvalidInput, Forbidden for the scope ADMIN unless the viewer is an
   * administrator, {@link ApiKeyLimit} and IdempotencyConflict.
   */
  create(viewer: Viewer, command: CreateApiKey): Promise<CreatedApiKey>;
  /**
   * Those that ended as well, newest first: one's own, or those of `ownerId`. Throws Forbidden for
   * another person unless the viewer is an administrator.
   */
  list(
    viewer: Viewer,
    selection: Prisma.ApiKeyFindManyArgs,
    ownerId?: string,
  ): Promise<KnownApiKey[]>;
  count(viewer: Viewer, ownerId?: string): Promise<number>;
  /**
   * Ends a key of one's own and the streams of who has it; one that was revoked already stays as it
   * is. Administrators end those of others as well, as {@link ApiKeyAdministration} says. Throws
   * NotFound for any other id, and IdempotencyConflict.
   */
  revoke(viewer: Viewer, command: RevokeApiKey): Promise<KnownApiKey>;
}

export interface ApiKeysPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly randomBytes: RandomBytes;
}

/** Open ones of one person: more is a program that forgets them. */
export const API_KEYS_MAX = 50;

const uuid = z.uuid();

export function createApiKeys(ports: ApiKeysPorts): ApiKeys {
  const { db, clock, audit } = ports;
  const administration = createApiKeyAdministration(ports);

  /** An attempt at the rights of an administrator is worth knowing of. */
  const refuseAdministration = async (viewer: AuthenticatedViewer): Promise<never> => {
    await db.withViewer(viewer, (tx) =>
      audit.record(tx, viewer, {
        action: 'api-key.creation-refused',
        targetType: 'User',
        targetId: viewer.userId,
        after: { scope: 'ADMIN' },
      }),
    );
    throw new Forbidden('Only administrators make keys with the scope ADMIN.');
  };

  return {
    async create(viewer, { idempotencyKey: key, ...wish }) {
      const self = requireSession(viewer);
      const settings = parseApiKey(wish, clock.now());
      if (settings.scopes.includes('ADMIN') && !may(self, 'READ_EVERYONE')) {
        return refuseAdministration(self);
      }
      const secret = newApiKey(settings.environment, ports.randomBytes);
      const { outcome, isReplay } = await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: self.userId, operation: 'createApiKey', key };
        const command = { ...asked, command: settings, now: clock.now() };
        return idempotent(tx, command, () => create(ports, { tx, viewer: self, settings, secret }));
      });
      const apiKey = await db.snapshot(viewer, (tx) =>
        tx.apiKey.findUniqueOrThrow({ where: { id: outcome.apiKeyId } }),
      );
      return { apiKey, secret: isReplay ? null : secret };
    },

    async list(viewer, selection, ownerId) {
      const where = { AND: [selection.where ?? {}, ownedInPerson(viewer, ownerId)] };
      return db.snapshot(viewer, (tx) => tx.apiKey.findMany({ ...selection, where }));
    },

    async count(viewer, ownerId) {
      const where = ownedInPerson(viewer, ownerId);
      return db.snapshot(viewer, (tx) => tx.apiKey.count({ where }));
    },

    async revoke(viewer, { apiKeyId, idempotencyKey: key }) {
      const self = requireSession(viewer);
      if (!uuid.safeParse(apiKeyId).success) throw new NotFound('API key');
      const isAdministrator = may(self, 'MANAGE_USERS');
      const where = { id: apiKeyId, ...(!isAdministrator && { ownerId: self.userId }) };
      const found = await db.snapshot(viewer, (tx) => tx.apiKey.findFirst({ where }));
      if (!found) throw new NotFound('API key');
      const { ownerId } = found;
      if (ownerId === self.userId) {
        const asked = { ownerId, operation: 'revokeApiKey', key };
        await db.withViewer(viewer, (tx) => {
          const command = { ...asked, command: { apiKeyId }, now: clock.now() };
          return idempotent(tx, command, () => revoke(ports, { tx, viewer: self, apiKeyId }));
        });
      } else {
        await administration.revoke(viewer, { apiKeyId, ownerId, idempotencyKey: key });
      }
      return db.snapshot(viewer, (tx) => tx.apiKey.findFirstOrThrow({ where }));
    },
  };
}

/** The filter by owner, for one who is there in person; another's is for administrators. */
function ownedInPerson(viewer: Viewer, ownerId?: string): { ownerId: string } {
  const self = requireSession(viewer);
  if (ownerId !== undefined) requireCapability(self, 'READ_EVERYONE');
  return { ownerId: ownerId ?? self.userId };
}

interface Creation {
  readonly tx: Tx;
  readonly viewer: AuthenticatedViewer;
  readonly settings: ApiKeySettings;
  readonly secret: string;
}

async function create(
  { clock, ids, audit, mails }: ApiKeysPorts,
  { tx, viewer, settings, secret }: Creation,
): Promise<{ apiKeyId: string }> {
  const ownerId = viewer.userId;
  const now = clock.now();
  await lockApiKeysOf(tx, ownerId);
  const isOpen = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  const openCount = await tx.apiKey.count({ where: { ownerId, ...isOpen } });
  if (openCount >= API_KEYS_MAX) throw new ApiKeyLimit(API_KEYS_MAX);
  const id = ids.next();
  const prefix = shownPart(secret);
  const row = { id, ownerId, ...settings, prefix, keyHash: hashApiKey(secret), createdAt: now };
  await insertApiKey(tx, row);
  await audit.record(tx, viewer, {
    action: 'api-key.created',
    targetType: 'ApiKey',
    targetId: id,
    after: {
      ...{ name: settings.name, environment: settings.environment, prefix },
      ...{ scopes: [...settings.scopes], networks: [...settings.networks] },
      requestsPerMinute: settings.requestsPerMinute,
      expiresAt: settings.expiresAt?.toISOString() ?? null,
    },
  });
  const { username, email } = await tx.user.findUniqueOrThrow({ where: { id: ownerId } });
  await mails.queue(tx, {
    ...{ template: 'api-key-created', recipient: email, ownerId },
    // Not its name, which is whatever they typed: the mail may go to somebody else's address.
    data: { username, keyPrefix: prefix, environment: settings.environment },
  });
  return { apiKeyId: id };
}

async function revoke(
  { clock, audit }: ApiKeysPorts,
  { tx, viewer, apiKeyId: id }: { tx: Tx; viewer: AuthenticatedViewer; apiKeyId: string },
): Promise<{ apiKeyId: string }> {
  const ownerId = viewer.userId;
  const now = clock.now();
  const { count } = await tx.apiKey.updateMany({
    where: { id, ownerId, revokedAt: null },
    data: { revokedAt: now },
  });
  if (count === 0) return { apiKeyId: id };
  await audit.record(tx, viewer, {
    action: 'api-key.revoked',
    targetType: 'ApiKey',
    targetId: id,
  });
  await appendEvents(tx, [apiKeyRevoked({ id, ownerId }, now)]);
  return { apiKeyId: id };
}
