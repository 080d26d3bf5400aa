import { z } from 'zod';
import { Decimal, toText, ZERO } from '../platform/money.ts';
import { decimalField, timeField, toPayload } from '../platform/payload.ts';
import {
  AccountKind,
  AccountStatus,
  FeeModel,
  LiquidityModel,
  OrderSide,
  SlippageModel,
  TradeFlag,
  TradeLiquidity,
  TradeSource,
} from '../platform/prisma/enums.ts';
import type { NewEvent } from '../platform/outbox.ts';
import type { Account, CorporateAction, Position, Trade } from '../platform/prisma/client.ts';

export const TRADE_EXECUTED = 'TradeExecuted';
export const POSITION_CHANGED = 'PositionChanged';
export const BALANCE_CHANGED = 'BalanceChanged';

/** The stream of everything that happens in one account. */
export const accountTopic = (accountId: string): string => `account:${accountId}`;

/** An account with what it may spend on new orders. */
export interface AccountBalance extends Account {
  /** Cash that no open order holds back. */
  readonly buyingPower: Decimal;
}

/** Cash − cash reserved by open buy orders. */
export function buyingPowerOf(account: Pick<Account, 'cash' | 'reserved'>): Decimal {
  return new Decimal(account.cash).minus(account.reserved);
}

export function tradeExecuted(trade: Trade): NewEvent {
  return eventOf(TRADE_EXECUTED, trade, toPayload({ ...trade }), trade.executedAt);
}

export function positionChanged(position: Position, occurredAt: Date): NewEvent {
  return eventOf(POSITION_CHANGED, position, toPayload({ ...position }), occurredAt);
}

export function balanceChanged(account: Account, occurredAt: Date): NewEvent {
  const payload = toPayload({ ...account, buyingPower: buyingPowerOf(account) });
  return eventOf(BALANCE_CHANGED, { ...account, accountId: account.id }, payload, occurredAt);
}

/**
 * A corporate action had no part for an account, since no column could hold what it would make of
 * it.
 */
export function actionRefused(
  {
    action: { id: actionId, kind, instrumentId },
    account: { id: accountId, ownerId },
    held,
  }: {
    readonly action: CorporateAction;
    readonly account: Account;
    readonly held: Decimal;
  },
  occurredAt: Date,
): NewEvent {
  const payload = { actionId, kind, instrumentId, accountId, quantity: toText(held) };
  return eventOf('CorporateActionRefused', { accountId, ownerId }, payload, occurredAt);
}

function eventOf(
  type: string,
  { accountId, ownerId }: { readonly accountId: string; readonly ownerId: string },
  payload: NewEvent['payload'],
  occurredAt: Date,
): NewEvent {
  return { topic: accountTopic(accountId), ownerId, type, version: 1, payload, occurredAt };
}

const tradePayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  accountId: z.string(),
  instrumentId: z.string(),
  orderId: z.string().nullable(),
  fillSequence: z.number().nullable(),
  importKey: z.string().nullable(),
  source: z.enum(TradeSource),
  side: z.enum(OrderSide),
  quantity: decimalField,
  price: decimalField,
  fee: decimalField,
  cashAmount: decimalField,
  realizedGross: decimalField,
  // Events of before these were told are still in the log.
  positionQuantity: decimalField.default(ZERO),
  positionCost: decimalField.default(ZERO),
  positionRealized: decimalField.default(ZERO),
  flags: z.array(z.enum(TradeFlag)).default([]),
  quoteBid: decimalField.nullable(),
  quoteAsk: decimalField.nullable(),
  quoteTime: timeField.nullable(),
  liquidity: z.enum(TradeLiquidity).nullable().default(null),
  feeModel: z.enum(FeeModel).nullable().default(null),
  slippageModel: z.enum(SlippageModel).nullable().default(null),
  liquidityModel: z.enum(LiquidityModel).nullable().default(null),
  slippage: decimalField.nullable().default(null),
  brokerTradeId: z.string().nullable().default(null),
  executedAt: timeField,
  recordedAt: timeField,
});

const positionPayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  accountId: z.string(),
  instrumentId: z.string(),
  quantity: decimalField,
  totalCost: decimalField,
  realizedPnl: decimalField,
  openedAt: timeField,
  closedAt: timeField.nullable(),
  updatedAt: timeField,
});

const balancePayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  modelId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(AccountKind),
  status: z.enum(AccountStatus),
  currency: z.string(),
  zone: z.string(),
  startingCash: decimalField,
  cash: decimalField,
  reserved: decimalField,
  buyingPower: decimalField,
  allowsShort: z.boolean().default(false),
  slippageModel: z.enum(SlippageModel).default('NONE'),
  slippageBps: decimalField.default(ZERO),
  feeModel: z.enum(FeeModel).default('INSTRUMENT'),
  liquidityModel: z.enum(LiquidityModel).default('QUOTED_SIZE'),
  latencyMs: z.number().default(0),
  createdAt: timeField,
});

/** The trade that a TradeExecuted event of version 1 tells; throws a ZodError for anything else. */
export function parseTradeExecuted(payload: unknown): Trade {
  return tradePayload.parse(payload);
}

/** The position as a PositionChanged event of version 1 left it; throws a ZodError else. */
export function parsePositionChanged(payload: unknown): Position {
  return positionPayload.parse(payload);
}

/** The account as a BalanceChanged event of version 1 left it; throws a ZodError else. */
export function parseBalanceChanged(payload: unknown): AccountBalance {
  return balancePayload.parse(payload);
}
