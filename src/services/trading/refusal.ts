import { Decimal } from '../platform/money.ts';
import {
  AccountNotActive,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidPrice,
  InvalidQuantity,
  NoQuote,
  NotionalTooSmall,
  PriceOnWrongSide,
  PriceOutOfRange,
  type OrderDenied,
} from './errors.ts';
import { liveDenialOf, type VenueRefusal } from './brokers/venue-gate.ts';
import { hoursDenialOf, type HoursRefusal } from './market-hours.ts';
import { riskDenialOf, type RiskRefusal } from './risk/refusal.ts';
import type { AccountStatus } from '../platform/prisma/enums.ts';

/**
 * Why the gate refused an order, with its numbers. Text alone, so that it is stored beside the
 * order and the same request gets the same answer again.
 */
export type Refusal =
  | VenueRefusal
  | RiskRefusal
  | HoursRefusal
  | { readonly code: 'ACCOUNT_NOT_ACTIVE'; readonly status: AccountStatus }
  | { readonly code: 'CURRENCY_MISMATCH'; readonly account: string; readonly instrument: string }
  | { readonly code: 'INVALID_QUANTITY'; readonly quantity: string; readonly lotSize: string }
  | {
      readonly code: 'INVALID_PRICE';
      readonly field: string;
      readonly price: string;
      readonly tickSize: string;
    }
  | { readonly code: 'PRICE_OUT_OF_RANGE'; readonly price: string; readonly worst: string }
  | {
      readonly code: 'PRICE_ON_WRONG_SIDE';
      readonly field: string;
      readonly price: string;
      readonly where: 'ABOVE' | 'BELOW';
      readonly reference: string;
    }
  | { readonly code: 'NOTIONAL_TOO_SMALL'; readonly notional: string; readonly minimum: string }
  | { readonly code: 'NO_QUOTE'; readonly symbol: string }
  | { readonly code: 'INSUFFICIENT_FUNDS'; readonly required: string; readonly available: string }
  | {
      readonly code: 'INSUFFICIENT_POSITION';
      readonly required: string;
      readonly available: string;
      /** The order is to close and no more, on whichever side. */
      readonly isClosing?: boolean;
    };

/**
 * The error that tells a refusal, for the order that was stored with it; null for one that was not.
 */
export function denialOf(refusal: Refusal, orderId: string | null): OrderDenied {
  switch (refusal.code) {
    case 'ACCOUNT_NOT_ACTIVE':
      return new AccountNotActive(orderId, refusal.status);
    case 'INSTRUMENT_NOT_TRADABLE':
      return new InstrumentNotTradable(orderId, refusal.symbol, refusal.accountKind);
    case 'TRADING_HALTED':
    case 'SYMBOL_NOT_ALLOWED':
    case 'INSTRUMENT_PRICE_TOO_HIGH':
    case 'ORDER_VALUE_TOO_HIGH':
    case 'POSITION_TOO_LARGE':
    case 'DAILY_LOSS_REACHED':
    case 'TOO_MANY_ORDERS':
      return riskDenialOf(refusal, orderId);
    case 'LIVE_TRADING_DISABLED':
      return liveDenialOf(refusal, orderId);
    case 'CALENDAR_UNKNOWN':
    case 'MARKET_CLOSED':
      return hoursDenialOf(refusal, orderId);
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatch(orderId, refusal);
    case 'INVALID_QUANTITY':
      return new InvalidQuantity(
        orderId,
        new Decimal(refusal.quantity),
        new Decimal(refusal.lotSize),
      );
    case 'INVALID_PRICE':
      return new InvalidPrice(orderId, {
        field: refusal.field,
        price: new Decimal(refusal.price),
        tickSize: new Decimal(refusal.tickSize),
      });
    case 'PRICE_OUT_OF_RANGE':
      return new PriceOutOfRange(orderId, {
        price: new Decimal(refusal.price),
        worst: new Decimal(refusal.worst),
      });
    case 'PRICE_ON_WRONG_SIDE':
      return new PriceOnWrongSide(orderId, {
        ...refusal,
        price: new Decimal(refusal.price),
        reference: new Decimal(refusal.reference),
      });
    case 'NOTIONAL_TOO_SMALL':
      return new NotionalTooSmall(orderId, {
        notional: new Decimal(refusal.notional),
        minimum: new Decimal(refusal.minimum),
      });
    case 'NO_QUOTE':
      return new NoQuote(orderId, refusal.symbol);
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFunds(orderId, needOf(refusal));
    case 'INSUFFICIENT_POSITION':
      return new InsufficientPosition(orderId, needOf(refusal), refusal.isClosing);
  }
}

function needOf({
  required,
  available,
}: {
  readonly required: string;
  readonly available: string;
}) {
  return { required: new Decimal(required), available: new Decimal(available) };
}
