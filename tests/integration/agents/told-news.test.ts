import { expect, test } from 'vitest';
import { createToldNews } from '../../../src/services/agents/told-news.ts';
import { OWN_NEWS } from '../../../src/services/agents/own-news.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const { id: instrumentId } = await createTradingFloor(database).addInstrument({
  symbol: 'ACME.SIM',
});
const telling = createToldNews({
  workerDb: database.worker,
  idOf: (typeName, id) => `${typeName}/${id}`,
});

const at = '2026-11-22T12:00:00.000Z';
const ofInstrument = { ownerId: 'ada', accountId: 'a1', instrumentId };
const told = { accountId: 'Account/a1', instrumentId: `Instrument/${instrumentId}` };

function tell(type: string, payload: object, topic = 'account:a1') {
  const recordedAt = new Date(at);
  const place = { position: 7n, previousPosition: 0n, topic, ownerId: 'ada', version: 1 };
  return telling[type]?.({ ...place, type, payload, occurredAt: recordedAt, recordedAt });
}

test('tells every type of event that people are told', () => {
  expect(Object.keys(telling)).toEqual(Object.keys(OWN_NEWS));
});

test('tells an order by what the graph shows of it', async () => {
  const terms = {
    ...{ clientOrderId: 'c1', side: 'BUY', type: 'LIMIT', timeInForce: 'DAY', quantity: '1.50' },
    ...{ limitPrice: '99.10', status: 'ACCEPTED', filledQuantity: '0', reserved: '148.65' },
    ...{ reasonCode: null, reason: null, runId: null, version: 2, createdAt: at, updatedAt: at },
  };
  const payload = { id: 'o1', ...ofInstrument, ...terms, filledNotional: '0', replacesId: 'o0' };
  expect(await tell('OrderChanged', payload)).toEqual({
    ...{ ...terms, ...told, id: 'Order/o1', symbol: 'ACME.SIM', quantity: '1.5' },
    ...{ limitPrice: '99.1', replacesId: 'Order/o0', replacedById: null, brokerOrderId: null },
    ...{ stopPrice: null, trailAmount: null, trailPercent: null, notional: null },
    ...{ orderClass: 'SIMPLE', leg: null, groupId: null, expiresAt: null },
  });
});

test('tells a trade without what is kept for imports and books', async () => {
  const figures = {
    ...{ source: 'PAPER', side: 'SELL', quantity: '2', price: '100', fee: '0.5' },
    ...{ cashAmount: '199.5', realizedGross: '3', quoteBid: '100', quoteAsk: '101' },
    ...{ quoteTime: at, executedAt: at, recordedAt: at },
  };
  const kept = { importKey: 'line 7', fillSequence: 1, positionQuantity: '5', positionCost: '9' };
  const payload = { id: 't1', ...ofInstrument, orderId: null, ...figures, ...kept };
  expect(await tell('TradeExecuted', payload)).toEqual({
    ...{ ...figures, ...told, id: 'Trade/t1', orderId: null, symbol: 'ACME.SIM' },
    ...{ flags: [], liquidity: null, slippage: null, brokerTradeId: null },
  });
});

test('tells a position, and the cash of an account with what is free of it', async () => {
  const position = {
    ...{ quantity: '3', totalCost: '300', realizedPnl: '0', openedAt: at, closedAt: null },
    updatedAt: at,
  };
  expect(await tell('PositionChanged', { id: 'p1', ...ofInstrument, ...position })).toEqual({
    ...{ ...position, ...told, id: 'Position/p1', symbol: 'ACME.SIM' },
  });
  const account = {
    ...{ name: 'Savings', kind: 'PAPER', status: 'ACTIVE', currency: 'USD' },
    ...{ startingCash: '1000', cash: '900', reserved: '150', createdAt: at },
  };
  const rest = { id: 'a1', ownerId: 'ada', modelId: 'm1', zone: 'America/Chicago' };
  expect(await tell('BalanceChanged', { ...rest, ...account, buyingPower: '750' })).toEqual({
    // 900 − 150.
    ...{ ...account, id: 'Account/a1', modelId: 'Model/m1', buyingPower: '750' },
  });
});

test('tells switches and limits, of an account or of all of them', async () => {
  const turned = { scope: 'ACCOUNT', isOn: true, reason: 'Enough', isByAdministrator: false };
  const ofSwitch = { ...turned, changedAt: at };
  expect(await tell('KillSwitchChanged', ofSwitch)).toEqual({
    ...{ ...ofSwitch, accountId: 'Account/a1' },
  });
  expect(await tell('KillSwitchChanged', ofSwitch, 'user:ada')).toEqual({
    ...{ ...ofSwitch, accountId: null },
  });
  const limits = {
    ...{ scope: 'USER', isByAdministrator: true, maxOrderValue: '5000', maxPositionShare: null },
    ...{ priceCollar: '0.1', maxInstrumentPrice: null, ordersPerMinute: 30 },
    ...{ dailyLossLimit: null, allowedSymbols: ['ACME.SIM'] },
  };
  expect(await tell('RiskLimitsChanged', limits, 'user:ada')).toEqual({
    ...{ ...limits, accountId: null, updatedAt: at },
  });
});

test('tells a line of a log, a model without its prompt, and the end of a webhook', async () => {
  const line = { runId: 'r1', sequence: 3, date: at, occurredAt: at, kind: 'DECISION' };
  const said = { content: 'Hold.', data: { why: ['it rests'] } };
  const entry = { id: 'l1', ownerId: 'ada', modelId: 'm1', ...line, ...said };
  expect(await tell('AgentLogged', entry)).toEqual({
    ...{ ...line, ...said, id: 'AgentLogEntry/l1', modelId: 'Model/m1' },
  });
  const model = {
    ...{ name: 'Momentum', trader: 'MOMENTUM', provider: 'built-in', modelName: 'momentum' },
    ...{ universe: ['ACME.SIM'], startingCash: '1000', currency: 'USD', intervalSeconds: 60 },
    ...{ status: 'ACTIVE', visibility: 'PUBLIC', logVisibility: 'PRIVATE', version: 1 },
    ...{ createdAt: at, updatedAt: at },
  };
  const hidden = { ownerId: 'ada', importKey: 'from a file', prompt: 'Be bold.' };
  expect(await tell('ModelChanged', { id: 'm1', ...hidden, ...model })).toEqual({
    ...{ ...model, id: 'Model/m1' },
  });
  const end = { webhookId: 'w1', code: 'GONE', message: 'The receiver is gone.' };
  expect(await tell('WebhookDisabled', end)).toEqual({ ...end, webhookId: 'Webhook/w1' });
});

test('tells nothing of an event that was erased', async () => {
  await expect(tell('OrderChanged', {})).rejects.toThrow();
});
