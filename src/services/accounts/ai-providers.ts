import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, InvalidInput } from '../platform/errors.ts';
import { shownFingerprint, type Fingerprints } from '../platform/fingerprints.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { AiProvider } from '../platform/prisma/client.ts';
import type { Sealing } from '../platform/sealing.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { parseAiProvider, type AiProviderChange } from './ai-provider-input.ts';
import { may, requireCapability } from './capabilities.ts';
import { requireSecondFactor } from './second-factor.ts';

/** What administrators see of a provider: never its key. */
export type AiProviderEntry = Omit<AiProvider, 'sealedKey'>;

export interface SetAiProvider {
  readonly aiProvider: AiProviderChange;
  readonly idempotencyKey: string;
}

/** Providers of language models, as administrators set them for everyone. */
export interface AiProviders {
  /** By name. Throws Unauthenticated or Forbidden for all but administrators. */
  list(viewer: Viewer): Promise<AiProviderEntry[]>;
  /**
   * Sets a provider up, off unless it is said otherwise, or changes one. A new address takes the
   * key along only when the key is given anew: else whoever may set an address could have the key
   * sent there. Keys and addresses need a fresh second factor. Throws Unauthenticated, Forbidden,
   * SecondFactorRequired, InvalidInput or IdempotencyConflict; who tried without the right to is
   * recorded.
   */
  set(viewer: Viewer, command: SetAiProvider): Promise<void>;
}

export interface AiProvidersPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly sealing: Sealing;
  readonly fingerprints: Fingerprints;
  /** Whether a provider may stand on this machine or beside it: in development. */
  readonly isInsideAllowed: boolean;
}

/** Associated data of the keys of providers, beside the name of the provider as the row. */
export const AI_PROVIDER_BINDING = { purpose: 'ai-provider', ownerId: 'platform' } as const;

const PROVIDERS_MAX = 100;

export function createAiProviders(ports: AiProvidersPorts): AiProviders {
  const { db, clock, audit, fingerprints, isInsideAllowed } = ports;

  const recordRefusal = (viewer: AuthenticatedViewer, name: string) =>
    db.withViewer(viewer, (tx) =>
      audit.record(tx, viewer, {
        action: 'settings.change-refused',
        targetType: 'AiProvider',
        targetId: name,
      }),
    );

  return {
    async list(viewer) {
      requireCapability(viewer, 'READ_EVERYONE');
      return db.snapshot(viewer, (tx) =>
        tx.aiProvider.findMany({ orderBy: { name: 'asc' }, take: PROVIDERS_MAX }),
      );
    },

    async set(viewer, { aiProvider, idempotencyKey: key }) {
      const self = requireUser(viewer);
      const change = parseAiProvider(aiProvider, { isInsideAllowed });
      if (!may(self, 'MANAGE_SETTINGS')) {
        await recordRefusal(self, change.name);
        throw new Forbidden();
      }
      const { apiKey, ...settings } = change;
      const isSensitive = apiKey !== undefined || settings.baseUrl !== undefined;
      if (isSensitive) requireSecondFactor(self, clock.now());
      const { ownerId } = AI_PROVIDER_BINDING;
      const digest = apiKey && (await fingerprints.digest(ownerId, apiKey));
      await db.withViewer(viewer, (tx) => {
        const asked = { ownerId: self.userId, operation: 'updateSettings', key };
        const command = { ...settings, digest };
        return idempotent(tx, { ...asked, command, now: clock.now() }, async () => {
          await put(ports, { tx, self, change, digest });
          return { name: change.name };
        });
      });
    },
  };
}

interface Put {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly change: AiProviderChange;
  /** Of the key that is set; null or undefined where none is. */
  readonly digest: string | null | undefined;
}

async function put(
  { clock, audit, sealing }: AiProvidersPorts,
  { tx, self, change: { name, apiKey, ...settings }, digest }: Put,
): Promise<void> {
  // One change at a time: the address that a key is kept for does not change behind this one's
  // back.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('tradegraph.ai_providers', 0))`;
  const before = await tx.aiProvider.findUnique({ where: { name } });
  if (!before && (await tx.aiProvider.count()) >= PROVIDERS_MAX) {
    throw new InvalidInput('name', `There are ${PROVIDERS_MAX} providers already.`);
  }
  const isMoved = settings.baseUrl !== undefined && settings.baseUrl !== before?.baseUrl;
  if (isMoved && apiKey === undefined && before?.fingerprint) {
    throw new InvalidInput(
      'apiKey',
      'The key that is kept is for another address. Give the key for this one, or null for none.',
    );
  }
  const data = {
    isEnabled: settings.isEnabled ?? before?.isEnabled ?? false,
    baseUrl: settings.baseUrl === undefined ? (before?.baseUrl ?? null) : settings.baseUrl,
    models: [...(settings.models ?? before?.models ?? [])],
    updatedAt: clock.now(),
    ...(apiKey !== undefined && sealedKey(sealing, { name, apiKey, digest })),
  };
  const after = before
    ? await tx.aiProvider.update({ where: { name }, data })
    : await tx.aiProvider.create({ data: { name, ...data } });
  await audit.record(tx, self, {
    action: 'settings.ai-provider-changed',
    targetType: 'AiProvider',
    targetId: name,
    ...(before && { before: toldOf(before) }),
    after: toldOf(after),
  });
}

interface GivenKey extends Pick<Put, 'digest'> {
  readonly name: string;
  readonly apiKey: string | null;
}

/** The columns of a key, all of them null for none. */
function sealedKey(sealing: Sealing, { name, apiKey, digest }: GivenKey) {
  if (apiKey === null || !digest) return { keyId: null, sealedKey: null, fingerprint: null };
  const { keyId, bytes } = sealing.seal(apiKey, { ...AI_PROVIDER_BINDING, rowId: name });
  return { keyId, sealedKey: Uint8Array.from(bytes), fingerprint: shownFingerprint(digest) };
}

/** What the audit log is told: the fingerprint shows whether it is the same key. */
function toldOf({ isEnabled, baseUrl, models, fingerprint }: AiProviderEntry) {
  return { isEnabled, baseUrl, models, keyFingerprint: fingerprint };
}
