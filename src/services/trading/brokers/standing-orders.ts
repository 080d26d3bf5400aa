import { systemViewer } from '../../platform/viewer.ts';
import { isWorking } from '../engine/order-state.ts';
import { BrokerBusy, BrokerRefused, BrokerUnreachable } from './errors.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { Database } from '../../platform/database.ts';
import type { Order } from '../../platform/prisma/client.ts';
import type { BrokerOrder, StandingOrder } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';
import type { VenueNews } from './venue-news.ts';

/**
 * The order whose place this one is to take, as the venue is told of it; undefined for one that is
 * placed anew. Throws BrokerRefused when it has ended: there is no place to take.
 */
export async function standingOf(
  workerDb: Database,
  { replacesId }: Order,
  { symbol }: BrokerOrder,
): Promise<StandingOrder | undefined> {
  if (replacesId === null) return undefined;
  const { brokerOrderId, quantity, filledQuantity, status } = await find(workerDb, replacesId);
  if (brokerOrderId === null || !isWorking(status)) {
    throw new BrokerRefused('NOT_REPLACED', `The order whose place it was to take is ${status}.`);
  }
  return { brokerOrderId, symbol, quantity, filledQuantity };
}

/**
 * Asks what became of the order whose place another was sent to take, and writes it down. When the
 * venue does not say, its news tell it later, or the reconciler asks again.
 */
export async function lookAtStanding(
  { workerDb, news }: { readonly workerDb: Database; readonly news: VenueNews },
  { broker, connection }: BrokerSession,
  { replacesId }: Pick<Order, 'replacesId'>,
): Promise<void> {
  if (replacesId === null) return;
  const { brokerOrderId, accountId, instrument } = await find(workerDb, replacesId);
  const symbol = venueSymbol(connection, instrument.symbol);
  if (brokerOrderId === null || symbol === undefined) return;
  try {
    const report = await broker.find({ brokerOrderId, symbol });
    if (report) await news.report(accountId, report);
  } catch (error) {
    const kinds = [BrokerRefused, BrokerUnreachable, BrokerBusy];
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

const find = (workerDb: Database, id: string) =>
  workerDb.snapshot(systemViewer(), (tx) =>
    tx.order.findUniqueOrThrow({
      where: { id },
      include: { instrument: { select: { symbol: true } } },
    }),
  );
