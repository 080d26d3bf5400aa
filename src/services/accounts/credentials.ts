import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { shownFingerprint, type Fingerprints } from '../platform/fingerprints.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { ownedBy } from '../platform/owner-filter.ts';
import type { Credential, Prisma } from '../platform/prisma/client.ts';
import type { Sealing } from '../platform/sealing.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { requireCapability } from './capabilities.ts';
import { parsePlace, type CredentialPlace } from './credential-place.ts';
import { parseSecretValue } from './credential-value.ts';
import { TooManyCredentials } from './errors.ts';
import { requireSecondFactor } from './second-factor.ts';

/** All that anybody is told of a secret: its bytes never come back. */
export type CredentialEntry = Omit<Credential, 'sealedValue'>;

export interface StoreCredential extends CredentialPlace {
  /** A text, or an object of texts. */
  readonly value?: unknown;
  readonly idempotencyKey: string;
}

export interface DeleteCredential {
  readonly credentialId: string;
  readonly idempotencyKey: string;
}

/**
 * What people keep for services of others, sealed. Lists throw Unauthenticated for nobody; writes
 * need a session with a fresh second factor, and throw Unauthenticated, Forbidden,
 * SecondFactorRequired or IdempotencyConflict.
 */
export interface Credentials {
  /** One's own, without their values. Administrators see those of nobody else. */
  list(viewer: Viewer, selection: Prisma.CredentialFindManyArgs): Promise<CredentialEntry[]>;
  count(viewer: Viewer): Promise<number>;
  /**
   * Keeps a value at its place, and replaces what was there. Throws InvalidInput, and
   * TooManyCredentials past a hundred. A key that comes again after the secret was deleted finds
   * nothing: NotFound.
   */
  store(viewer: Viewer, command: StoreCredential): Promise<CredentialEntry>;
  /** Throws NotFound for any id but of one's own. */
  delete(viewer: Viewer, command: DeleteCredential): Promise<{ readonly credentialId: string }>;
}

export interface CredentialsPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly sealing: Sealing;
  readonly fingerprints: Fingerprints;
}

/** Associated data of a secret of a person, beside whose it is and in which row. */
export const CREDENTIAL_PURPOSE = 'credential';

const CREDENTIALS_MAX = 100;
const uuid = z.uuid();

export function createCredentials(ports: CredentialsPorts): Credentials {
  const { db, clock, audit, fingerprints } = ports;

  return {
    list: async (viewer, selection) => {
      const where = { AND: [selection.where ?? {}, ownedBy(viewer)] };
      return db.snapshot(viewer, (tx) => tx.credential.findMany({ ...selection, where }));
    },

    count: async (viewer) => {
      const where = ownedBy(viewer);
      return db.snapshot(viewer, (tx) => tx.credential.count({ where }));
    },

    async store(viewer, { value, idempotencyKey: key, ...given }) {
      requireCapability(viewer, 'KEEP_SECRETS');
      const self = requireSecondFactor(viewer, clock.now());
      const place = parsePlace(given);
      const secret = parseSecretValue(value);
      const digest = await fingerprints.digest(self.userId, secret);
      const { outcome } = await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: self.userId, operation: 'storeCredential', key };
        const command = { ...place, digest };
        return idempotent(tx, { ...asked, command, now: clock.now() }, async () => {
          const fingerprint = shownFingerprint(digest);
          return { credentialId: await put(ports, { tx, self, place, secret, fingerprint }) };
        });
      });
      const where = { id: outcome.credentialId, ...ownedBy(viewer) };
      const stored = await db.snapshot(viewer, (tx) => tx.credential.findFirst({ where }));
      if (!stored) throw new NotFound('Credential');
      return stored;
    },

    async delete(viewer, { credentialId, idempotencyKey: key }) {
      const self = requireSecondFactor(requireUser(viewer), clock.now());
      if (!uuid.safeParse(credentialId).success) throw new NotFound('Credential');
      const { outcome } = await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: self.userId, operation: 'deleteCredential', key };
        const command = { ...asked, command: { credentialId }, now: clock.now() };
        return idempotent(tx, command, async () => {
          const where = { id: credentialId, ownerId: self.userId };
          const found = await tx.credential.findFirst({ where });
          const { count } = await tx.credential.deleteMany({ where });
          if (!found || count === 0) throw new NotFound('Credential');
          await audit.record(tx, self, {
            action: 'credential.deleted',
            targetType: 'Credential',
            targetId: credentialId,
            before: toldOf(found),
          });
          return { credentialId };
        });
      });
      return outcome;
    },
  };
}

interface Put {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly place: CredentialPlace;
  readonly secret: string;
  readonly fingerprint: string;
}

/** Writes the row of a place, new or not, and answers its id. */
async function put(
  { clock, ids, audit, sealing }: CredentialsPorts,
  { tx, self, place, secret, fingerprint }: Put,
): Promise<string> {
  const ownerId = self.userId;
  // One at a time for a person: two at once would each count as if the other were not there.
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('tradegraph.credentials.' || ${ownerId}, 0))`;
  const before = await tx.credential.findFirst({ where: { ownerId, ...place } });
  const isRoom =
    before !== null || (await tx.credential.count({ where: { ownerId } })) < CREDENTIALS_MAX;
  if (!isRoom) throw new TooManyCredentials(CREDENTIALS_MAX);

  const id = before?.id ?? ids.next();
  const { keyId, bytes } = sealing.seal(secret, {
    purpose: CREDENTIAL_PURPOSE,
    ownerId,
    rowId: id,
  });
  const updatedAt = clock.now();
  const sealed = { keyId, sealedValue: Uint8Array.from(bytes), fingerprint, updatedAt };
  if (before) await tx.credential.update({ where: { id, ownerId }, data: sealed });
  else
    await tx.credential.create({
      data: { id, ownerId, ...place, ...sealed, createdAt: updatedAt },
    });
  await audit.record(tx, self, {
    action: 'credential.stored',
    targetType: 'Credential',
    targetId: id,
    ...(before && { before: toldOf(before) }),
    after: toldOf({ ...place, fingerprint }),
  });
  return id;
}

/** What the audit log is told: which secret, and whether it is the same one, never the secret. */
function toldOf({ kind, provider, name, fingerprint }: CredentialPlace & { fingerprint: string }) {
  return { kind, provider, name, fingerprint };
}
