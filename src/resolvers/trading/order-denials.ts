import {
  AccountNotActive,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidPrice,
  InvalidQuantity,
  NoQuote,
  PriceOutOfRange,
} from '../../services/trading/errors.ts';
import { CalendarUnknown, MarketClosed } from '../../services/trading/market-hours.ts';

/** What the gate may have against an order: every mutation that places one answers with these. */
export const ORDER_DENIALS = [
  AccountNotActive,
  CalendarUnknown,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidPrice,
  InvalidQuantity,
  MarketClosed,
  NoQuote,
  PriceOutOfRange,
] as const;
