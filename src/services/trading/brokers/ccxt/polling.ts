import type { Timers } from '../../../platform/timers.ts';
import type { Broker, BrokerFill, BrokerListener, BrokerNews, BrokerOrderRef } from '../broker.ts';

type Asked = Pick<Broker, 'openOrders' | 'newestFill' | 'fillsAfter' | 'find'>;

/**
 * Asks again and again what a stream would tell: fills from where it began, and orders that work no
 * more. After trouble it says that it is connected again, and nothing was missed meanwhile but its
 * own pace.
 */
export function pollExchange(
  broker: Asked,
  { timers, pollMs }: { readonly timers: Timers; readonly pollMs: number },
  listener: BrokerListener,
): () => void {
  let isEnded = false;
  let stopWaiting = (): void => undefined;
  let cursor: string | undefined;
  let isConnected = false;
  let working = new Map<string, BrokerOrderRef>();

  const tell = (news: BrokerNews): void => {
    if (!isEnded) listener.onNews(news);
  };
  const look = async (): Promise<void> => {
    cursor ??= await broker.newestFill();
    const open = await broker.openOrders();
    const told = new Set<string>();
    for (let hasMore = true; hasMore;) {
      const page = await broker.fillsAfter(cursor);
      for (const news of await newsOfFills(broker, page.fills)) {
        tell(news);
        told.add(news.report.brokerOrderId);
      }
      ({ cursor, hasMore } = page);
    }
    const now = new Map(open.map((report) => [report.brokerOrderId, report]));
    for (const [id, order] of working) {
      if (now.has(id) || told.has(id)) continue;
      const report = await broker.find(order);
      if (report) tell({ report, fill: null });
    }
    for (const report of open) {
      const { brokerOrderId } = report;
      if (!working.has(brokerOrderId) && !told.has(brokerOrderId)) tell({ report, fill: null });
    }
    working = now;
  };
  const turn = async (): Promise<void> => {
    try {
      await look();
      if (!isConnected && !isEnded) listener.onConnected();
      isConnected = true;
    } catch (error) {
      isConnected = false;
      if (!isEnded) listener.onTrouble(error);
    }
    if (!isEnded) stopWaiting = timers.after(pollMs, () => void turn());
  };

  void turn();
  return () => {
    isEnded = true;
    stopWaiting();
  };
}

/** Each fill with its order as it was after it, as far as that can be told from how it is now. */
async function newsOfFills(
  broker: Pick<Broker, 'find'>,
  fills: readonly BrokerFill[],
): Promise<BrokerNews[]> {
  const news: BrokerNews[] = [];
  for (const id of new Set(fills.map(({ brokerOrderId }) => brokerOrderId))) {
    const ofOrder = fills.filter(({ brokerOrderId }) => brokerOrderId === id);
    const [first] = ofOrder;
    const report = first && (await broker.find(first));
    // An order that the exchange forgot: its fills are found by who reads the list of them.
    if (!report) continue;
    let left = report.filledQuantity;
    for (const fill of ofOrder.toReversed()) {
      const isLast = left === report.filledQuantity;
      const before = { ...report, status: 'PARTIALLY_FILLED' as const, filledQuantity: left };
      news.unshift({ report: isLast ? report : before, fill });
      left = left.minus(fill.quantity);
    }
  }
  return news;
}
