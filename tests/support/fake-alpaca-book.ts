import { randomUUID } from 'node:crypto';
import { Decimal, toText, ZERO } from '../../src/services/platform/money.ts';
import type { FakeVenue, VenueFault } from './broker-venue.ts';

export type Json = Readonly<Record<string, unknown>>;

interface HeldOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: Decimal;
  readonly createdAt: Date;
  readonly replaces: string | null;
  filled: Decimal;
  status: string;
  updatedAt: Date;
}

/** Why an order is not taken, in Alpaca's words. */
interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const ENDED = ['filled', 'canceled', 'expired', 'rejected', 'replaced'];

/** The books of a fake Alpaca. `tell` gets each update of the stream, as JSON. */
export function createFakeAlpacaBook(tell: (message: string) => void) {
  const orders: HeldOrder[] = [];
  const activities: Json[] = [];
  const positions = new Map<string, { quantity: Decimal; cost: Decimal }>();
  const faults: VenueFault[] = [];
  const state = {
    cash: new Decimal('100000'),
    isCanceling: true,
    /** What is filled of the next order that is to be replaced before it is, and at what price. */
    fillBeforeReplacing: undefined as readonly [quantity: string, price: string] | undefined,
    /** Whether an order that was taken in the place of another has it at once. */
    isReplacing: true,
  };

  const update = (event: string, order: HeldOrder, more: Json = {}): void => {
    const data = { event, order: jsonOf(order), timestamp: order.updatedAt.toISOString(), ...more };
    tell(JSON.stringify({ stream: 'trade_updates', data }));
  };
  const byClientOrderId = (clientOrderId: string | null): HeldOrder | undefined =>
    orders.find((order) => order.clientOrderId === clientOrderId);
  const find = (clientOrderId: string): HeldOrder => {
    const order = byClientOrderId(clientOrderId);
    if (!order) throw new Error(`The venue has no order ${clientOrderId}.`);
    return order;
  };
  const end = (order: HeldOrder): void => {
    Object.assign(order, { status: 'canceled', updatedAt: new Date() });
    update('canceled', order);
  };
  const move = (symbol: string, quantity: Decimal, price: Decimal): Decimal => {
    const { quantity: before, cost } = positions.get(symbol) ?? { quantity: ZERO, cost: ZERO };
    const [after, amount] = [before.plus(quantity), quantity.times(price)];
    state.cash = state.cash.minus(amount);
    positions.set(symbol, { quantity: after, cost: cost.plus(amount) });
    return after;
  };
  const fill = (order: HeldOrder, qty: string, price: string): void => {
    const time = new Date();
    order.filled = order.filled.plus(qty);
    const isFilled = order.filled.greaterThanOrEqualTo(order.quantity);
    // A late fill leaves an order that is over as it is.
    const open = ENDED.includes(order.status) ? order.status : 'partially_filled';
    Object.assign(order, { status: isFilled ? 'filled' : open, updatedAt: time });
    const signed = new Decimal(qty).times(order.side === 'buy' ? 1 : -1);
    const after = move(order.symbol, signed, new Decimal(price));
    const event = isFilled ? 'fill' : 'partial_fill';
    const stamp = time.toISOString().replaceAll(/\D/g, '');
    activities.push({
      id: `${stamp}::${String(activities.length).padStart(8, '0')}-${randomUUID()}`,
      ...{ activity_type: 'FILL', transaction_time: time.toISOString(), type: event },
      ...{ price, qty, side: order.side, symbol: order.symbol, order_id: order.id },
      leaves_qty: toText(order.quantity.minus(order.filled)),
      cum_qty: toText(order.filled),
      order_status: order.status,
    });
    update(event, order, { price, qty, position_qty: toText(after) });
  };
  const take = (body: Json, replaces: HeldOrder | null = null): HeldOrder | Refusal => {
    const { symbol, client_order_id: clientOrderId } = body;
    if (symbol !== 'AAPL' && symbol !== 'MSFT') {
      return { status: 422, code: 42210000, message: `asset "${String(symbol)}" not found` };
    }
    if (byClientOrderId(String(clientOrderId))) {
      return { status: 422, code: 40010001, message: 'client_order_id must be unique' };
    }
    const now = new Date();
    const order: HeldOrder = {
      ...{ id: randomUUID(), clientOrderId: String(clientOrderId), symbol },
      ...{ side: String(body['side']), type: String(body['type']), replaces: replaces?.id ?? null },
      quantity: new Decimal(String(body['qty'])),
      ...{ createdAt: now, filled: ZERO, status: 'new', updatedAt: now },
    };
    orders.push(order);
    if (!replaces) update('new', order);
    return order;
  };
  /** The old one has its place until the new one reaches the venue: here, at once. */
  const settle = (order: HeldOrder): void => {
    const old = orders.find(({ id }) => id === order.replaces);
    if (!old) throw new Error('It replaces nothing.');
    const isFilled = old.status === 'filled';
    Object.assign(isFilled ? order : old, {
      status: isFilled ? 'rejected' : 'replaced',
      updatedAt: new Date(),
    });
    if (isFilled) update('rejected', order);
    else update('replaced', old);
    if (!isFilled) update('new', order);
  };
  const replace = (id: string, body: Json): HeldOrder | Refusal => {
    const old = orders.find((order) => order.id === id);
    if (!old) return { status: 404, code: 40410000, message: 'order not found' };
    const [quantity, price] = state.fillBeforeReplacing ?? [];
    if (quantity !== undefined && price !== undefined) fill(old, quantity, price);
    state.fillBeforeReplacing = undefined;
    if (ENDED.includes(old.status)) {
      return { status: 422, code: 42210000, message: `order in ${old.status} status` };
    }
    const { symbol, side, type } = old;
    const qty = toText(old.quantity);
    const order = take({ symbol, side, type, qty, ...body }, old);
    if (!('code' in order) && state.isReplacing) settle(order);
    return order;
  };

  const venue: FakeVenue = {
    symbol: 'AAPL',
    cash: () => toText(state.cash),
    position: (symbol) => toText(positions.get(symbol)?.quantity ?? ZERO),
    order(clientOrderId) {
      const order = byClientOrderId(clientOrderId);
      if (!order) return undefined;
      const isOpen = !ENDED.includes(order.status);
      return { quantity: toText(order.quantity), filled: toText(order.filled), isOpen };
    },
    orderCount: () => orders.length,
    fill: (clientOrderId, quantity, price) => {
      fill(find(clientOrderId), quantity, price);
    },
    end: (clientOrderId) => {
      end(find(clientOrderId));
    },
    buyByHand(quantity, price) {
      const id = randomUUID();
      take({ symbol: 'AAPL', client_order_id: id, side: 'buy', type: 'market', qty: quantity });
      fill(find(id), quantity, price);
    },
    failNext: (fault) => void faults.push(fault),
  };

  return {
    venue,
    /** `isCanceling`: whether a cancel that is asked for is carried out. */
    state,
    nextFault: () => faults.shift(),
    /** The order as JSON, or why it was not taken. */
    take(body: Json): { readonly status: number; readonly body: unknown } {
      const taken = take(body);
      return 'code' in taken
        ? { status: taken.status, body: taken }
        : { status: 200, body: jsonOf(taken) };
    },
    /** As `take`, in the place of the order. */
    replace(orderId: string, body: Json): { readonly status: number; readonly body: unknown } {
      const taken = replace(orderId, body);
      return 'code' in taken
        ? { status: taken.status, body: taken }
        : { status: 200, body: jsonOf(taken) };
    },
    /** The order that was taken in the place of another gets it, or is rejected. */
    settle(clientOrderId: string): void {
      settle(find(clientOrderId));
    },
    cancel(orderId: string): { readonly status: number; readonly body?: unknown } {
      const order = orders.find(({ id }) => id === orderId);
      if (!order) return { status: 404, body: { code: 40410000, message: 'order not found' } };
      if (ENDED.includes(order.status)) {
        return { status: 422, body: { code: 42210000, message: 'order is not cancelable' } };
      }
      if (state.isCanceling) end(order);
      return { status: 204 };
    },
    openOrders: () => orders.filter(({ status }) => !ENDED.includes(status)).map(jsonOf),
    order(wanted: { readonly id?: string; readonly clientOrderId?: string | null }) {
      const order = wanted.id
        ? orders.find(({ id }) => id === wanted.id)
        : byClientOrderId(wanted.clientOrderId ?? null);
      return order && jsonOf(order);
    },
    activities: (query: URLSearchParams) => pageOf(activities, query),
    positions: () =>
      [...positions]
        .filter(([, { quantity }]) => !quantity.isZero())
        .map(([symbol, { quantity, cost }]) => ({
          symbol,
          qty: toText(quantity),
          avg_entry_price: toText(cost.dividedBy(quantity)),
        })),
  };
}

function pageOf(activities: readonly Json[], query: URLSearchParams): readonly Json[] {
  const size = Number(query.get('page_size') ?? 100);
  if (query.get('direction') === 'desc') return activities.toReversed().slice(0, size);
  const token = query.get('page_token');
  const begin = token === null ? 0 : activities.findIndex(({ id }) => id === token) + 1;
  return activities.slice(begin, begin + size);
}

function jsonOf(order: HeldOrder): Json {
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: order.createdAt.toISOString(),
    updated_at: order.updatedAt.toISOString(),
    submitted_at: order.createdAt.toISOString(),
    asset_class: 'us_equity',
    symbol: order.symbol,
    qty: toText(order.quantity),
    filled_qty: toText(order.filled),
    filled_avg_price: null,
    type: order.type,
    side: order.side,
    status: order.status,
    replaced_by: null,
    replaces: order.replaces,
    legs: null,
  };
}
