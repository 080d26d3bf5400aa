import { z } from 'zod';
import type { Vault } from '../../accounts/vault.ts';
import { requireCapability } from '../../accounts/capabilities.ts';
import { requireSecondFactor } from '../../accounts/second-factor.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { Forbidden, NotFound } from '../../platform/errors.ts';
import { idempotent } from '../../platform/idempotency.ts';
import { appendEvents } from '../../platform/outbox.ts';
import { isOnPaper } from '../../platform/owner-filter.ts';
import type { Account, BrokerConnection } from '../../platform/prisma/client.ts';
import type { AuthenticatedViewer, Viewer } from '../../platform/viewer.ts';
import { balanceChanged } from '../../portfolio/events.ts';
import { lockAccount } from '../../portfolio/locks.ts';
import { WORKING } from '../engine/order-state.ts';
import { expectSameAccount } from './account-proof.ts';
import { findKeys, lockConnectionsOf, refuseKeysInUse } from './broker-keys.ts';
import { BrokerRefused, OrdersOpenAtBroker } from './errors.ts';
import type { OpenBroker } from './open-broker.ts';

export interface DisconnectBroker {
  readonly accountId: string;
  readonly idempotencyKey: string;
}

export interface ChangeBrokerKeys extends DisconnectBroker {
  readonly credentialId: string;
}

/**
 * What is done to a connection later on. Both take a fresh second factor, as all that is done with
 * secrets, and are audited. Each throws NotFound for an account that is not the viewer's or is at
 * no broker.
 */
export interface ConnectionChanges {
  /**
   * Follows the account with other keys from here on, once the broker has shown that they are for
   * the same account there. Open orders go on. Throws NotFound for keys that are not the viewer's,
   * InvalidInput for those of another provider, BrokerAlreadyConnected for those of another
   * connection, BrokerAccountMismatch, and the three errors of brokers; the keys of before stay
   * then.
   */
  changeKeys(viewer: Viewer, command: ChangeBrokerKeys): Promise<Account>;
  /**
   * Ends the connection and closes the account, which keeps what it held for the record. Nothing is
   * done at the broker: throws OrdersOpenAtBroker while an order may fill there, since nobody would
   * hear of it.
   */
  disconnect(viewer: Viewer, command: DisconnectBroker): Promise<Account>;
}

export interface ConnectionChangesPorts {
  readonly db: Database;
  readonly vault: Vault;
  readonly openBroker: OpenBroker;
  readonly audit: Audit;
  readonly clock: Clock;
}

const uuid = z.uuid();

export function createConnectionChanges(ports: ConnectionChangesPorts): ConnectionChanges {
  const { db, clock } = ports;
  const permit = (viewer: Viewer): AuthenticatedViewer => {
    const self = requireCapability(viewer, 'TRADE');
    if (isOnPaper(viewer)) throw new Forbidden('A key for tests trades on paper alone.');
    requireSecondFactor(viewer, clock.now());
    return self;
  };
  /** The viewer's own; of administrators too. */
  const accountOf = async (
    { userId: ownerId }: AuthenticatedViewer,
    id: string,
    viewer: Viewer,
  ) => {
    const account = uuid.safeParse(id).success
      ? await db.snapshot(viewer, (tx) => tx.account.findFirst({ where: { id, ownerId } }))
      : null;
    if (!account) throw new NotFound('Account');
    return account;
  };

  return {
    async changeKeys(viewer, { idempotencyKey: key, ...command }) {
      const self = permit(viewer);
      const { accountId, credentialId } = command;
      await accountOf(self, accountId, viewer);
      const connection = await db.snapshot(viewer, (tx) => findConnection(tx, self, accountId));
      const credential = await findKeys(db, viewer, {
        credentialId,
        provider: connection.exchange ?? connection.broker,
      });
      const secret = await ports.vault.open(credential);
      if (secret === null) throw new BrokerRefused('NO_CREDENTIAL', 'The keys are gone.');
      const broker = await ports.openBroker(connection, secret);
      await expectSameAccount(db, viewer, { connection, broker });
      const asked = { ownerId: self.userId, operation: 'changeBrokerKeys', key, command };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, async () => {
          await lockConnectionsOf(tx, self.userId);
          await refuseKeysInUse(tx, credential, accountId);
          const before = await findConnection(tx, self, accountId);
          const where = { accountId, ownerId: self.userId };
          await tx.brokerConnection.updateMany({ where, data: { credentialId } });
          await ports.audit.record(tx, viewer, {
            action: 'account.broker-keys-changed',
            targetType: 'Account',
            targetId: accountId,
            before: { credentialId: before.credentialId },
            after: { credentialId },
          });
          return { accountId };
        }),
      );
      return accountOf(self, accountId, viewer);
    },

    async disconnect(viewer, { accountId, idempotencyKey: key }) {
      const self = permit(viewer);
      await accountOf(self, accountId, viewer);
      const asked = { ownerId: self.userId, operation: 'disconnectBroker', key };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, command: { accountId }, now: clock.now() }, async () => {
          await end(tx, ports, { viewer, self, accountId });
          return { accountId };
        }),
      );
      return accountOf(self, accountId, viewer);
    },
  };
}

async function findConnection(
  tx: Tx,
  { userId: ownerId }: AuthenticatedViewer,
  accountId: string,
): Promise<BrokerConnection> {
  const found = await tx.brokerConnection.findFirst({ where: { accountId, ownerId } });
  if (!found) throw new NotFound('Account');
  return found;
}

interface Ending {
  readonly viewer: Viewer;
  readonly self: AuthenticatedViewer;
  readonly accountId: string;
}

/**
 * Under the account's lock, which every order takes: none is placed between the look and the end.
 */
async function end(
  tx: Tx,
  { audit, clock }: ConnectionChangesPorts,
  { viewer, self, accountId }: Ending,
): Promise<void> {
  const account = await lockAccount(tx, accountId);
  const { broker, exchange, isSandbox, credentialId } = await findConnection(tx, self, accountId);
  const openOrders = await tx.order.count({ where: { accountId, status: { in: [...WORKING] } } });
  if (openOrders > 0) throw new OrdersOpenAtBroker(openOrders);
  if (!account) throw new NotFound('Account');
  await tx.brokerConnection.deleteMany({ where: { accountId, ownerId: self.userId } });
  await tx.$executeRaw`UPDATE accounts SET status = 'CLOSED' WHERE id = ${accountId}::uuid`;
  await appendEvents(tx, [balanceChanged({ ...account, status: 'CLOSED' }, clock.now())]);
  await audit.record(tx, viewer, {
    action: 'account.broker-disconnected',
    targetType: 'Account',
    targetId: accountId,
    before: { broker, exchange, isSandbox, credentialId, status: account.status },
    after: { status: 'CLOSED' },
  });
}
