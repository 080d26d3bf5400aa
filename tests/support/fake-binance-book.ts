import { randomUUID } from 'node:crypto';
import { Decimal, toText, ZERO } from '../../src/services/platform/money.ts';
import type { FakeVenue, VenueFault } from './broker-venue.ts';

type Json = Readonly<Record<string, unknown>>;
type Query = URLSearchParams;

interface HeldOrder {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly price: string;
  readonly quantity: Decimal;
  readonly side: string;
  readonly type: string;
  readonly time: number;
  filled: Decimal;
  cost: Decimal;
  status: string;
}

interface HeldTrade extends Json {
  readonly id: number;
  readonly time: number;
}

/** An answer of Binance's: JSON, or a refusal with its code. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refusal = (code: number, msg: string): Answer => ({ status: 400, body: { code, msg } });
const UNKNOWN_ORDER = refusal(-2013, 'Order does not exist.');

/** The books of a fake Binance with one market, BTCUSDT. */
export function createFakeBinanceBook() {
  const orders: HeldOrder[] = [];
  const trades: HeldTrade[] = [];
  const faults: VenueFault[] = [];
  const state = {
    cash: new Decimal('100000'),
    bitcoin: ZERO,
    /** The exchange's own coin, which is worth 600; there is a market of it when some is held. */
    coin: undefined as Decimal | undefined,
    /** What each fill is charged: an amount of a currency. */
    commission: { amount: '0', asset: 'USDT' },
    /** How often each trade is listed, and whether the newest come first. */
    repeats: 1,
    isBackwards: false,
    /** How much later it is there. */
    aheadMs: 0,
    /** What is filled of the next order that is to be replaced before it is, and at what price. */
    fillBeforeReplacing: undefined as readonly [quantity: string, price: string] | undefined,
    /** What goes wrong with all that is asked of it about an account, until it is told otherwise. */
    trouble: undefined as 'CUT' | 'BUSY' | 'BROKEN' | undefined,
  };

  const byName = (query: Query): HeldOrder | undefined => {
    const [id, name] = [query.get('orderId'), query.get('origClientOrderId')];
    return orders.find((order) => String(order.orderId) === id || order.clientOrderId === name);
  };
  const find = (clientOrderId: string): HeldOrder => {
    const order = orders.find((held) => held.clientOrderId === clientOrderId);
    if (!order) throw new Error(`The venue has no order ${clientOrderId}.`);
    return order;
  };
  const isOpen = ({ status }: HeldOrder): boolean =>
    status === 'NEW' || status === 'PARTIALLY_FILLED';
  const fill = (order: HeldOrder, quantity: string, price: string): void => {
    const amount = new Decimal(quantity).times(price);
    const sign = order.side === 'BUY' ? 1 : -1;
    state.bitcoin = state.bitcoin.plus(new Decimal(quantity).times(sign));
    state.cash = state.cash.minus(amount.times(sign));
    const { commission } = state;
    if (commission.asset === 'BTC') state.bitcoin = state.bitcoin.minus(commission.amount);
    if (commission.asset === 'BNB') state.coin = state.coin?.minus(commission.amount);
    if (commission.asset === 'USDT') state.cash = state.cash.minus(commission.amount);
    order.filled = order.filled.plus(quantity);
    order.cost = order.cost.plus(amount);
    if (order.filled.greaterThanOrEqualTo(order.quantity)) order.status = 'FILLED';
    else if (isOpen(order)) order.status = 'PARTIALLY_FILLED';
    trades.push({
      ...{ symbol: 'BTCUSDT', id: trades.length + 1, orderId: order.orderId, orderListId: -1 },
      ...{ price, qty: quantity, quoteQty: toText(amount), time: Date.now() + state.aheadMs },
      ...{ commission: commission.amount, commissionAsset: commission.asset },
      ...{ isBuyer: order.side === 'BUY', isMaker: true, isBestMatch: true },
    });
  };
  const take = (query: Query): Answer => {
    if (query.get('symbol') !== 'BTCUSDT') return refusal(-1121, 'Invalid symbol.');
    const clientOrderId = query.get('newClientOrderId') ?? randomUUID();
    const isKnown = orders.some((order) => order.clientOrderId === clientOrderId && isOpen(order));
    if (isKnown) return refusal(-2010, 'Duplicate order sent.');
    const [quantity, price] = [query.get('quantity') ?? '0', query.get('price') ?? '0'];
    if (new Decimal(quantity).times(price).greaterThan(state.cash)) {
      return refusal(-2010, 'Account has insufficient balance for requested action.');
    }
    const order: HeldOrder = {
      ...{ orderId: 4_293_153 + orders.length, clientOrderId, price, time: Date.now() },
      ...{ quantity: new Decimal(quantity), filled: ZERO, cost: ZERO, status: 'NEW' },
      ...{ side: query.get('side') ?? '', type: query.get('type') ?? '' },
    };
    orders.push(order);
    return ok(jsonOf(order));
  };

  const venue: FakeVenue = {
    symbol: 'BTC/USDT',
    cash: () => toText(state.cash),
    position: () => toText(state.bitcoin),
    order(clientOrderId) {
      const order = orders.find((held) => held.clientOrderId === clientOrderId);
      if (!order) return undefined;
      const { quantity, filled } = order;
      return { quantity: toText(quantity), filled: toText(filled), isOpen: isOpen(order) };
    },
    orderCount: () => orders.length,
    fill: (clientOrderId, quantity, price) => {
      fill(find(clientOrderId), quantity, price);
    },
    end: (clientOrderId) => {
      find(clientOrderId).status = 'CANCELED';
    },
    buyByHand(quantity, price) {
      const newClientOrderId = `web_${randomUUID().slice(0, 8)}`;
      const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', quantity, price };
      take(new URLSearchParams({ ...order, newClientOrderId }));
      fill(find(newClientOrderId), quantity, price);
    },
    failNext: (fault) => void faults.push(fault),
  };

  return {
    ...{ venue, state, take, trades },
    nextFault: () => faults.shift(),
    /** With STOP_ON_FAILURE: what cannot be canceled is not replaced. */
    cancelReplace(query: Query): Answer {
      const old = orders.find(({ orderId }) => String(orderId) === query.get('cancelOrderId'));
      const [quantity, price] = state.fillBeforeReplacing ?? [];
      if (old && quantity !== undefined && price !== undefined) fill(old, quantity, price);
      state.fillBeforeReplacing = undefined;
      if (!old || !isOpen(old)) {
        const data = { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED' };
        const msg = 'Order cancel-replace failed.';
        return { status: 400, body: { code: -2022, msg, data } };
      }
      old.status = 'CANCELED';
      const { status, body: newOrderResponse } = take(query);
      if (status !== 200) {
        const data = { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse };
        const msg = 'Order cancel-replace partially failed.';
        return { status: 409, body: { code: -2021, msg, data } };
      }
      const results = { cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' };
      return ok({ ...results, cancelResponse: jsonOf(old), newOrderResponse });
    },
    cancel(query: Query): Answer {
      const order = byName(query);
      if (!order || !isOpen(order)) return refusal(-2011, 'Unknown order sent.');
      order.status = 'CANCELED';
      return ok(jsonOf(order));
    },
    order(query: Query): Answer {
      const order = byName(query);
      return order ? ok(jsonOf(order)) : UNKNOWN_ORDER;
    },
    orders: () => orders.map(jsonOf),
    openOrders: (): Answer => ok(orders.filter(isOpen).map(jsonOf)),
    /** With a time the oldest since then, and without one the newest: as Binance does. */
    myTrades(query: Query): Answer {
      if (query.get('symbol') === 'BNBUSDT') return ok([]);
      if (query.get('symbol') !== 'BTCUSDT') return refusal(-1121, 'Invalid symbol.');
      const [since, limit] = [query.get('startTime'), Number(query.get('limit') ?? '500')];
      const page =
        since === null
          ? trades.slice(-limit)
          : trades.filter(({ time }) => time >= Number(since)).slice(0, limit);
      const listed = page.flatMap((trade) => Array<HeldTrade>(state.repeats).fill(trade));
      return ok(state.isBackwards ? listed.toReversed() : listed);
    },
    account: (): Answer =>
      ok({
        ...{ accountType: 'SPOT', canTrade: true, updateTime: Date.now() },
        balances: [
          { asset: 'USDT', free: toText(state.cash), locked: '0.00000000' },
          { asset: 'BTC', free: toText(state.bitcoin), locked: '0.00000000' },
          { asset: 'ETH', free: '0.00000000', locked: '0.00000000' },
          { asset: 'BNB', free: toText(state.coin ?? ZERO), locked: '0.00000000' },
        ],
      }),
  };
}

function jsonOf(order: HeldOrder): Json {
  const { orderId, clientOrderId, price, side, type, time, status } = order;
  return {
    ...{ symbol: 'BTCUSDT', orderId, orderListId: -1, clientOrderId, price, side, type, status },
    origQty: toText(order.quantity),
    executedQty: toText(order.filled),
    cummulativeQuoteQty: toText(order.cost),
    ...{ timeInForce: 'GTC', stopPrice: '0.00000000', time, transactTime: time, updateTime: time },
  };
}
