import { systemViewer } from '../../platform/viewer.ts';
import { runOf, createInsert } from '../../platform/query.ts';
import { ZERO } from '../../platform/money.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Instrument } from '../../platform/prisma/client.ts';
import { ourSymbol } from './venue-symbols.ts';
import type { BrokerInstrument } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';

/** What can be traded at brokers, as instruments of ours. */
export interface VenueInstruments {
  /** Reads all that the venue lists, and makes or changes our instruments. Returns how many. */
  refresh(session: Pick<BrokerSession, 'broker'> & { readonly connection: Venue }): Promise<number>;
  /** The instrument of a venue's symbol; asks the venue for its list when it is not known. */
  bySymbol(session: BrokerSession, symbol: string): Promise<Instrument | undefined>;
}

type Venue = Parameters<typeof ourSymbol>[0];

/** Rows of one statement. */
const CHUNK = 500;

const insertInstruments = createInsert<Instrument>('instruments', {
  id: 'id',
  symbol: 'symbol',
  name: 'name',
  assetClass: 'asset_class',
  currency: 'currency',
  zone: 'zone',
  tickSize: 'tick_size',
  lotSize: 'lot_size',
  isTradable: 'is_tradable',
  source: 'source',
  feeBps: 'fee_bps',
  feePerUnit: 'fee_per_unit',
  feeMinimum: 'fee_minimum',
  calendar: 'calendar',
  createdAt: 'created_at',
});

/** Currency and class stay: what was booked in them would not be true any more. */
const OR_CHANGE = `ON CONFLICT (symbol) DO UPDATE SET name = excluded.name,
  tick_size = excluded.tick_size, lot_size = excluded.lot_size,
  is_tradable = excluded.is_tradable, calendar = excluded.calendar`;

export function createVenueInstruments({
  workerDb,
  clock,
  ids,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}): VenueInstruments {
  const rowOf = (venue: Venue, { symbol, ...listed }: BrokerInstrument): Instrument => ({
    ...listed,
    id: ids.next(),
    symbol: ourSymbol(venue, symbol),
    source: 'BROKER',
    // What a broker charges it tells with each fill.
    ...{ feeBps: ZERO, feePerUnit: ZERO, feeMinimum: ZERO },
    createdAt: clock.now(),
  });
  const find = (symbol: string) =>
    workerDb.snapshot(systemViewer(), (tx) => tx.instrument.findUnique({ where: { symbol } }));

  const refresh: VenueInstruments['refresh'] = async ({ broker, connection }) => {
    const listed = await broker.instruments();
    // In the order of symbols, so that two that refresh at once never wait for each other.
    const rows = listed.map((one) => rowOf(connection, one)).sort(bySymbol);
    for (let begin = 0; begin < rows.length; begin += CHUNK) {
      const { text, values } = insertInstruments(rows.slice(begin, begin + CHUNK));
      const query = { text: `${text} ${OR_CHANGE}`, values };
      await workerDb.withViewer(systemViewer(), (tx) => runOf(tx, query));
    }
    return rows.length;
  };

  return {
    refresh,
    async bySymbol(session, symbol) {
      const ours = ourSymbol(session.connection, symbol);
      const known = await find(ours);
      if (known) return known;
      await refresh(session);
      return (await find(ours)) ?? undefined;
    },
  };
}

const bySymbol = (a: Instrument, b: Instrument): number => (a.symbol < b.symbol ? -1 : 1);
