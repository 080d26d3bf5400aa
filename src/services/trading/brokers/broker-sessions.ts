import type { Vault } from '../../accounts/vault.ts';
import type { Database } from '../../platform/database.ts';
import type { BrokerConnection } from '../../platform/prisma/client.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { BrokerRefused } from './errors.ts';
import type { Broker } from './broker.ts';
import type { OpenBroker } from './open-broker.ts';

/** A connection with the broker that speaks for it. */
export interface BrokerSession {
  readonly connection: BrokerConnection;
  readonly broker: Broker;
}

/**
 * The brokers that this process speaks with, each opened once for the keys that its connection has.
 */
export interface BrokerSessions {
  /**
   * Throws BrokerRefused when the account has no connection or its keys are gone, and what the
   * vault throws for keys that were meddled with.
   */
  of(accountId: string): Promise<BrokerSession>;
}

export function createBrokerSessions({
  workerDb,
  vault,
  openBroker,
}: {
  readonly workerDb: Database;
  readonly vault: Vault;
  readonly openBroker: OpenBroker;
}): BrokerSessions {
  const opened = new Map<string, { readonly keys: string; readonly broker: Broker }>();
  return {
    async of(accountId) {
      const { connection, credential } = await workerDb.snapshot(systemViewer(), async (tx) => {
        const found = await tx.brokerConnection.findUnique({ where: { accountId } });
        if (!found) throw new BrokerRefused('NO_CONNECTION', 'The account has no broker.');
        const where = { id: found.credentialId, ownerId: found.ownerId };
        return { connection: found, credential: await tx.credential.findUnique({ where }) };
      });
      if (!credential) throw new BrokerRefused('NO_CREDENTIAL', 'The keys of the broker are gone.');
      const keys = `${credential.id} ${credential.updatedAt.toISOString()}`;
      const known = opened.get(accountId);
      if (known?.keys === keys) return { connection, broker: known.broker };
      const secret = await vault.open(credential);
      if (secret === null) throw new BrokerRefused('NO_CREDENTIAL', 'The keys are gone.');
      const broker = await openBroker(connection, secret);
      opened.set(accountId, { keys, broker });
      return { connection, broker };
    },
  };
}
