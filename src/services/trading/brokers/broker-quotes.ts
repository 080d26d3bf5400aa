import type { QuoteBook } from '../../market/quote-book.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Viewer } from '../../platform/viewer.ts';
import { BrokerBusy, BrokerRefused, BrokerUnreachable } from './errors.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { BrokerSessions } from './broker-sessions.ts';
import type { VenueInstruments } from './venue-instruments.ts';

export interface BrokerQuotes {
  /**
   * Puts the price that an order at a broker is judged by into the quote book: asked of the broker,
   * as of now. Does nothing for what is not traded at a broker, and none when the broker does not
   * tell: the gate refuses then what needs a price.
   */
  refresh(
    viewer: Viewer,
    order: { readonly accountId: string; readonly symbol: string },
  ): Promise<void>;
}

/** What is traded here, and needs no asking. */
const SIMULATED = /\.SIM$/;

export function createBrokerQuotes({
  sessions,
  instruments,
  quotes,
  clock,
}: {
  readonly sessions: BrokerSessions;
  readonly instruments: Pick<VenueInstruments, 'bySymbol'>;
  readonly quotes: Pick<QuoteBook, 'put'>;
  readonly clock: Clock;
}): BrokerQuotes {
  return {
    async refresh(viewer, { accountId, symbol }) {
      if (SIMULATED.test(symbol) || !symbol.includes('.')) return;
      try {
        const session = await sessions.of(accountId);
        if (session.connection.ownerId !== viewer.userId) return;
        const there = venueSymbol(session.connection, symbol);
        if (there === undefined) return;
        const instrument = await instruments.bySymbol(session, there);
        const quote = await session.broker.quote(there);
        if (!instrument || !quote) return;
        // It stands until the venue has another: it is as fresh as the answer.
        const { id: instrumentId } = instrument;
        const { bid, ask, bidSize, askSize } = quote;
        quotes.put({
          ...{ instrumentId, symbol, bid, ask, bidSize, askSize, last: bid },
          ...{ time: clock.now(), source: 'BROKER' },
        });
      } catch (error) {
        const isExpected = [BrokerRefused, BrokerUnreachable, BrokerBusy].some(
          (kind) => error instanceof kind,
        );
        if (!isExpected) throw error;
      }
    },
  };
}
