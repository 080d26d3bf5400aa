import { z } from 'zod';
import type { Audit } from '../../audit/audit.ts';
import { requireCapability } from '../../accounts/capabilities.ts';
import { requireSecondFactor } from '../../accounts/second-factor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { Forbidden, InvalidInput, NotFound } from '../../platform/errors.ts';
import { idempotent } from '../../platform/idempotency.ts';
import { accountsOf, isOnPaper } from '../../platform/owner-filter.ts';
import type { Account, BrokerDiscrepancy } from '../../platform/prisma/client.ts';
import type { Viewer } from '../../platform/viewer.ts';
import { parseAccountName } from '../../portfolio/account-settings.ts';
import { findKeys } from './broker-keys.ts';
import { createConnectionChanges, type ConnectionChanges } from './connection-changes.ts';
import {
  openConnection,
  readVenue,
  type ConnectBroker,
  type ConnectionPorts,
} from './open-connection.ts';

export interface SetLiveTrading {
  readonly accountId: string;
  readonly isEnabled: boolean;
  readonly idempotencyKey: string;
}

/** Connections of people's accounts with brokers. Reads show one's own, and administrators all. */
export interface BrokerConnections extends ConnectionChanges {
  /**
   * Makes an account of kind LIVE out of one at a broker, with its cash and what is held there.
   * Throws NotFound for keys that are not the viewer's, InvalidInput, BrokerAlreadyConnected, and
   * the three errors of brokers. A bot with a key for tests is Forbidden.
   */
  connect(viewer: Viewer, command: ConnectBroker): Promise<Account>;
  /**
   * Gives or takes back the account's half of the permission to trade real money. Giving it takes a
   * fresh second factor. Throws NotFound for an account that is not the viewer's or is at no
   * broker.
   */
  setLiveTrading(viewer: Viewer, command: SetLiveTrading): Promise<Account>;
  /** What the books and the broker's disagree about, newest first: at most 100. */
  discrepancies(viewer: Viewer, accountId: string): Promise<readonly BrokerDiscrepancy[]>;
}

export interface BrokerConnectionsPorts extends ConnectionPorts {
  readonly db: Database;
  readonly audit: Audit;
  readonly clock: Clock;
}

const uuid = z.uuid();
const LISTED_MAX = 100;

export function createBrokerConnections(ports: BrokerConnectionsPorts): BrokerConnections {
  const { db, clock } = ports;
  const accountOf = async (viewer: Viewer, id: string): Promise<Account> => {
    const where = { id, ...accountsOf(viewer) };
    const account = await db.snapshot(viewer, (tx) => tx.account.findFirst({ where }));
    if (!account) throw new NotFound('Account');
    return account;
  };

  return {
    ...createConnectionChanges(ports),
    async connect(viewer, wanted) {
      const self = requireCapability(viewer, 'TRADE');
      if (isOnPaper(viewer)) throw new Forbidden('A key for tests trades on paper alone.');
      const command = { ...wanted, name: parseAccountName(wanted.name) };
      const { broker, credentialId } = command;
      const exchange = broker === 'CCXT' ? command.exchange : undefined;
      if ((broker === 'CCXT') !== (command.exchange !== undefined)) {
        throw new InvalidInput(
          'exchange',
          'CCXT needs the id of an exchange, and others have none.',
        );
      }
      const provider = exchange ?? broker;
      const credential = await findKeys(db, viewer, { credentialId, provider });
      const place = { broker, exchange: exchange ?? null, isSandbox: command.isSandbox };
      const venue = await readVenue(ports, { credential, place });
      return accountOf(viewer, await openConnection(ports, { self, command, credential, venue }));
    },

    async setLiveTrading(viewer, { accountId, isEnabled, idempotencyKey: key }) {
      const now = clock.now();
      const self = requireCapability(viewer, 'TRADE');
      if (isEnabled) requireSecondFactor(viewer, now);
      if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
      await accountOf(viewer, accountId);
      const asked = { ownerId: self.userId, operation: 'setLiveTrading', key };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, command: { accountId, isEnabled }, now }, async () => {
          const where = { accountId, ownerId: self.userId };
          const before = await tx.brokerConnection.findFirst({ where });
          if (!before) throw new NotFound('Account');
          await tx.brokerConnection.updateMany({ where, data: { isLiveEnabled: isEnabled } });
          await ports.audit.record(tx, viewer, {
            action: isEnabled ? 'account.live-trading-enabled' : 'account.live-trading-disabled',
            targetType: 'Account',
            targetId: accountId,
            before: { isLiveEnabled: before.isLiveEnabled },
            after: { isLiveEnabled: isEnabled },
          });
          return { accountId };
        }),
      );
      return accountOf(viewer, accountId);
    },

    discrepancies: (viewer, accountId) =>
      db.snapshot(viewer, (tx) =>
        tx.brokerDiscrepancy.findMany({
          where: { accountId },
          orderBy: [{ noticedAt: 'desc' }, { id: 'desc' }],
          take: LISTED_MAX,
        }),
      ),
  };
}
