import type { Vault } from '../../accounts/vault.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { idempotent } from '../../platform/idempotency.ts';
import { isCurrency, ZERO } from '../../platform/money.ts';
import type { BrokerKind } from '../../platform/prisma/enums.ts';
import { systemViewer, type AuthenticatedViewer } from '../../platform/viewer.ts';
import type { Booking } from '../../portfolio/booking.ts';
import type { Portfolios } from '../../portfolio/portfolios.ts';
import { lockConnectionsOf, refuseKeysInUse, type Keys } from './broker-keys.ts';
import { BrokerRefused } from './errors.ts';
import { readOpeningBalance, startingCashOf, type OpeningBalance } from './taken-in.ts';
import { ourSymbol } from './venue-symbols.ts';
import type { Broker } from './broker.ts';
import type { BrokerPlace, OpenBroker } from './open-broker.ts';
import type { VenueInstruments } from './venue-instruments.ts';

export interface ConnectBroker {
  /** What the account is called here. 1 to 100 characters. */
  readonly name: string;
  readonly broker: BrokerKind;
  /** Of CCXT: the exchange's id, such as `kraken`. */
  readonly exchange?: string;
  readonly isSandbox: boolean;
  readonly credentialId: string;
  readonly idempotencyKey: string;
}

export interface ConnectionPorts {
  readonly workerDb: Database;
  readonly vault: Vault;
  readonly openBroker: OpenBroker;
  readonly instruments: Pick<VenueInstruments, 'refresh'>;
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly booking: Pick<Booking, 'bookTrade'>;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** An account at a venue, as it was when it was read. */
interface VenueAccount {
  readonly place: BrokerPlace;
  readonly broker: Broker;
  readonly balance: OpeningBalance;
}

/** Asks the broker for all that an account is made of, before anything is written. */
export async function readVenue(
  { vault, openBroker, instruments }: ConnectionPorts,
  { credential, place }: { readonly credential: Keys; readonly place: BrokerPlace },
): Promise<VenueAccount> {
  const secret = await vault.open(credential);
  if (secret === null) throw new BrokerRefused('NO_CREDENTIAL', 'The keys are gone.');
  const broker = await openBroker(place, secret);
  const { currency } = broker;
  if (!isCurrency(currency)) {
    throw new BrokerRefused('UNSUPPORTED_CURRENCY', `Accounts in ${currency} are not kept here.`);
  }
  const balance = await readOpeningBalance(broker);
  await instruments.refresh({ broker, connection: place });
  return { place, broker, balance };
}

/** Of its trading days (DOMAIN, "Money and time"). */
const ZONE = 'America/Chicago';

interface Opening {
  readonly self: AuthenticatedViewer;
  readonly command: ConnectBroker;
  readonly credential: Keys;
  readonly venue: VenueAccount;
}

/**
 * Makes the account, takes in what is held, and ties it to the broker, all at once. Returns its id.
 */
export async function openConnection(ports: ConnectionPorts, opening: Opening): Promise<string> {
  const { workerDb, clock } = ports;
  const { idempotencyKey: key, ...command } = opening.command;
  const { userId: ownerId } = opening.self;
  // Only the worker's role may deposit into an account that is not on paper.
  const { outcome } = await workerDb.withViewer(systemViewer(), (tx) =>
    idempotent(
      tx,
      { ownerId, operation: 'connectBroker', key, command, now: clock.now() },
      async () => {
        await lockConnectionsOf(tx, ownerId);
        await refuseKeysInUse(tx, opening.credential);
        return { accountId: await open(tx, ports, opening) };
      },
    ),
  );
  return outcome.accountId;
}

async function open(tx: Tx, ports: ConnectionPorts, opening: Opening): Promise<string> {
  const { self, command, credential, venue } = opening;
  const { place, broker, balance } = venue;
  const now = ports.clock.now();
  const { currency } = broker;
  const held = await heldOf(tx, venue);
  const startingCash = startingCashOf({ cash: balance.cash, positions: held }, currency);
  if (startingCash.isNegative()) {
    throw new InvalidInput('credentialId', 'The account at the broker owes more than it holds.');
  }
  const { userId: ownerId } = self;
  const account = await ports.portfolios.open(tx, {
    ...{ ownerId, name: command.name, kind: 'LIVE', currency, zone: ZONE },
    ...{ startingCash, occurredAt: now },
  });
  for (const { instrument, quantity, price } of held) {
    await ports.booking.bookTrade(tx, {
      ...{ account, instrument, price, source: 'CORRECTION', executedAt: now },
      side: quantity.isNegative() ? 'SELL' : 'BUY',
      quantity: quantity.abs(),
      fee: ZERO,
    });
  }
  const { id: credentialId } = credential;
  await tx.brokerConnection.create({
    data: {
      ...{ accountId: account.id, ownerId, ...place, credentialId },
      ...{ newsCursor: balance.cursor, createdAt: now },
    },
  });
  await ports.audit.record(tx, self, {
    action: 'account.broker-connected',
    targetType: 'Account',
    targetId: account.id,
    after: { ...place, credentialId },
  });
  return account.id;
}

/**
 * What can be taken in: what is listed here in the account's currency. The reconciler flags the
 * rest.
 */
async function heldOf(tx: Tx, { place, broker, balance }: VenueAccount) {
  const symbols = balance.positions.map(({ symbol }) => ourSymbol(place, symbol));
  const rows = await tx.instrument.findMany({ where: { symbol: { in: symbols } } });
  const known = new Map(rows.map((instrument) => [instrument.symbol, instrument]));
  return balance.positions.flatMap((position) => {
    const instrument = known.get(ourSymbol(place, position.symbol));
    return instrument?.currency === broker.currency ? [{ ...position, instrument }] : [];
  });
}
