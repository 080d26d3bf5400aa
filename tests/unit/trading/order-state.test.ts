import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { OrderStatus } from '../../../src/services/platform/prisma/enums.ts';
import {
  IllegalTransition,
  isFillable,
  isWorking,
  transition,
  type OrderEvent,
  type OrderEventType,
  type OrderState,
} from '../../../src/services/trading/engine/order-state.ts';

const FILLED_BEFORE: Partial<Record<OrderStatus, number>> = { PARTIALLY_FILLED: 4, FILLED: 10 };

/** An order for 10 in a state, with the fills that belong to it. */
const orderIn = (status: OrderStatus, filled = FILLED_BEFORE[status] ?? 0): OrderState => ({
  status,
  quantity: new Decimal(10),
  filledQuantity: new Decimal(filled),
  filledNotional: new Decimal(filled * 100),
  version: 7,
});

const fill = (quantity: number): OrderEvent => ({
  type: 'filled',
  quantity: new Decimal(quantity),
  price: new Decimal(100),
});

/** Every event that there is, so that none is forgotten; a fill is of 1 or of all that is left. */
type EventName = Exclude<OrderEventType, 'filled'> | 'part' | 'rest';
const EVENTS: Readonly<Record<EventName, (order: OrderState) => OrderEvent>> = {
  denied: () => ({ type: 'denied' }),
  submitted: () => ({ type: 'submitted' }),
  accepted: () => ({ type: 'accepted' }),
  rejected: () => ({ type: 'rejected' }),
  triggered: () => ({ type: 'triggered' }),
  part: () => fill(1),
  rest: (order) => fill(order.quantity.minus(order.filledQuantity).toNumber()),
  cancelRequested: () => ({ type: 'cancelRequested' }),
  cancelRefused: () => ({ type: 'cancelRefused', status: 'ACCEPTED' }),
  canceled: () => ({ type: 'canceled' }),
  replaced: () => ({ type: 'replaced' }),
  expired: () => ({ type: 'expired' }),
  timedOut: () => ({ type: 'timedOut' }),
  resized: ({ quantity }) => ({ type: 'resized', quantity: quantity.plus(2) }),
};

/** The whole table, by hand: a state, and what each legal event makes of it. All else is illegal. */
const LEGAL: Readonly<Record<OrderStatus, Readonly<Partial<Record<EventName, OrderStatus>>>>> = {
  PENDING: {
    denied: 'DENIED',
    submitted: 'SUBMITTED',
    canceled: 'CANCELED',
    replaced: 'REPLACED',
    expired: 'EXPIRED',
    resized: 'PENDING',
  },
  SUBMITTED: {
    accepted: 'ACCEPTED',
    rejected: 'REJECTED',
    triggered: 'TRIGGERED',
    part: 'PARTIALLY_FILLED',
    rest: 'FILLED',
    cancelRequested: 'CANCEL_PENDING',
    canceled: 'CANCELED',
    expired: 'EXPIRED',
    timedOut: 'UNKNOWN',
  },
  ACCEPTED: {
    rejected: 'REJECTED',
    triggered: 'TRIGGERED',
    part: 'PARTIALLY_FILLED',
    rest: 'FILLED',
    cancelRequested: 'CANCEL_PENDING',
    canceled: 'CANCELED',
    replaced: 'REPLACED',
    expired: 'EXPIRED',
    resized: 'ACCEPTED',
  },
  TRIGGERED: {
    rejected: 'REJECTED',
    part: 'PARTIALLY_FILLED',
    rest: 'FILLED',
    cancelRequested: 'CANCEL_PENDING',
    canceled: 'CANCELED',
    replaced: 'REPLACED',
    expired: 'EXPIRED',
    resized: 'TRIGGERED',
  },
  PARTIALLY_FILLED: {
    part: 'PARTIALLY_FILLED',
    rest: 'FILLED',
    cancelRequested: 'CANCEL_PENDING',
    canceled: 'CANCELED',
    replaced: 'REPLACED',
    expired: 'EXPIRED',
    resized: 'PARTIALLY_FILLED',
  },
  CANCEL_PENDING: {
    accepted: 'CANCEL_PENDING',
    triggered: 'CANCEL_PENDING',
    rejected: 'REJECTED',
    part: 'CANCEL_PENDING',
    rest: 'FILLED',
    cancelRefused: 'ACCEPTED',
    canceled: 'CANCELED',
    expired: 'EXPIRED',
  },
  UNKNOWN: {
    accepted: 'ACCEPTED',
    rejected: 'REJECTED',
    triggered: 'TRIGGERED',
    part: 'PARTIALLY_FILLED',
    rest: 'FILLED',
    cancelRequested: 'CANCEL_PENDING',
    canceled: 'CANCELED',
    replaced: 'REPLACED',
    expired: 'EXPIRED',
  },
  CANCELED: { part: 'CANCELED', rest: 'FILLED' },
  EXPIRED: { part: 'EXPIRED', rest: 'FILLED' },
  REPLACED: { part: 'REPLACED', rest: 'FILLED' },
  FILLED: {},
  DENIED: {},
  REJECTED: {},
};

const STATES = Object.values(OrderStatus);
const MOVES = STATES.flatMap((status) =>
  (Object.keys(EVENTS) as EventName[]).map(
    (event) => [status, event, LEGAL[status][event]] as const,
  ),
);
const eventFor = (name: EventName, order: OrderState): OrderEvent => EVENTS[name](order);

describe('the table of states', () => {
  test('is asserted whole', () => {
    expect(Object.keys(LEGAL).sort()).toEqual([...STATES].sort());
    expect(MOVES).toHaveLength(13 * 14);
    expect(MOVES.filter(([, , next]) => next !== undefined)).toHaveLength(62);
  });

  test.each(MOVES.filter(([, , next]) => next !== undefined))(
    '%s, then %s: %s',
    (status, name, next) => {
      const order = orderIn(status);
      const after = transition(order, eventFor(name, order));
      expect([after.status, after.version]).toEqual([next, 8]);
    },
  );

  test.each(MOVES.filter(([, , next]) => next === undefined))(
    '%s, then %s: illegal',
    (status, name) => {
      const order = orderIn(status);
      expect(() => transition(order, eventFor(name, order))).toThrow(IllegalTransition);
    },
  );
});

describe('fills', () => {
  test('add up to quantity and notional', () => {
    const one = transition(orderIn('ACCEPTED'), fill(3));
    const two = transition(one, {
      type: 'filled',
      quantity: new Decimal(7),
      price: new Decimal('101.5'),
    });
    // 3 × 100 + 7 × 101.5 = 1010.5
    expect([two.status, two.filledQuantity.toFixed(), two.filledNotional.toFixed()]).toEqual([
      'FILLED',
      '10',
      '1010.5',
    ]);
  });

  test.each([
    ['more than what is left', 7],
    ['nothing', 0],
    ['a negative quantity', -1],
    ['no number', Number.NaN],
  ])('cannot be %s', (_what, quantity) => {
    expect(() => transition(orderIn('PARTIALLY_FILLED'), fill(quantity))).toThrow(
      IllegalTransition,
    );
  });

  test('cannot be free', () => {
    const free = { type: 'filled', quantity: new Decimal(1), price: new Decimal(0) } as const;
    expect(() => transition(orderIn('ACCEPTED'), free)).toThrow(IllegalTransition);
  });

  test('that come after a cancel are booked: the order stays canceled until it is filled', () => {
    const canceled = transition(orderIn('PARTIALLY_FILLED'), { type: 'canceled' });
    const late = transition(canceled, fill(2));
    expect([late.status, late.filledQuantity.toFixed()]).toEqual(['CANCELED', '6']);
    expect(transition(late, fill(4)).status).toBe('FILLED');
  });
});

describe('a cancel that the venue refuses', () => {
  test.each([
    ['ACCEPTED', 0],
    ['TRIGGERED', 0],
    ['PARTIALLY_FILLED', 4],
  ] as const)('leaves the order %s, as it reports', (status, filled) => {
    const event = { type: 'cancelRefused', status } as const;
    expect(transition(orderIn('CANCEL_PENDING', filled), event).status).toBe(status);
  });

  test.each([
    ['ACCEPTED', 4],
    ['TRIGGERED', 4],
    ['PARTIALLY_FILLED', 0],
  ] as const)('cannot leave it %s with %d filled', (status, filled) => {
    const event = { type: 'cancelRefused', status } as const;
    expect(() => transition(orderIn('CANCEL_PENDING', filled), event)).toThrow(IllegalTransition);
  });

  test('cannot be a rejection once something is filled', () => {
    const order = orderIn('CANCEL_PENDING', 4);
    expect(() => transition(order, { type: 'rejected' })).toThrow(IllegalTransition);
  });
});

describe('groups of states', () => {
  test('an order that can still change is working, and some of these can be filled by us', () => {
    expect(STATES.filter(isWorking).sort()).toEqual(
      [
        'PENDING',
        'SUBMITTED',
        'ACCEPTED',
        'PARTIALLY_FILLED',
        'TRIGGERED',
        'CANCEL_PENDING',
        'UNKNOWN',
      ].sort(),
    );
    expect(STATES.filter(isFillable).sort()).toEqual(
      ['ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED'].sort(),
    );
  });
});

describe('a change of size', () => {
  const resize = (filled: number, quantity: number) =>
    transition(orderIn(filled > 0 ? 'PARTIALLY_FILLED' : 'ACCEPTED', filled), {
      type: 'resized',
      quantity: new Decimal(quantity),
    });

  test('leaves the state and the fills as they are', () => {
    const after = resize(4, 7);
    expect([after.status, after.quantity.toFixed(), after.filledQuantity.toFixed()]).toEqual([
      ...['PARTIALLY_FILLED', '7', '4'],
    ]);
  });

  test('leaves something to fill', () => {
    expect(() => resize(4, 4)).toThrow(IllegalTransition);
    expect(() => resize(4, 3)).toThrow(IllegalTransition);
    expect(() => resize(0, 0)).toThrow(IllegalTransition);
  });
});
