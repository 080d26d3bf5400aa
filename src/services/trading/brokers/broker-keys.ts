import { z } from 'zod';
import type { Database, Tx } from '../../platform/database.ts';
import { InvalidInput, NotFound } from '../../platform/errors.ts';
import { ownedBy } from '../../platform/owner-filter.ts';
import type { Credential } from '../../platform/prisma/client.ts';
import type { Viewer } from '../../platform/viewer.ts';
import { BrokerAlreadyConnected } from './errors.ts';

/** What is told of keys; the keys themselves are the vault's. */
export type Keys = Omit<Credential, 'sealedValue'>;

const uuid = z.uuid();

/**
 * Keys of the viewer's for a provider: they are sent to whom they are for, and to nobody else.
 * Throws NotFound for those that are not the viewer's, and InvalidInput for those of another
 * provider.
 */
export async function findKeys(
  db: Database,
  viewer: Viewer,
  { credentialId, provider }: { readonly credentialId: string; readonly provider: string },
): Promise<Keys> {
  const where = { id: credentialId, kind: 'BROKER', ...ownedBy(viewer) } as const;
  const credential = uuid.safeParse(credentialId).success
    ? await db.snapshot(viewer, (tx) => tx.credential.findFirst({ where }))
    : null;
  if (!credential) throw new NotFound('Credential');
  if (credential.provider.toLowerCase() !== provider.toLowerCase()) {
    throw new InvalidInput('credentialId', `The keys are for ${credential.provider}.`);
  }
  return credential;
}

/** Holds back whoever else connects a broker of this person, until the commit. */
export async function lockConnectionsOf(tx: Tx, ownerId: string): Promise<void> {
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('tradegraph.brokers.' || ${ownerId}, 0))`;
}

/**
 * Two accounts with one at a broker would both book what is filled there. Throws
 * BrokerAlreadyConnected when another account than `accountId` has the same keys.
 */
export async function refuseKeysInUse(
  tx: Tx,
  { ownerId, fingerprint }: Pick<Keys, 'ownerId' | 'fingerprint'>,
  accountId?: string,
): Promise<void> {
  const same = await tx.credential.findMany({ where: { ownerId, fingerprint } });
  const credentialIds = same.map(({ id }) => id);
  const other = await tx.brokerConnection.findFirst({
    where: {
      ...{ ownerId, credentialId: { in: credentialIds } },
      ...(accountId !== undefined && { accountId: { not: accountId } }),
    },
  });
  if (other) throw new BrokerAlreadyConnected(other.accountId);
}
