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
} from '../../services/trading/errors.ts';
import { LiveTradingDisabled } from '../../services/trading/brokers/errors.ts';
import { CalendarUnknown, MarketClosed } from '../../services/trading/hours-errors.ts';
import {
  DailyLossReached,
  InstrumentPriceTooHigh,
  OrderValueTooHigh,
  PositionTooLarge,
  SymbolNotAllowed,
  TooManyOrders,
  TradingHalted,
} from '../../services/trading/risk/errors.ts';

/** What the gate may have against an order: every mutation that places one answers with these. */
export const ORDER_DENIALS = [
  AccountNotActive,
  CalendarUnknown,
  CurrencyMismatch,
  DailyLossReached,
  InstrumentNotTradable,
  InstrumentPriceTooHigh,
  InsufficientFunds,
  InsufficientPosition,
  InvalidPrice,
  InvalidQuantity,
  LiveTradingDisabled,
  MarketClosed,
  NoQuote,
  NotionalTooSmall,
  OrderValueTooHigh,
  PositionTooLarge,
  PriceOnWrongSide,
  PriceOutOfRange,
  SymbolNotAllowed,
  TooManyOrders,
  TradingHalted,
] as const;
