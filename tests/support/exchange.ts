import { randomUUID } from 'node:crypto';
import { createQuoteBook } from '../../src/services/market/quote-book.ts';
import { createDirectFills } from '../../src/services/trading/direct-fills.ts';
import { createOrders, type OrdersPorts } from '../../src/services/trading/orders.ts';
import {
  createPaperEngine,
  type PaperEnginePorts,
} from '../../src/services/trading/paper-engine.ts';
import type { WantedGroup } from '../../src/services/trading/placement-group.ts';
import type { WantedTerms } from '../../src/services/trading/placement-terms.ts';
import { decimal, type TradingFloor } from './trading-floor.ts';
import type { Database } from '../../src/services/platform/database.ts';
import type { Account, Instrument, Order } from '../../src/services/platform/prisma/client.ts';
import type { OrderSide } from '../../src/services/platform/prisma/enums.ts';
import type { Viewer } from '../../src/services/platform/viewer.ts';

interface QuoteNumbers {
  readonly bid?: string;
  readonly ask?: string;
  readonly bidSize?: string;
  readonly askSize?: string;
  readonly time?: Date;
}

interface TestOrder extends WantedTerms, WantedGroup {
  readonly instrument: Instrument;
  readonly side?: OrderSide;
  readonly quantity: string;
  readonly clientOrderId?: string;
}

/** Quotes, orders and a paper engine over a database, wired as the program wires them. */
export function createExchange(
  { server, worker }: { readonly server: Database; readonly worker: Database },
  floor: TradingFloor,
  given: {
    readonly engine?: Partial<PaperEnginePorts>;
    readonly orders?: Partial<OrdersPorts>;
  } = {},
) {
  const { clock, ids, booking } = floor;
  const quotes = createQuoteBook();
  const errors: { readonly fields: object; readonly message: string }[] = [];
  const logger = {
    error: (fields: object, message: string) => void errors.push({ fields, message }),
  };
  const newEngine = (ports: Partial<PaperEnginePorts> = {}) =>
    createPaperEngine({
      workerDb: worker,
      quotes,
      booking,
      clock,
      ids,
      logger,
      ...given.engine,
      ...ports,
    });
  const engine = newEngine();
  const orders = createOrders({
    db: server,
    clock,
    ids,
    quotes,
    onAccepted: engine.accept,
    onCanceled: engine.drop,
    directFills: createDirectFills({
      ...{ db: server, workerDb: worker, engine, booking, runningMax: 2 },
    }),
    ...given.orders,
  });

  return {
    quotes,
    engine,
    newEngine,
    orders,
    /** What the engine logged. */
    errors,

    async newest(viewer: Viewer, { id }: Pick<Order, 'id'>): Promise<Order> {
      const [order] = await orders.list(viewer, { where: { id } }, {});
      if (!order) throw new Error('The order is gone.');
      return order;
    },

    /** Puts a quote: 99 bid, 101 asked, a thousand of each, now. */
    quote(instrument: Pick<Instrument, 'id' | 'symbol'>, numbers: QuoteNumbers = {}): void {
      const { bid = '99', ask = '101', bidSize = '1000', askSize = '1000' } = numbers;
      quotes.put({
        instrumentId: instrument.id,
        symbol: instrument.symbol,
        bid: decimal(bid),
        ask: decimal(ask),
        last: decimal(bid),
        bidSize: decimal(bidSize),
        askSize: decimal(askSize),
        time: numbers.time ?? clock.now(),
        source: 'SIMULATED',
      });
    },

    place(
      viewer: Viewer,
      account: Pick<Account, 'id'>,
      { instrument, side = 'BUY', quantity, ...order }: TestOrder,
    ): Promise<Order> {
      return orders.place(viewer, {
        ...{ accountId: account.id, symbol: instrument.symbol, side },
        ...{ quantity: decimal(quantity), clientOrderId: randomUUID(), ...order },
      });
    },
  };
}

/** Status, filled quantity and reserved cash of an order. */
export const summaryOf = ({ status, filledQuantity, reserved }: Order): readonly string[] => [
  status,
  filledQuantity.toFixed(),
  reserved.toFixed(),
];
