import type { Decimal } from '../../platform/money.ts';
import type {
  AssetClass,
  MarketCalendar,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
  TradeLiquidity,
} from '../../platform/prisma/enums.ts';

/*
 * What trading needs of a venue that is not ours. An adapter knows the venue's words and nothing of
 * our books; it keeps no state but its connection. Our own paper engine is no adapter: it fills
 * under leases in the transaction of its books, so that there is nothing to reconcile
 * (ARCHITECTURE, "Who fills").
 */

/** An order as a venue is asked for it. */
export interface BrokerOrder {
  /** Ours, unique at the venue: the order is found by it when an answer is lost. */
  readonly clientOrderId: string;
  /** The venue's own, such as `AAPL` or `BTC/USDT`. */
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly trailAmount: Decimal | null;
  readonly trailPercent: Decimal | null;
}

/** How to name an order to a venue; some want its symbol as well. */
export interface BrokerOrderRef {
  readonly brokerOrderId: string;
  readonly symbol: string;
}

/** An order whose place another is to take, as we know it. */
export interface StandingOrder extends BrokerOrderRef {
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
}

/** States that a venue can report: those of ours that are not our own affair. */
export type ReportedStatus = Exclude<OrderStatus, 'PENDING' | 'SUBMITTED' | 'DENIED' | 'UNKNOWN'>;

/** An order as the venue has it. */
export interface OrderReport extends BrokerOrderRef {
  /** Whatever the order was placed with; not ours when somebody placed it at the venue itself. */
  readonly clientOrderId: string | null;
  readonly side: OrderSide;
  readonly status: ReportedStatus;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  /** Why it was rejected or ended, in the venue's words. */
  readonly reason: string | null;
  /** Of the change, by the venue's clock. */
  readonly time: Date;
}

/** So much of an instrument of the venue, and what one of it was worth. */
export interface FeeElsewhere {
  readonly symbol: string;
  /** Positive. */
  readonly quantity: Decimal;
  readonly price: Decimal;
}

/** A fill as the venue has it. */
export interface BrokerFill extends BrokerOrderRef {
  /**
   * The same for the same fill, whichever way it is told: by the stream, a back-fill or the
   * reconciler. The books take each one once.
   */
  readonly brokerTradeId: string;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** In the currency of the account; not negative. */
  readonly fee: Decimal;
  /**
   * What the venue took of the instrument itself, as crypto exchanges do of a purchase; not
   * negative.
   */
  readonly feeQuantity: Decimal;
  /** What it took of something else that is held, such as an exchange's own coin. */
  readonly feeElsewhere: FeeElsewhere | null;
  readonly liquidity: TradeLiquidity | null;
  readonly executedAt: Date;
}

export interface FillPage {
  /** Oldest first. */
  readonly fills: readonly BrokerFill[];
  /** Where the next page begins. */
  readonly cursor: string;
  readonly hasMore: boolean;
}

export interface BrokerPosition {
  readonly symbol: string;
  /** Negative for a short one; never zero. */
  readonly quantity: Decimal;
  /** Average cost; null where the venue does not keep one. */
  readonly averagePrice: Decimal | null;
}

export interface BrokerQuote {
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly bidSize: Decimal;
  readonly askSize: Decimal;
  readonly time: Date;
}

export interface BrokerInstrument {
  readonly symbol: string;
  readonly name: string;
  readonly assetClass: AssetClass;
  readonly currency: string;
  /** IANA zone of its sessions. */
  readonly zone: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly isTradable: boolean;
  readonly calendar: MarketCalendar;
}

/**
 * What a venue tells by itself: an order as it is now, and the fill that changed it if it was one.
 */
export interface BrokerNews {
  readonly report: OrderReport;
  readonly fill: BrokerFill | null;
}

export interface BrokerListener {
  /**
   * News flow from here on; what happened before is to be asked for. Called again after each gap.
   */
  readonly onConnected: () => void;
  readonly onNews: (news: BrokerNews) => void;
  /** The connection is lost, or told nonsense. It goes on trying by itself. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * One account at a venue. Every method throws {@link BrokerRefused} for a definite no,
 * {@link BrokerUnreachable} when nobody knows what the venue did, and {@link BrokerBusy} when it
 * took nothing for now (brokers/errors.ts).
 */
export interface Broker {
  /** Currency of the account. */
  readonly currency: string;
  /**
   * Sends it once. Only after BrokerBusy may the same be sent again without looking for it first.
   */
  submit(order: BrokerOrder): Promise<OrderReport>;
  /**
   * Asks for an order in the place of one that works, for its own quantity: what is filled of the
   * other one by then stays with that. Sent once, like `submit`. The answer is that of the new
   * order; whether the other one has ended is told by the news. Throws BrokerRefused where the
   * venue has no such thing.
   */
  replace(standing: StandingOrder, order: BrokerOrder): Promise<OrderReport>;
  /** Asks for the end of an order; whether it came is told by the news. */
  cancel(order: BrokerOrderRef): Promise<void>;
  /** Null when the venue has none. */
  findByClientOrderId(order: {
    readonly clientOrderId: string;
    readonly symbol: string;
  }): Promise<OrderReport | null>;
  find(order: BrokerOrderRef): Promise<OrderReport | null>;
  /** All that still work. */
  openOrders(): Promise<readonly OrderReport[]>;
  /** The cursor after the newest fill there is. */
  newestFill(): Promise<string>;
  /** What was filled after the cursor. */
  fillsAfter(cursor: string): Promise<FillPage>;
  positions(): Promise<readonly BrokerPosition[]>;
  /** Settled or not; without what positions are worth. */
  cash(): Promise<Decimal>;
  /** Null when there is none. */
  quote(symbol: string): Promise<BrokerQuote | null>;
  instruments(): Promise<readonly BrokerInstrument[]>;
  /** Listens until the answer is called. */
  follow(listener: BrokerListener): () => void;
}
