/** What a fake venue is told to do wrong with the next request for an order. */
export type VenueFault =
  /** Takes the order and never answers. */
  | 'SILENT_AFTER_ACCEPTANCE'
  /** Takes the order and answers that something is broken. */
  | 'BROKEN_AFTER_ACCEPTANCE'
  /** Does nothing, and never answers. */
  | 'SILENT'
  /** Does nothing, and answers that something is broken. */
  | 'BROKEN'
  /** Does nothing, and asks to come back a moment later. */
  | 'BUSY';

/** What is told of an order of the venue's. */
export interface VenueOrder {
  readonly quantity: string;
  readonly filled: string;
  readonly isOpen: boolean;
}

/** The hidden side of a fake venue: what happens there without our doing. */
export interface FakeVenue {
  /** One that can be bought there, in the venue's words. */
  readonly symbol: string;
  /** Cash and holdings as the venue has them, as plain decimals. */
  cash(): string;
  position(symbol: string): string;
  /** The order that it has under the client order id; undefined when it has none. */
  order(clientOrderId: string): VenueOrder | undefined;
  /** Orders that it ever took. */
  orderCount(): number;
  /** Fills a part of an order, and tells it. */
  fill(clientOrderId: string, quantity: string, price: string): void;
  /** Ends what is left of an order, as a person at the venue's own page could, and tells it. */
  end(clientOrderId: string): void;
  /** A purchase that somebody makes there, past us. */
  buyByHand(quantity: string, price: string): void;
  failNext(fault: VenueFault): void;
}
