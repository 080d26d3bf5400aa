import { describe, expect, test } from 'vitest';
import type { OrderStatus } from '../../../../src/services/platform/prisma/enums.ts';
import { Decimal } from '../../../../src/services/platform/money.ts';
import type { Account, Order } from '../../../../src/services/platform/prisma/client.ts';
import { followReport } from '../../../../src/services/trading/brokers/report-course.ts';
import { courseOf } from '../../../../src/services/trading/order-course.ts';
import type { ReportedStatus } from '../../../../src/services/trading/brokers/broker.ts';

const now = new Date('2026-03-02T15:00:00Z');
const zero = new Decimal(0);

/** An order of 10 in that state; what is filled in part is filled by 4. */
function orderIn(status: OrderStatus): Order {
  const filled = status === 'PARTIALLY_FILLED' ? 4 : status === 'FILLED' ? 10 : 0;
  return {
    ...{
      id: 'o',
      ownerId: 'p',
      accountId: 'a',
      instrumentId: 'i',
      clientOrderId: 'c',
      side: 'BUY',
    },
    ...{ type: 'LIMIT', timeInForce: 'GTC', limitPrice: new Decimal(1), stopPrice: null },
    ...{ trailAmount: null, trailPercent: null, notional: null, orderClass: 'SIMPLE', leg: null },
    ...{ groupId: null, replacesId: null, replacedById: null, brokerOrderId: 'b', expiresAt: null },
    ...{ quantity: new Decimal(10), filledQuantity: new Decimal(filled) },
    ...{ filledNotional: new Decimal(filled), status, reserved: zero, reasonCode: null },
    ...{ reason: null, runId: null, version: 5, createdAt: now, updatedAt: now },
  };
}

const account: Account = {
  ...{ id: 'a', ownerId: 'p', modelId: null, name: 'A', kind: 'LIVE', status: 'ACTIVE' },
  ...{ currency: 'USD', zone: 'America/Chicago', startingCash: zero, cash: zero, reserved: zero },
  ...{ allowsShort: false, slippageModel: 'NONE', slippageBps: zero, feeModel: 'NONE' },
  ...{ liquidityModel: 'UNLIMITED', latencyMs: 0, createdAt: now },
};

const after = (status: OrderStatus, reported: ReportedStatus): OrderStatus =>
  followReport(courseOf(account, orderIn(status)), { status: reported, reason: null }, now).order
    .status;

describe('a report of an order', () => {
  const OVER = ['FILLED', 'CANCELED', 'EXPIRED', 'REPLACED', 'DENIED', 'REJECTED'] as const;
  const REPORTS: readonly ReportedStatus[] = [
    ...(['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING'] as const),
    ...(['CANCELED', 'EXPIRED', 'REPLACED', 'REJECTED'] as const),
  ];

  test.each(OVER)('of one that is %s changes nothing: it is old, or late', (status) => {
    expect(REPORTS.map((report) => after(status, report))).toEqual(REPORTS.map(() => status));
  });

  // Ours, then what becomes of it by each report in the order of REPORTS.
  const working = ['ACCEPTED', 'TRIGGERED', 'ACCEPTED', 'ACCEPTED', 'ACCEPTED'] as const;
  test.each([
    ['PENDING', working, 'CANCELED'],
    ['SUBMITTED', working, 'REJECTED'],
    ['UNKNOWN', working, 'REJECTED'],
    ['ACCEPTED', working, 'REJECTED'],
    ['TRIGGERED', Array<OrderStatus>(5).fill('TRIGGERED'), 'REJECTED'],
    ['PARTIALLY_FILLED', Array<OrderStatus>(5).fill('PARTIALLY_FILLED'), 'CANCELED'],
    ['CANCEL_PENDING', Array<OrderStatus>(5).fill('CANCEL_PENDING'), 'REJECTED'],
  ] as const)('of one that is %s leads where the venue is', (status, open, refused) => {
    expect(REPORTS.map((report) => after(status, report))).toEqual([
      ...open,
      // Replaced there is canceled here: what took its place is not ours.
      ...['CANCELED', 'EXPIRED', 'CANCELED', refused],
    ]);
  });
});
