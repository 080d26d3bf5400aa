import { createInsert } from '../platform/query.ts';
import type { Position, Trade } from '../platform/prisma/client.ts';

/** Statements that insert trades and positions as they are. */
export const insertTrades = createInsert<Trade>('trades', {
  id: 'id',
  ownerId: 'owner_id',
  accountId: 'account_id',
  instrumentId: 'instrument_id',
  orderId: 'order_id',
  fillSequence: 'fill_sequence',
  importKey: 'import_key',
  source: 'source',
  side: 'side',
  quantity: 'quantity',
  price: 'price',
  fee: 'fee',
  cashAmount: 'cash_amount',
  realizedGross: 'realized_gross',
  positionQuantity: 'position_quantity',
  positionCost: 'position_cost',
  positionRealized: 'position_realized',
  flags: 'flags',
  quoteBid: 'quote_bid',
  quoteAsk: 'quote_ask',
  quoteTime: 'quote_time',
  liquidity: 'liquidity',
  feeModel: 'fee_model',
  slippageModel: 'slippage_model',
  liquidityModel: 'liquidity_model',
  slippage: 'slippage',
  brokerTradeId: 'broker_trade_id',
  executedAt: 'executed_at',
  recordedAt: 'recorded_at',
});

export const insertPositions = createInsert<Position>('positions', {
  id: 'id',
  ownerId: 'owner_id',
  accountId: 'account_id',
  instrumentId: 'instrument_id',
  quantity: 'quantity',
  totalCost: 'total_cost',
  realizedPnl: 'realized_pnl',
  openedAt: 'opened_at',
  closedAt: 'closed_at',
  updatedAt: 'updated_at',
});
