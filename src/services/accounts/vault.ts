import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Sealing } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import { AI_PROVIDER_BINDING } from './ai-providers.ts';
import type { CredentialPlace } from './credential-place.ts';
import { readSecretValue, type SecretValue } from './credential-value.ts';
import { CREDENTIAL_PURPOSE } from './credentials.ts';

/** A provider of language models that may be asked. */
export interface AiProviderAccess {
  /** Null for the provider's own address. */
  readonly baseUrl: string | null;
  readonly models: readonly string[];
  /** Null for one that asks for none. */
  readonly apiKey: string | null;
}

/**
 * Opens secrets for those who call other services in somebody's name: brokers, models, deployments.
 * Nothing of the graph has it. Both throw SealBroken for a row that was meddled with, or whose key
 * is gone.
 */
export interface Vault {
  /** The secret of a person; null when there is none. The minute of the use is kept with it. */
  open(secret: CredentialPlace & { readonly ownerId: string }): Promise<SecretValue | null>;
  /** What administrators set; null for a provider that is not set up, or off. */
  openProvider(name: string): Promise<AiProviderAccess | null>;
}

const USE_KEPT_EVERY_MS = 60_000;

export function createVault(ports: {
  readonly workerDb: Database;
  readonly sealing: Sealing;
  readonly clock: Clock;
}): Vault {
  const { workerDb, sealing, clock } = ports;

  /**
   * Once a minute: secrets are opened all the time, and each write would cost more than the
   * opening.
   */
  const keepUse = async (id: string, lastUsedAt: Date | null): Promise<void> => {
    const now = clock.now();
    const isKept = lastUsedAt && now.getTime() - lastUsedAt.getTime() < USE_KEPT_EVERY_MS;
    if (isKept) return;
    await workerDb.withViewer(systemViewer(), (tx) =>
      tx.credential.updateMany({ where: { id, lastUsedAt }, data: { lastUsedAt: now } }),
    );
  };

  return {
    async open({ ownerId, kind, provider, name }) {
      const row = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.credential.findUnique({
          where: { ownerId_kind_provider_name: { ownerId, kind, provider, name } },
          omit: { sealedValue: false },
        }),
      );
      if (!row) return null;
      const { id, keyId, sealedValue: bytes } = row;
      const binding = { purpose: CREDENTIAL_PURPOSE, ownerId, rowId: id };
      const value = readSecretValue(sealing.open({ keyId, bytes }, binding));
      await keepUse(id, row.lastUsedAt);
      return value;
    },

    async openProvider(name) {
      const row = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.aiProvider.findUnique({ where: { name }, omit: { sealedKey: false } }),
      );
      if (!row?.isEnabled) return null;
      const { baseUrl, models, keyId, sealedKey: bytes } = row;
      const binding = { ...AI_PROVIDER_BINDING, rowId: name };
      const apiKey = keyId && bytes ? sealing.open({ keyId, bytes }, binding) : null;
      return { baseUrl, models, apiKey };
    },
  };
}
