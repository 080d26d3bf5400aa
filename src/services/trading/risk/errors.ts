import { DomainError } from '../../platform/errors.ts';
import { toText, type Decimal } from '../../platform/money.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';
import { OrderDenied } from '../errors.ts';

/**
 * A kill switch is on. Orders are canceled as ever; none is taken, not even one that closes a
 * position.
 */
export class TradingHalted extends OrderDenied {
  readonly code = 'TRADING_HALTED';
  /** Whose switch it is. */
  readonly scope: RiskScope;
  /** Whether an administrator turned it on; else the owner did, who can turn it off. */
  readonly isByAdministrator: boolean;
  readonly haltReason: string | null;
  readonly since: Date;

  constructor(
    orderId: string | null,
    given: { scope: RiskScope; isByAdministrator: boolean; reason: string | null; since: Date },
  ) {
    const { scope, isByAdministrator, reason, since } = given;
    const by = isByAdministrator ? ' by an administrator' : '';
    const why = reason === null ? '.' : `: ${reason}`;
    super(orderId, `Trading is halted${by} for the ${HALTED[scope]}${why}`);
    this.scope = scope;
    this.isByAdministrator = isByAdministrator;
    this.haltReason = reason;
    this.since = since;
  }
}

const HALTED = { DEPLOYMENT: 'whole deployment', USER: 'person', ACCOUNT: 'account' } as const;

export class SymbolNotAllowed extends OrderDenied {
  readonly code = 'SYMBOL_NOT_ALLOWED';
  readonly symbol: string;

  constructor(orderId: string | null, symbol: string) {
    super(orderId, `${symbol} is not among the instruments that may be traded.`);
    this.symbol = symbol;
  }
}

/** One of the instrument costs more than an order may pay. */
export class InstrumentPriceTooHigh extends OrderDenied {
  readonly code = 'INSTRUMENT_PRICE_TOO_HIGH';
  readonly price: Decimal;
  readonly maximum: Decimal;

  constructor(orderId: string | null, { price, maximum }: { price: Decimal; maximum: Decimal }) {
    super(orderId, `The instrument is at ${toText(price)}; ${toText(maximum)} is the most.`);
    this.price = price;
    this.maximum = maximum;
  }
}

export class OrderValueTooHigh extends OrderDenied {
  readonly code = 'ORDER_VALUE_TOO_HIGH';
  readonly value: Decimal;
  readonly maximum: Decimal;

  constructor(orderId: string | null, { value, maximum }: { value: Decimal; maximum: Decimal }) {
    super(orderId, `The order is worth ${toText(value)}; ${toText(maximum)} is the most.`);
    this.value = value;
    this.maximum = maximum;
  }
}

/** With the order, the position would be too large a share of the equity. */
export class PositionTooLarge extends OrderDenied {
  readonly code = 'POSITION_TOO_LARGE';
  /** Of the position, with the order and all open ones of its side. */
  readonly value: Decimal;
  /** What the share allows of the equity as it is now. */
  readonly maximum: Decimal;
  readonly maximumShare: Decimal;

  constructor(
    orderId: string | null,
    given: { value: Decimal; maximum: Decimal; maximumShare: Decimal },
  ) {
    const { value, maximum, maximumShare } = given;
    const most = `${toText(maximum)} is the most, ${toText(maximumShare.times(100))}% of the equity`;
    super(orderId, `The position would be worth ${toText(value)}; ${most}.`);
    this.value = value;
    this.maximum = maximum;
    this.maximumShare = maximumShare;
  }
}

/**
 * The account has lost as much today as it may: only orders that make a position smaller are taken.
 */
export class DailyLossReached extends OrderDenied {
  readonly code = 'DAILY_LOSS_REACHED';
  readonly loss: Decimal;
  readonly maximum: Decimal;

  constructor(orderId: string | null, { loss, maximum }: { loss: Decimal; maximum: Decimal }) {
    super(orderId, `The account lost ${toText(loss)} today; ${toText(maximum)} is the most.`);
    this.loss = loss;
    this.maximum = maximum;
  }
}

export class TooManyOrders extends OrderDenied {
  readonly code = 'TOO_MANY_ORDERS';
  /** In a minute. */
  readonly maximum: number;
  readonly retryAfterSeconds: number;

  constructor(
    orderId: string | null,
    { maximum, retryAfterSeconds }: { maximum: number; retryAfterSeconds: number },
  ) {
    super(
      orderId,
      `There were ${maximum} orders within a minute. Try again in ${retryAfterSeconds} s.`,
    );
    this.maximum = maximum;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** An administrator halted trading, and the owner would let it go on. */
export class HaltedByAdministrator extends DomainError {
  readonly code = 'HALTED_BY_ADMINISTRATOR';
  readonly haltReason: string | null;
  readonly since: Date;

  constructor({ reason, since }: { reason: string | null; since: Date }) {
    super('An administrator halted trading, and only administrators let it go on.');
    this.haltReason = reason;
    this.since = since;
  }
}
