import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { RateLimited, Unauthenticated } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import type { Soon } from '../platform/soon.ts';
import {
  anonymousViewer,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { findApiKey, type ApiKeyRow } from './api-key-rows.ts';
import type { ApiKeyUses } from './api-key-uses.ts';
import { hashApiKey, isWellFormed } from './api-key.ts';
import { roleOfKey } from './capabilities.ts';
import { addressKey } from './entry-limits.ts';
import { isWithin } from './networks.ts';

/** Of the request that brings a key. */
type Circumstances = Partial<Pick<Viewer, 'requestId' | 'address' | 'userAgent'>>;

export interface ApiKeyAccess {
  /**
   * The viewer behind a key, with the role of this moment, and until when it is good: undefined for
   * one that does not run out. Throws Unauthenticated, in the same words and after the same look,
   * for a key that never was, was revoked or ran out, whose owner is not active, or that comes from
   * an address that is none of its own.
   */
  authenticate(
    key: string,
    circumstances?: Circumstances,
  ): Promise<{
    readonly viewer: AuthenticatedViewer;
    readonly expiresAt: Date | undefined;
    /** Head of the event log when the key was found to be good. */
    readonly goodUpTo: bigint;
  }>;
}

export interface ApiKeyAccessPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Logger;
  readonly rateLimits: Pick<RateLimits, 'take'>;
  readonly uses: Pick<ApiKeyUses, 'note'>;
  /** The key of a hash in base64, as it is now. */
  readonly findKey?: (hash: string) => Soon<Awaited<ReturnType<typeof findApiKey>>>;
}

/**
 * A bot that does not give up would fill the log: of one key from one address, one record a minute.
 */
const RECORDED: RateRule = { name: 'api-key-refused', points: 1, windowSeconds: 60 };

export function createApiKeyAccess(ports: ApiKeyAccessPorts): ApiKeyAccess {
  const { db, clock, uses, findKey = findKeyIn(db) } = ports;
  const recordStranger = createRecordStranger(ports);
  return {
    async authenticate(key, circumstances = {}) {
      if (!isWellFormed(key)) throw unknownKey();
      const row = await findKey(Buffer.from(hashApiKey(key)).toString('base64'));
      if (!row || !isOpen(row, clock.now())) throw unknownKey();
      const { address = null } = circumstances;
      if (row.networks.length > 0 && !isWithin(address, row.networks)) {
        recordStranger(row, circumstances);
        throw unknownKey();
      }
      uses.note(row.id, address);
      const { id, environment, scopes, requestsPerMinute } = row;
      const apiKey = { id, environment, scopes, requestsPerMinute };
      const user = { userId: row.userId, role: roleOfKey(row.role, scopes) };
      const viewer = userViewer(user, { ...circumstances, apiKey });
      return { viewer, expiresAt: row.expiresAt ?? undefined, goodUpTo: row.head };
    },
  };
}

/** Asks the database each time. */
export function findKeyIn(db: Pick<Database, 'lookUp'>) {
  return (hash: string) => findApiKey(db, Buffer.from(hash, 'base64'));
}

function isOpen({ status, expiresAt, revokedAt }: ApiKeyRow, now: Date): boolean {
  return status === 'ACTIVE' && revokedAt === null && (expiresAt === null || expiresAt > now);
}

function unknownKey(): Unauthenticated {
  return new Unauthenticated('The API key is not good.');
}

/**
 * Writes down that a key came from where it may not, which its owner wants to know. Whoever brought
 * it is not waited for: the time of the answer would tell that the key is one.
 */
function createRecordStranger({ db, audit, log, rateLimits }: ApiKeyAccessPorts) {
  const record = async (row: ApiKeyRow, circumstances: Circumstances): Promise<void> => {
    const nobody = anonymousViewer(circumstances);
    const from = `${row.id} ${addressKey(nobody.address)}`;
    try {
      await rateLimits.take(RECORDED, from);
    } catch (error) {
      if (error instanceof RateLimited) return;
      throw error;
    }
    await db.withViewer(nobody, (tx) =>
      audit.record(tx, nobody, {
        action: 'api-key.refused',
        targetType: 'ApiKey',
        targetId: row.id,
        after: { reason: 'ADDRESS' },
      }),
    );
  };
  return (row: ApiKeyRow, circumstances: Circumstances): void => {
    record(row, circumstances).catch((error: unknown) => {
      log.error(
        { err: error, apiKeyId: row.id },
        'The use of a key from elsewhere went unrecorded.',
      );
    });
  };
}
