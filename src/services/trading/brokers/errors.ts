import { DomainError } from '../../platform/errors.ts';
import { OrderDenied } from '../errors.ts';
import type { MissingPermission } from './live-permission.ts';

/** The broker said no. Nothing was done there. */
export class BrokerRefused extends DomainError {
  readonly code = 'BROKER_REFUSED';
  /** In the broker's own words, such as `40310000` or `InsufficientFunds`. */
  readonly reasonCode: string;

  constructor(reasonCode: string, message: string) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

/**
 * No answer, or none that can be trusted: the network failed, it took too long, or the broker has
 * trouble of its own. What was asked for may have been done.
 */
export class BrokerUnreachable extends DomainError {
  readonly code = 'BROKER_UNREACHABLE';

  constructor(message: string, options?: ErrorOptions) {
    super(message);
    this.cause = options?.cause;
  }
}

/**
 * The broker takes no more requests for now. Nothing was done, and the same may be asked for again.
 */
export class BrokerBusy extends DomainError {
  readonly code = 'BROKER_BUSY';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`The broker takes no more requests for ${String(Math.ceil(retryAfterMs / 1_000))} s.`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Real money is not traded here, by the deployment or by the account. */
export class LiveTradingDisabled extends OrderDenied {
  readonly code = 'LIVE_TRADING_DISABLED';
  /** Whose permission is missing: `DEPLOYMENT` or `ACCOUNT`. */
  readonly missing: MissingPermission;

  constructor(orderId: string | null, missing: MissingPermission) {
    super(orderId, `Trading real money is off for this ${missing.toLowerCase()}.`);
    this.missing = missing;
  }
}

/** The broker's account is connected already. */
export class BrokerAlreadyConnected extends DomainError {
  readonly code = 'BROKER_ALREADY_CONNECTED';
  /** The account here that it is connected to. */
  readonly accountId: string;

  constructor(accountId: string) {
    super('An account is connected with these keys already.');
    this.accountId = accountId;
  }
}

/**
 * The venue does not put one order in the place of another: it is canceled there, and placed anew.
 */
export class ReplacementUnsupported extends DomainError {
  readonly code = 'REPLACEMENT_UNSUPPORTED';
  /** Such as `kraken`. */
  readonly venue: string;

  constructor(venue: string) {
    super(`Orders are not replaced at ${venue}: cancel the order, and place another.`);
    this.venue = venue;
  }
}

/**
 * Orders may fill at the broker: they are to be canceled, or to end, before nobody hears of them
 * any more.
 */
export class OrdersOpenAtBroker extends DomainError {
  readonly code = 'ORDERS_OPEN_AT_BROKER';
  readonly openOrders: number;

  constructor(openOrders: number) {
    super(`${String(openOrders)} orders are open at the broker: cancel them first.`);
    this.openOrders = openOrders;
  }
}

/** The keys are for another account at the broker than the one that is connected. */
export class BrokerAccountMismatch extends DomainError {
  readonly code = 'BROKER_ACCOUNT_MISMATCH';

  constructor() {
    super(
      'The keys are for another account at the broker: connect that one as an account of its own.',
    );
  }
}
