import { DomainError } from '../platform/errors.ts';
import { toText, type Decimal } from '../platform/money.ts';
import type { AccountStatus, OrderStatus } from '../platform/prisma/enums.ts';

/**
 * Our own checks refused an order. It is stored as DENIED under this id, and the same client order
 * id gets the same answer again. The id is null where the command could not even be stored as an
 * order.
 */
export abstract class OrderDenied extends DomainError {
  readonly orderId: string | null;

  constructor(orderId: string | null, message: string) {
    super(message);
    this.orderId = orderId;
  }
}

interface Need {
  readonly required: Decimal;
  readonly available: Decimal;
}

/** The account's buying power does not cover the order. */
export class InsufficientFunds extends OrderDenied {
  readonly code = 'INSUFFICIENT_FUNDS';
  readonly required: Decimal;
  /** Cash − cash reserved by open buy orders. */
  readonly available: Decimal;

  constructor(orderId: string | null, { required, available }: Need) {
    super(orderId, `Order needs ${toText(required)}; ${toText(available)} is free.`);
    this.required = required;
    this.available = available;
  }
}

/** More is to be sold, or closed, than is held and not yet in another open order of that side. */
export class InsufficientPosition extends OrderDenied {
  readonly code = 'INSUFFICIENT_POSITION';
  readonly required: Decimal;
  readonly available: Decimal;

  constructor(orderId: string | null, { required, available }: Need, isClosing = false) {
    const [does, done] = isClosing ? ['closes', 'closed'] : ['sells', 'sold'];
    super(orderId, `Order ${does} ${toText(required)}; ${toText(available)} can be ${done}.`);
    this.required = required;
    this.available = available;
  }
}

export class InstrumentNotTradable extends OrderDenied {
  readonly code = 'INSTRUMENT_NOT_TRADABLE';
  readonly symbol: string;

  constructor(orderId: string | null, symbol: string, accountKind?: 'EXTERNAL') {
    const where = accountKind && ` in an ${accountKind} account: its trades are reported`;
    super(orderId, `${symbol} cannot be traded${where ?? ''}.`);
    this.symbol = symbol;
  }
}

/** Not positive, not on the instrument's lot, or beyond what an order may have. */
export class InvalidQuantity extends OrderDenied {
  readonly code = 'INVALID_QUANTITY';
  /**
   * What a quantity must be a multiple of; null when it was refused before the instrument was read.
   */
  readonly lotSize: Decimal | null;

  /** `symbol` is told where one of many positions is meant. */
  constructor(
    orderId: string | null,
    quantity: Decimal,
    lotSize: Decimal | null,
    symbol: string | null = null,
  ) {
    const what = symbol === null ? toText(quantity) : `${toText(quantity)} of ${symbol}`;
    super(
      orderId,
      lotSize
        ? `The quantity ${what} is not a multiple of ${toText(lotSize)}.`
        : `The quantity must be above 0, below 1e15, and have at most 18 decimals.`,
    );
    this.lotSize = lotSize;
  }
}

/** A price that is not on the instrument's tick. */
export class InvalidPrice extends OrderDenied {
  readonly code = 'INVALID_PRICE';
  /** `limitPrice` or `stopPrice`. */
  readonly field: string;
  /** What a price must be a multiple of. */
  readonly tickSize: Decimal;

  constructor(
    orderId: string | null,
    { field, price, tickSize }: { field: string; price: Decimal; tickSize: Decimal },
  ) {
    super(orderId, `The ${field} ${toText(price)} is not a multiple of ${toText(tickSize)}.`);
    this.field = field;
    this.tickSize = tickSize;
  }
}

/** A price of a leg, or the distance of a trailing stop, on the wrong side of what it goes by. */
export class PriceOnWrongSide extends OrderDenied {
  readonly code = 'PRICE_ON_WRONG_SIDE';
  /** `takeProfit.limitPrice`, `stopLoss.stopPrice`, `trailAmount` or `trailPercent`. */
  readonly field: string;
  readonly price: Decimal;
  readonly where: 'ABOVE' | 'BELOW';
  /** What it must be above or below. */
  readonly reference: Decimal;

  constructor(
    orderId: string | null,
    given: Pick<PriceOnWrongSide, 'field' | 'price' | 'where' | 'reference'>,
  ) {
    const { field, price, where, reference } = given;
    const must = `must be ${where.toLowerCase()} ${toText(reference)}`;
    super(orderId, `The ${field} ${toText(price)} ${must}.`);
    this.field = field;
    this.price = price;
    this.where = where;
    this.reference = reference;
  }
}

/** The notional does not buy or sell a single lot. */
export class NotionalTooSmall extends OrderDenied {
  readonly code = 'NOTIONAL_TOO_SMALL';
  readonly notional: Decimal;
  /** One lot at the price of now. */
  readonly minimum: Decimal;

  constructor(
    orderId: string | null,
    { notional, minimum }: { readonly notional: Decimal; readonly minimum: Decimal },
  ) {
    super(orderId, `${toText(notional)} is too little: one lot is ${toText(minimum)}.`);
    this.notional = notional;
    this.minimum = minimum;
  }
}

/** A limit so much worse than the market (or than the stop) that it must be a mistake. */
export class PriceOutOfRange extends OrderDenied {
  readonly code = 'PRICE_OUT_OF_RANGE';
  /** The limit that was asked for. */
  readonly price: Decimal;
  /** The worst that is taken now. */
  readonly worst: Decimal;

  constructor(orderId: string | null, { price, worst }: { price: Decimal; worst: Decimal }) {
    super(orderId, `The limit ${toText(price)} is beyond ${toText(worst)}, the worst taken now.`);
    this.price = price;
    this.worst = worst;
  }
}

/** The instrument is in another currency than the account. */
export class CurrencyMismatch extends OrderDenied {
  readonly code = 'CURRENCY_MISMATCH';
  readonly accountCurrency: string;
  readonly instrumentCurrency: string;

  constructor(
    orderId: string | null,
    currencies: { readonly account: string; readonly instrument: string },
  ) {
    super(
      orderId,
      `The account is in ${currencies.account}, the instrument in ${currencies.instrument}.`,
    );
    this.accountCurrency = currencies.account;
    this.instrumentCurrency = currencies.instrument;
  }
}

export class AccountNotActive extends OrderDenied {
  readonly code = 'ACCOUNT_NOT_ACTIVE';
  readonly status: AccountStatus;

  constructor(orderId: string | null, status: AccountStatus) {
    super(orderId, `The account is ${status}.`);
    this.status = status;
  }
}

/** There is no price that is fresh enough to judge the order by. */
export class NoQuote extends OrderDenied {
  readonly code = 'NO_QUOTE';
  readonly symbol: string;

  constructor(orderId: string | null, symbol: string) {
    super(orderId, `There is no fresh quote of ${symbol}.`);
    this.symbol = symbol;
  }
}

/** There is no position to close. */
export class NothingHeld extends DomainError {
  readonly code = 'NOTHING_HELD';
  readonly symbol: string;

  constructor(symbol: string) {
    super(`The account holds no ${symbol}.`);
    this.symbol = symbol;
  }
}

/**
 * Open orders of the instrument are at a broker, where they may be filled until it has canceled
 * them.
 */
export class OrdersAtBroker extends DomainError {
  readonly code = 'ORDERS_AT_BROKER';
  readonly symbol: string;

  constructor(symbol: string) {
    super(`Open orders of ${symbol} are at the broker: cancel them first.`);
    this.symbol = symbol;
  }
}

/** A switch watches over a socket; the request came over none. */
export class SocketRequired extends DomainError {
  readonly code = 'SOCKET_REQUIRED';

  constructor() {
    super('This is for a WebSocket alone.');
  }
}

/** The order is not working any more. */
export class OrderNotCancelable extends DomainError {
  readonly code = 'ORDER_NOT_CANCELABLE';
  readonly orderId: string;
  readonly status: OrderStatus;

  constructor(orderId: string, status: OrderStatus) {
    super(`The order is ${status}.`);
    this.orderId = orderId;
    this.status = status;
  }
}

/** The order cannot be replaced: it has ended or is set off, or so much of it is filled already. */
export class OrderNotReplaceable extends DomainError {
  readonly code = 'ORDER_NOT_REPLACEABLE';
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly filledQuantity: Decimal;

  constructor(
    orderId: string,
    given: {
      readonly status: OrderStatus;
      readonly filledQuantity: Decimal;
      /** The order that took its place. */
      readonly replacedById?: string | null | undefined;
    },
  ) {
    const { status, filledQuantity, replacedById } = given;
    const by = replacedById ? `; order ${replacedById} took its place` : '';
    super(`The order is ${status}, with ${toText(filledQuantity)} filled${by}.`);
    this.orderId = orderId;
    this.status = status;
    this.filledQuantity = filledQuantity;
  }
}
