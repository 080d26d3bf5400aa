import { systemViewer } from '../../platform/viewer.ts';
import type { Database } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import type { BrokerFill } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';
import type { VenueInstruments } from './venue-instruments.ts';
import type { VenueNews } from './venue-news.ts';

export interface BackFillPorts {
  readonly workerDb: Database;
  readonly news: VenueNews;
  readonly instruments: VenueInstruments;
  readonly logger: Pick<Logger, 'error'>;
}

export interface BackFill {
  /** Books all fills after the cursor of the connection, and moves it on page by page. */
  read(session: BrokerSession): Promise<void>;
  /** Books one fill that was told, with the client order id that came with it. */
  book(session: BrokerSession, fill: BrokerFill, clientOrderId: string | null): Promise<void>;
}

export function createBackFill({ workerDb, news, instruments, logger }: BackFillPorts): BackFill {
  const book: BackFill['book'] = async (session, fill, clientOrderId) => {
    const { connection } = session;
    const instrument = await instruments.bySymbol(session, fill.symbol);
    if (!instrument) {
      // Positions and cash disagree from here on, and are flagged.
      const { brokerTradeId, symbol } = fill;
      logger.error({ brokerTradeId, symbol }, 'A broker filled what it does not list.');
      return;
    }
    const { feeElsewhere } = fill;
    const feeInstrument = feeElsewhere
      ? await instruments.bySymbol(session, feeElsewhere.symbol)
      : undefined;
    await news.fill(connection.accountId, fill, { instrument, feeInstrument, clientOrderId });
  };

  /** Activities name the broker's order alone: who does not know it yet asks whose it is. */
  const clientOrderIdOf = async (session: BrokerSession, fill: BrokerFill) => {
    const { accountId } = session.connection;
    const { brokerOrderId } = fill;
    const known = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.order.findFirst({ where: { accountId, brokerOrderId } }),
    );
    if (known) return null;
    return (await session.broker.find(fill))?.clientOrderId ?? null;
  };

  return {
    book,
    async read(session) {
      const { accountId } = session.connection;
      const stored = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.brokerConnection.findUniqueOrThrow({ where: { accountId } }),
      );
      let cursor = stored.newsCursor ?? '';
      let hasMore = true;
      while (hasMore) {
        const page = await session.broker.fillsAfter(cursor);
        for (const fill of page.fills) {
          await book(session, fill, await clientOrderIdOf(session, fill));
        }
        hasMore = page.hasMore;
        if (page.cursor === cursor) return;
        cursor = page.cursor;
        await workerDb.withViewer(systemViewer(), (tx) =>
          tx.brokerConnection.updateMany({ where: { accountId }, data: { newsCursor: cursor } }),
        );
      }
    },
  };
}
