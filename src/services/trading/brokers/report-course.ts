import { ZERO } from '../../platform/money.ts';
import { isWorking, transition, type OrderEvent } from '../engine/order-state.ts';
import { end, move, type OrderCourse } from '../order-course.ts';
import type { OrderStatus } from '../../platform/prisma/enums.ts';
import type { OrderReport, ReportedStatus } from './broker.ts';

export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** Not known yet to be at the venue. */
const UNCONFIRMED: readonly OrderStatus[] = ['PENDING', 'SUBMITTED', 'UNKNOWN'];
/** Ended without another in its place, or never there: as its owner was told. */
const DEAD: readonly OrderStatus[] = ['REJECTED', 'CANCELED', 'EXPIRED', 'DENIED'];
const OPEN: readonly ReportedStatus[] = [
  ...(['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'CANCEL_PENDING'] as const),
];

export const isDead = (status: OrderStatus): boolean => DEAD.includes(status);

/** Whether the venue may fill it yet. */
export const isOpen = (status: ReportedStatus): boolean => OPEN.includes(status);

/**
 * Takes an order to where the venue says that it is. Pure. News come twice and in any order, so
 * what is old or known already changes nothing; fills are never made out of a report, only of the
 * fills.
 */
export function followReport(
  course: OrderCourse,
  report: Pick<OrderReport, 'status' | 'reason'>,
  now: Date,
): OrderCourse {
  const { status } = course.order;
  if (!isWorking(status)) return course;
  const reason = report.reason === null ? undefined : { code: 'BROKER', message: report.reason };
  switch (report.status) {
    case 'ACCEPTED':
    case 'PARTIALLY_FILLED':
    case 'FILLED':
    case 'CANCEL_PENDING':
      return confirm(course, now);
    case 'TRIGGERED':
      return trigger(confirm(course, now), now);
    case 'EXPIRED':
      return end(course, { by: 'expired', now, ...(reason && { reason }) });
    case 'CANCELED':
      return end(course, { by: 'canceled', now, ...(reason && { reason }) });
    case 'REPLACED': {
      const message = 'It was replaced at the broker.';
      return end(course, { by: 'canceled', now, reason: { code: 'REPLACED_AT_BROKER', message } });
    }
    case 'REJECTED':
      return refuseAtVenue(course, reason, now);
  }
}

/** What the venue refused. What is filled in part, or never left us, was not refused, but ended. */
export function refuseAtVenue(
  course: OrderCourse,
  reason: Reason | undefined,
  now: Date,
): OrderCourse {
  const { status, filledQuantity } = course.order;
  const isRefusable = filledQuantity.isZero() && status !== 'PENDING';
  const by = isRefusable ? 'rejected' : 'canceled';
  return end(course, { by, now, ...(reason && { reason }) });
}

/** One event that leaves what is held back as it is. */
export function step(course: OrderCourse, event: OrderEvent, now: Date): OrderCourse {
  const { reserved } = course.order;
  return move(course, transition(course.order, event), { reserved, updatedAt: now });
}

function confirm(course: OrderCourse, now: Date): OrderCourse {
  if (!UNCONFIRMED.includes(course.order.status)) return course;
  const sent =
    course.order.status === 'PENDING' ? step(course, { type: 'submitted' }, now) : course;
  return step(sent, { type: 'accepted' }, now);
}

function trigger(course: OrderCourse, now: Date): OrderCourse {
  return course.order.status === 'ACCEPTED' ? step(course, { type: 'triggered' }, now) : course;
}

/** The venue goes on with an order that was to be canceled. */
export function keepWorking(course: OrderCourse, now: Date): OrderCourse {
  if (course.order.status !== 'CANCEL_PENDING') return course;
  const status = course.order.filledQuantity.equals(ZERO) ? 'ACCEPTED' : 'PARTIALLY_FILLED';
  return step(course, { type: 'cancelRefused', status }, now);
}
