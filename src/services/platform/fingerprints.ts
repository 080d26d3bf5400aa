import { createHmac } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Sealing } from './sealing.ts';
import { systemViewer } from './viewer.ts';

/**
 * Tells whether two secrets of one owner are the same, and nothing else: HMAC-SHA256 with a key that the
 * database holds sealed, so that no short secret is guessed from it.
 */
export interface Fingerprints {
  /** 64 hex digits, for the hash of a command that has a secret in it. */
  digest(ownerId: string, secret: string): Promise<string>;
}

export interface FingerprintsPorts {
  readonly workerDb: Database;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Associated data of everything that the program keeps sealed for itself. */
export const PLATFORM_SECRET = { purpose: 'platform-secret', ownerId: 'platform' } as const;

const NAME = 'fingerprints';
const KEY_BYTES = 32;
const SHOWN_DIGITS = 12;

/**
 * The key is random, made at the first use, and sealed in `platform_secrets`. A rotation seals it anew and
 * leaves it as it is, so that a fingerprint stays the same for as long as its secret does.
 */
export function createFingerprints(ports: FingerprintsPorts): Fingerprints {
  let key: Promise<Buffer> | undefined;

  /** Kept for the life of the process; a failure is tried again at the next use. */
  const keyOnce = (): Promise<Buffer> => {
    key ??= loadKey(ports).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };

  return {
    async digest(ownerId, secret) {
      const text = JSON.stringify([ownerId, secret]);
      return createHmac('sha256', await keyOnce())
        .update(text)
        .digest('hex');
    },
  };
}

/** The part of a digest that is shown to people. */
export function shownFingerprint(digest: string): string {
  return digest.slice(0, SHOWN_DIGITS);
}

/** Of two processes that come first at once, one makes the key and the other gets it. */
function loadKey({ workerDb, sealing, clock, randomBytes }: FingerprintsPorts): Promise<Buffer> {
  const where = { name: NAME };
  const binding = { ...PLATFORM_SECRET, rowId: NAME };
  return workerDb.withViewer(systemViewer(), async (tx) => {
    if (!(await tx.platformSecret.findUnique({ where }))) {
      const fresh = Buffer.from(randomBytes(KEY_BYTES)).toString('base64');
      const { keyId, bytes } = sealing.seal(fresh, binding);
      await tx.$executeRaw`
        INSERT INTO platform_secrets (name, key_id, sealed_value, created_at)
        VALUES (${NAME}, ${keyId}, ${bytes}, ${clock.now()}) ON CONFLICT DO NOTHING`;
    }
    const { keyId, sealedValue: bytes } = await tx.platformSecret.findUniqueOrThrow({ where });
    return Buffer.from(sealing.open({ keyId, bytes }, binding), 'base64');
  });
}
