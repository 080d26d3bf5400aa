import type { Vault } from '../../accounts/vault.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Order } from '../../platform/prisma/client.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Timers } from '../../platform/timers.ts';
import type { Booking } from '../../portfolio/booking.ts';
import { createBackFill } from './back-fill.ts';
import { createBrokerSessions, type BrokerSessions } from './broker-sessions.ts';
import { createDiscrepancies } from './discrepancies.ts';
import { createFollower, type Follower, type FollowerPorts } from './follower.ts';
import { createLostOrders } from './lost-orders.ts';
import { createReconciler } from './reconciler.ts';
import { createSubmissions } from './submissions.ts';
import { createVenueInstruments, type VenueInstruments } from './venue-instruments.ts';
import { createVenueNews } from './venue-news.ts';
import type { OpenBroker } from './open-broker.ts';

export interface BrokerDeskPorts {
  readonly workerDb: Database;
  readonly vault: Vault;
  readonly booking: Pick<Booking, 'prepare'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly openBroker: OpenBroker;
  /** Whether the deployment trades real money. */
  readonly isLiveTrading: boolean;
  readonly reconcileMs: number;
  readonly graceMs?: number;
}

/** Everything between our orders and the venues that they are for. */
export interface BrokerDesk {
  readonly sessions: BrokerSessions;
  readonly instruments: VenueInstruments;
  /**
   * Sends an order that was just admitted. Undefined when there is nothing to tell. Never rejects.
   */
  accept(order: Order): Promise<Order | undefined>;
  /** Asks its venue to end an order that is CANCEL_PENDING. Never rejects. */
  cancel(order: Order): Promise<void>;
  /** Takes the connections that nobody follows, here and from then on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const RENEW_MS = 3_000;
const LEASE_MS = 10_000;

export function createBrokerDesk(ports: BrokerDeskPorts): BrokerDesk {
  const { timers, logger, reconcileMs } = ports;
  const sessions = createBrokerSessions(ports);
  const news = createVenueNews(ports);
  const instruments = createVenueInstruments(ports);
  const submissions = createSubmissions({ ...ports, sessions, news });
  const lostOrders = createLostOrders({ ...ports, news, submissions });
  const backFill = createBackFill({ ...ports, news, instruments });
  const discrepancies = createDiscrepancies(ports);
  const books = { news, backFill, lostOrders, discrepancies };
  const reconciler = createReconciler({ ...ports, ...books });
  const followers = createFollowers({ ...ports, ...books, reconciler, sessions });
  const ends: (() => void)[] = [];

  return {
    sessions,
    instruments,
    accept: (order) => submissions.send(order),
    async cancel(order) {
      try {
        await lostOrders.cancel(await sessions.of(order.accountId), order);
      } catch (err) {
        // Whoever follows the connection asks again.
        logger.warn({ err, orderId: order.id }, 'A cancel did not reach the broker.');
      }
    },
    async start() {
      await followers.renew();
      ends.push(timers.every(RENEW_MS, () => void followers.renew()));
      ends.push(
        timers.every(reconcileMs, () => {
          followers.reconcile();
        }),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await followers.close();
    },
  };
}

interface FollowersPorts
  extends FollowerPorts, Pick<BrokerDeskPorts, 'workerDb' | 'clock' | 'ids'> {
  readonly sessions: BrokerSessions;
}

interface Followed {
  readonly follower: Follower;
  /** Of the keys that it listens with. */
  readonly credentialId: string;
}

/** One follower for each connection that this process has the lease of. */
function createFollowers(ports: FollowersPorts) {
  const { workerDb, clock, ids, sessions, logger } = ports;
  const followerId = ids.next();
  const followers = new Map<string, Followed>();
  let renewal = Promise.resolve();

  /** The accounts whose connections are followed here for the next while, and with which keys. */
  const lease = async (): Promise<ReadonlyMap<string, string>> => {
    const now = clock.now();
    const until = new Date(now.getTime() + LEASE_MS);
    const rows = await workerDb.withViewer(
      systemViewer(),
      (tx) => tx.$queryRaw<{ readonly accountId: string; readonly credentialId: string }[]>`
        UPDATE broker_connections SET follower_id = ${followerId}::uuid, followed_until = ${until}
        WHERE account_id IN (
          SELECT account_id FROM broker_connections
          WHERE followed_until IS NULL OR followed_until <= ${now}
            OR follower_id = ${followerId}::uuid
          ORDER BY account_id FOR UPDATE)
        RETURNING account_id AS "accountId", credential_id AS "credentialId"`,
    );
    return new Map(rows.map(({ accountId, credentialId }) => [accountId, credentialId]));
  };

  const begin = async (accountId: string): Promise<void> => {
    try {
      const session = await sessions.of(accountId);
      const { credentialId } = session.connection;
      followers.set(accountId, { credentialId, follower: createFollower(ports, session) });
    } catch (err) {
      // Keys that are gone are no reason to leave the others alone.
      logger.error({ err, accountId }, 'A broker cannot be followed.');
    }
  };

  const renew = async (): Promise<void> => {
    const held = await lease();
    for (const [accountId, { follower, credentialId }] of followers) {
      // With other keys it listens anew, and finds what it missed in between.
      if (held.get(accountId) === credentialId) continue;
      followers.delete(accountId);
      await follower.close();
    }
    for (const accountId of held.keys()) if (!followers.has(accountId)) await begin(accountId);
    for (const { follower } of followers.values()) follower.look();
  };

  return {
    /** One at a time; one that fails is told, and the next tries again. */
    renew(): Promise<void> {
      renewal = renewal.then(renew).catch((err: unknown) => {
        logger.error({ err }, 'The leases of brokers could not be renewed.');
      });
      return renewal;
    },
    reconcile(): void {
      for (const { follower } of followers.values()) follower.reconcile();
    },
    async close(): Promise<void> {
      await renewal;
      await Promise.all([...followers.values()].map(({ follower }) => follower.close()));
      followers.clear();
      await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$executeRaw`
          UPDATE broker_connections SET followed_until = ${clock.now()}
          WHERE follower_id = ${followerId}::uuid`,
      );
    },
  };
}
