import { expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { OrderStatus } from '../../../src/services/platform/prisma/enums.ts';
import { LEGAL_STEPS } from '../../../src/services/portfolio/audit-history-rules.ts';
import {
  IllegalTransition,
  transition,
  type OrderEvent,
  type OrderEventType,
} from '../../../src/services/trading/engine/order-state.ts';

const price = new Decimal(100);
const quantity = new Decimal(1);
/** Each event, in every form that leads somewhere else. */
const EVENTS: Readonly<Record<OrderEventType, readonly OrderEvent[]>> = {
  denied: [{ type: 'denied' }],
  submitted: [{ type: 'submitted' }],
  accepted: [{ type: 'accepted' }],
  rejected: [{ type: 'rejected' }],
  triggered: [{ type: 'triggered' }],
  // Of ten: one, what is left of four filled, and all.
  filled: [1, 6, 10].map((lot) => ({ type: 'filled', quantity: new Decimal(lot), price })),
  cancelRequested: [{ type: 'cancelRequested' }],
  cancelRefused: (['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED'] as const).map((status) => ({
    type: 'cancelRefused',
    status,
  })),
  canceled: [{ type: 'canceled' }],
  resized: [{ type: 'resized', quantity: quantity.plus(7) }],
  replaced: [{ type: 'replaced' }],
  expired: [{ type: 'expired' }],
  timedOut: [{ type: 'timedOut' }],
};

const nextOf = (status: OrderStatus, filled: number, event: OrderEvent): string | undefined => {
  const order = {
    ...{ status, quantity: new Decimal(10), version: 1 },
    ...{ filledQuantity: new Decimal(filled), filledNotional: price.times(filled) },
  };
  try {
    return transition(order, event).status;
  } catch (error) {
    if (error instanceof IllegalTransition) return undefined;
    throw error;
  }
};

test('the audit knows the steps that the table of states has, and no others', () => {
  const steps: Record<string, string[]> = {};
  for (const status of Object.values(OrderStatus)) {
    const reached = new Set(
      [0, 4].flatMap((filled) =>
        Object.values(EVENTS)
          .flat()
          .map((event) => nextOf(status, filled, event)),
      ),
    );
    reached.delete(undefined);
    if (reached.size > 0) steps[status] = [...reached].map(String).sort();
  }
  const known = Object.entries(LEGAL_STEPS).map(([from, to]) => [from, [...to].sort()]);
  expect(steps).toEqual(Object.fromEntries(known));
});
