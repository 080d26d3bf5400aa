import { createOrderNews } from './order-news.ts';
import { createRestingOrders, type OpenOrder } from './resting-orders.ts';
import type { BestPrices } from './engine/order-terms.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';

interface Entry {
  order: OpenOrder;
  failures: number;
  /** Not tried before this time of the clock. */
  notBeforeMs: number;
}

/** The open orders of one instrument, and who waits for news of them. */
export interface OrderQueue {
  /** Takes an order; one that is there already stays as it is. */
  add(order: OpenOrder): void;
  /** Takes an order as it is now, in the place of what was known of it. */
  put(order: OpenOrder): void;
  /** Prices were seen: trailing stops follow each of them, whether orders are looked for or not. */
  see(prices: BestPrices): void;
  /** Trailing stops that may have moved since this was last asked, each with its stop as it stands. */
  moved(): readonly OpenOrder[];
  /** The next news of an order that was added. */
  newsOf(orderId: string): Promise<Order | undefined>;
  /**
   * Those to try now, in the order in which they are to be tried: what has ended by itself, then what the
   * prices reach.
   */
  due(prices: BestPrices | undefined): readonly OpenOrder[];
  /** What the last try left of an order; undefined when there was nothing to try it with. */
  tried(
    orderId: string,
    after: { readonly order: Order; readonly remaining: Decimal } | undefined,
  ): void;
  /** An order is not tried before a time of the clock: what has been sent has not arrived. */
  postpone(orderId: string, untilMs: number): void;
  /**
   * When to look for orders even if no quote comes, in milliseconds of the clock: an order ends by itself,
   * or one that was put off can be tried. Undefined when there is nothing to wait for.
   */
  wakesAtMs(): number | undefined;
  /** The order is not to be filled any more. */
  remove(orderId: string, order: Order | undefined): void;
  /**
   * A try failed unexpectedly: it is repeated later, and logged. From the twentieth on the order is stuck:
   * it is tried every five minutes, since what it holds back must not be held for good, and no more is said.
   */
  failed(orderId: string, error: unknown): void;
  /** Who waits now. Calling the answer tells those of them who still wait that there is no news. */
  waiting(): () => void;
  /** Forgets all of them, and lets nobody wait. */
  clear(): void;
}

const FAILURES_MAX = 20;
const BACK_OFF_MS = 100;
const BACK_OFF_MAX_MS = 30_000;
const STUCK_MS = 5 * 60_000;

export function createOrderQueue({
  clock,
  logger,
  tickSize,
}: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** Of the instrument: trailing stops stand on it. */
  readonly tickSize: Decimal;
}): OrderQueue {
  const entries = new Map<string, Entry>();
  const resting = createRestingOrders({ tickSize });
  const news = createOrderNews();
  /** When orders that were put off can be tried. They are few. */
  const postponed = new Map<string, number>();

  const postpone = (entry: Entry, untilMs: number): void => {
    entry.notBeforeMs = untilMs;
    postponed.set(entry.order.id, untilMs);
  };
  const remove = (orderId: string, order: Order | undefined): void => {
    const entry = entries.get(orderId);
    if (!entry) return;
    entries.delete(orderId);
    postponed.delete(orderId);
    resting.remove(entry.order);
    news.tell(orderId, order);
  };

  const add = (order: OpenOrder): void => {
    entries.set(order.id, { order, failures: 0, notBeforeMs: 0 });
    resting.add(order);
  };
  /** What is kept of it, with the stop that it has trailed to. */
  const keep = (entry: Entry, changed: Partial<OpenOrder>): void => {
    const standing = resting.standingOf(entry.order);
    resting.remove(entry.order);
    entry.order = { ...standing, ...changed };
    resting.add(entry.order);
  };

  return {
    add(order) {
      if (!entries.has(order.id)) add(order);
    },
    put(order) {
      const entry = entries.get(order.id);
      if (entry) keep(entry, { status: order.status, remaining: order.remaining });
      else add(order);
    },
    see: (prices) => {
      resting.follow(prices);
    },
    moved: () => resting.moved(),
    newsOf: (orderId) => (entries.has(orderId) ? news.of(orderId) : Promise.resolve(undefined)),
    due(prices) {
      const now = clock.now();
      const isDue = ({ id }: OpenOrder) => (entries.get(id)?.notBeforeMs ?? 0) <= now.getTime();
      return [...resting.expiredBy(now), ...resting.reachedBy(prices)].filter(isDue);
    },
    tried(orderId, after) {
      const entry = entries.get(orderId);
      if (!entry) return;
      if (after) {
        entry.failures = 0;
        keep(entry, { status: after.order.status, remaining: after.remaining });
      }
      news.tell(orderId, after?.order);
    },
    postpone(orderId, untilMs) {
      const entry = entries.get(orderId);
      if (!entry) return;
      postpone(entry, untilMs);
      news.tell(orderId, undefined);
    },
    wakesAtMs() {
      const now = clock.now().getTime();
      for (const [id, untilMs] of postponed) if (untilMs <= now) postponed.delete(id);
      const times = [...postponed.values()];
      const end = resting.nextEnd();
      if (end) times.push(end.getTime());
      return times.length > 0 ? Math.min(...times) : undefined;
    },
    remove,
    failed(orderId, error) {
      const entry = entries.get(orderId);
      if (!entry) return;
      entry.failures += 1;
      postpone(entry, clock.now().getTime() + pauseAfter(entry.failures));
      news.tell(orderId, undefined);
      const { failures } = entry;
      if (failures > FAILURES_MAX) return;
      const isStuck = failures === FAILURES_MAX;
      logger.error({ err: error, orderId, failures, isStuck }, 'An order could not be filled.');
    },
    waiting: () => news.waiting(),
    clear() {
      for (const orderId of [...entries.keys()]) remove(orderId, undefined);
    },
  };
}

function pauseAfter(failures: number): number {
  if (failures >= FAILURES_MAX) return STUCK_MS;
  return Math.min(BACK_OFF_MS * 2 ** failures, BACK_OFF_MAX_MS);
}
