import { appendEvents } from '../platform/outbox.ts';
import type { Viewer } from '../platform/viewer.ts';
import {
  createAdministrativeWrites,
  lockPeople,
  type AdministrativeWritePorts,
} from './administrative-writes.ts';
import { apiKeyRevoked } from './events.ts';
import { judgeActor } from './user-changes.ts';

export interface RevokeOthersApiKey {
  readonly apiKeyId: string;
  /** Whose it is. */
  readonly ownerId: string;
  readonly idempotencyKey: string;
}

/** What administrators do to keys of others: they end them. */
export function createApiKeyAdministration({ db, clock, audit }: AdministrativeWritePorts) {
  const write = createAdministrativeWrites({ db, clock, audit });
  return {
    /**
     * Ends a key of another person, and the streams of who has it; one that was revoked already
     * stays as it is. Throws Forbidden, also for keys of administrators unless the viewer is a
     * SUPER_ADMIN, and IdempotencyConflict.
     */
    async revoke(viewer: Viewer, { apiKeyId, ownerId, idempotencyKey }: RevokeOthersApiKey) {
      const asked = { operation: 'revokeApiKey', idempotencyKey, command: { apiKeyId } };
      const attempt = { change: 'REVOKE_API_KEY', apiKeyId };
      await write(viewer, { ...asked, targetId: ownerId, attempt }, async (tx, self) => {
        const { actor, target } = await lockPeople(tx, self, ownerId);
        const refusal = judgeActor(actor, ownerId, [target.role]);
        if (refusal) throw refusal;
        const now = clock.now();
        const [key] = await tx.$queryRaw<{ wasOpen: boolean }[]>`
          SELECT revoke_api_key(${apiKeyId}::uuid, ${now}) AS "wasOpen"`;
        if (key?.wasOpen !== true) return { apiKeyId };
        await audit.record(tx, self, {
          action: 'api-key.revoked',
          targetType: 'ApiKey',
          targetId: apiKeyId,
          after: { ownerId },
        });
        await appendEvents(tx, [apiKeyRevoked({ id: apiKeyId, ownerId }, now)]);
        return { apiKeyId };
      });
    },
  };
}
