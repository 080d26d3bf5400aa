import type { Account, BrokerConnection, Instrument } from '../../platform/prisma/client.ts';
import { InvalidInput } from '../../platform/errors.ts';
import type { OrderClass } from '../../platform/prisma/enums.ts';
import type { Query } from '../../platform/query.ts';
import { LiveTradingDisabled } from './errors.ts';
import { missingPermission, type MissingPermission } from './live-permission.ts';
import { venueSymbol } from './venue-symbols.ts';

/** Why an order cannot go where its account is. Text alone, as it is stored beside the order. */
export type VenueRefusal =
  | {
      readonly code: 'INSTRUMENT_NOT_TRADABLE';
      readonly symbol: string;
      /** Where it is the account's kind that is the reason: nothing is ordered there. */
      readonly accountKind?: 'EXTERNAL';
    }
  | { readonly code: 'LIVE_TRADING_DISABLED'; readonly missing: MissingPermission };

type Connected = Pick<BrokerConnection, 'broker' | 'exchange' | 'isSandbox' | 'isLiveEnabled'>;

const CONNECTION = `SELECT broker, exchange, is_sandbox AS "isSandbox",
    is_live_enabled AS "isLiveEnabled"
  FROM broker_connections WHERE account_id = $1::uuid`;

/** Asks the database something within the transaction. */
export type Ask = (query: Query<Connected>) => Promise<readonly Connected[]>;

/** Where an account is connected; none for one that is not at a broker. */
export const connectionOf = (
  ask: Ask,
  { id }: Pick<Account, 'id'>,
): Promise<readonly Connected[]> => ask({ text: CONNECTION, values: [id] });

/**
 * Whether an order may go to where its account is: what is traded here stays here, what is traded
 * at a broker goes to the account there, and real money moves only where both permissions are
 * given. It asks the database for accounts at brokers alone.
 */
export async function judgeVenue(
  ask: Ask,
  {
    account,
    instrument: { symbol, source },
    isLiveTrading,
  }: {
    readonly account: Pick<Account, 'id' | 'kind'>;
    readonly instrument: Pick<Instrument, 'symbol' | 'source'>;
    readonly isLiveTrading: boolean;
  },
): Promise<VenueRefusal | undefined> {
  const notTradable = { code: 'INSTRUMENT_NOT_TRADABLE', symbol } as const;
  if (account.kind === 'PAPER') return source === 'BROKER' ? notTradable : undefined;
  // What is traded elsewhere is reported, and not ordered.
  if (account.kind === 'EXTERNAL') return { ...notTradable, accountKind: account.kind };
  const [connection] = await connectionOf(ask, account);
  if (!connection || venueSymbol(connection, symbol) === undefined) return notTradable;
  const missing = missingPermission(connection, isLiveTrading);
  return missing && { code: 'LIVE_TRADING_DISABLED', missing };
}

/**
 * Throws InvalidInput for orders that belong together at a broker, who would not keep them
 * together.
 */
export function refuseGroupAtBroker(
  { kind }: Pick<Account, 'kind'>,
  { orderClass }: { readonly orderClass: OrderClass },
): void {
  if (orderClass === 'SIMPLE' || kind !== 'LIVE') return;
  throw new InvalidInput('orderClass', 'Groups of orders are not sent to brokers.');
}

export const liveDenialOf = (
  { missing }: Extract<VenueRefusal, { code: 'LIVE_TRADING_DISABLED' }>,
  orderId: string | null,
): LiveTradingDisabled => new LiveTradingDisabled(orderId, missing);
