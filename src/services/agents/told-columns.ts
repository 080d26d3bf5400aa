import { toPayload } from '../platform/payload.ts';
import type { Prisma } from '../platform/prisma/client.ts';

type Scalars = Parameters<typeof toPayload>[0];

/** These columns of a row. */
export function told<Name extends string>(
  row: Pick<Scalars, Name>,
  names: readonly Name[],
): Prisma.InputJsonObject {
  return toPayload(Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
}

export const TRADE = [
  ...(['source', 'side', 'quantity', 'price', 'fee', 'cashAmount', 'realizedGross'] as const),
  ...(['flags', 'liquidity', 'quoteBid', 'quoteAsk', 'quoteTime', 'slippage'] as const),
  ...(['brokerTradeId', 'executedAt', 'recordedAt'] as const),
];
export const ORDER = [
  ...(['clientOrderId', 'side', 'type', 'timeInForce', 'quantity', 'notional'] as const),
  ...(['limitPrice', 'stopPrice', 'trailAmount', 'trailPercent', 'orderClass', 'leg'] as const),
  ...(['groupId', 'brokerOrderId', 'expiresAt', 'status', 'filledQuantity'] as const),
  ...(['reserved', 'reasonCode', 'reason', 'runId', 'version', 'createdAt', 'updatedAt'] as const),
];
export const POSITION = [
  ...(['quantity', 'totalCost', 'realizedPnl', 'openedAt', 'closedAt', 'updatedAt'] as const),
];
export const BALANCE = [
  ...(['name', 'kind', 'status', 'currency', 'startingCash', 'cash', 'reserved'] as const),
  ...(['buyingPower', 'createdAt'] as const),
];
export const SWITCH = ['scope', 'isOn', 'reason', 'isByAdministrator', 'changedAt'] as const;
export const LIMITS = [
  ...(['scope', 'isByAdministrator', 'maxOrderValue', 'maxPositionShare', 'priceCollar'] as const),
  ...(['maxInstrumentPrice', 'ordersPerMinute', 'dailyLossLimit', 'allowedSymbols'] as const),
  'updatedAt',
] as const;
export const LINE = ['runId', 'sequence', 'date', 'occurredAt', 'kind', 'content'] as const;
export const MODEL = [
  ...(['name', 'trader', 'provider', 'modelName', 'universe', 'startingCash', 'currency'] as const),
  ...(['intervalSeconds', 'status', 'visibility', 'logVisibility', 'version'] as const),
  ...(['createdAt', 'updatedAt'] as const),
];
