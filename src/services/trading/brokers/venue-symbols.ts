import type { BrokerKind } from '../../platform/prisma/enums.ts';

/** What is traded where: the venue's symbol and the name of the venue, such as `AAPL.ALPACA`. */
interface Venue {
  readonly broker: BrokerKind;
  /** Of CCXT: the exchange's id. */
  readonly exchange: string | null;
}

const suffixOf = ({ broker, exchange }: Venue): string =>
  `.${(broker === 'CCXT' && exchange !== null ? exchange : broker).toUpperCase()}`;

/** The symbol that an instrument of a venue has here. */
export const ourSymbol = (venue: Venue, symbol: string): string => symbol + suffixOf(venue);

/**
 * The symbol that an instrument of ours has at a venue; undefined for one that is traded elsewhere.
 */
export function venueSymbol(venue: Venue, symbol: string): string | undefined {
  const suffix = suffixOf(venue);
  return symbol.endsWith(suffix) ? symbol.slice(0, -suffix.length) : undefined;
}
