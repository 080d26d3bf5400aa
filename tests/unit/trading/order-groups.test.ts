import { expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import type { Account, Order } from '../../../src/services/platform/prisma/client.ts';
import { courseOf } from '../../../src/services/trading/order-course.ts';
import { coursesOfGroup } from '../../../src/services/trading/order-groups.ts';

const NOW = new Date('2026-03-02T15:00:00Z');
const of = (number: number) => new Decimal(number);

test('cash that a leg frees when the other fills in part is told', () => {
  const account = {
    ...{ id: 'account', ownerId: 'owner', currency: 'USD', kind: 'PAPER' },
    ...{ cash: of(1000), reserved: of(500) },
  } as Account;
  const order = (given: Partial<Order>) =>
    ({
      ...{ accountId: 'account', ownerId: 'owner', side: 'BUY', status: 'ACCEPTED', version: 3 },
      ...{ filledQuantity: of(0), filledNotional: of(0), reserved: of(0), quantity: of(10) },
      ...{ limitPrice: null, stopPrice: null, notional: null, trailAmount: null },
      ...{ createdAt: NOW, updatedAt: NOW, trailPercent: null, expiresAt: null },
      ...given,
    }) as Order;
  const profit = order({ id: 'profit', leg: 'TAKE_PROFIT', status: 'PARTIALLY_FILLED' });
  const loss = order({ id: 'loss', leg: 'STOP_LOSS', reserved: of(500) });
  const [course] = coursesOfGroup({
    course: courseOf(account, profit),
    news: { type: 'filled', quantity: of(4) },
    others: [loss],
    now: NOW,
  });
  // For 6 of 10 it holds 300 of its 500.
  expect(course?.account.reserved.toFixed()).toBe('300');
  const told = course?.events.filter(({ type }) => type === 'BalanceChanged') ?? [];
  expect(told).toHaveLength(1);
  expect(told[0]?.payload).toMatchObject({ reserved: '300' });
});
