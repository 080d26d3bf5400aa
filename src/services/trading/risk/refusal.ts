import { Decimal } from '../../platform/money.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';
import type { OrderDenied } from '../errors.ts';
import {
  DailyLossReached,
  InstrumentPriceTooHigh,
  OrderValueTooHigh,
  PositionTooLarge,
  SymbolNotAllowed,
  TooManyOrders,
  TradingHalted,
} from './errors.ts';

/** Why a switch or a limit refused an order. Text alone, as it is stored beside the order. */
export type RiskRefusal =
  | {
      readonly code: 'TRADING_HALTED';
      readonly scope: RiskScope;
      /** Left out in what was stored before it was told. */
      readonly isByAdministrator?: boolean;
      readonly reason: string | null;
      readonly since: string;
    }
  | { readonly code: 'SYMBOL_NOT_ALLOWED'; readonly symbol: string }
  | {
      readonly code: 'INSTRUMENT_PRICE_TOO_HIGH';
      readonly price: string;
      readonly maximum: string;
    }
  | { readonly code: 'ORDER_VALUE_TOO_HIGH'; readonly value: string; readonly maximum: string }
  | {
      readonly code: 'POSITION_TOO_LARGE';
      readonly value: string;
      readonly maximum: string;
      readonly maximumShare: string;
    }
  | { readonly code: 'DAILY_LOSS_REACHED'; readonly loss: string; readonly maximum: string }
  | {
      readonly code: 'TOO_MANY_ORDERS';
      readonly maximum: number;
      readonly retryAfterSeconds: number;
    };

/** The error that tells it. */
export function riskDenialOf(refusal: RiskRefusal, orderId: string | null): OrderDenied {
  switch (refusal.code) {
    case 'TRADING_HALTED':
      return new TradingHalted(orderId, {
        ...{ scope: refusal.scope, reason: refusal.reason, since: new Date(refusal.since) },
        isByAdministrator: refusal.isByAdministrator ?? refusal.scope === 'DEPLOYMENT',
      });
    case 'SYMBOL_NOT_ALLOWED':
      return new SymbolNotAllowed(orderId, refusal.symbol);
    case 'INSTRUMENT_PRICE_TOO_HIGH':
      return new InstrumentPriceTooHigh(orderId, {
        price: new Decimal(refusal.price),
        maximum: new Decimal(refusal.maximum),
      });
    case 'ORDER_VALUE_TOO_HIGH':
      return new OrderValueTooHigh(orderId, {
        value: new Decimal(refusal.value),
        maximum: new Decimal(refusal.maximum),
      });
    case 'POSITION_TOO_LARGE':
      return new PositionTooLarge(orderId, {
        value: new Decimal(refusal.value),
        maximum: new Decimal(refusal.maximum),
        maximumShare: new Decimal(refusal.maximumShare),
      });
    case 'DAILY_LOSS_REACHED':
      return new DailyLossReached(orderId, {
        loss: new Decimal(refusal.loss),
        maximum: new Decimal(refusal.maximum),
      });
    case 'TOO_MANY_ORDERS':
      return new TooManyOrders(orderId, refusal);
  }
}
