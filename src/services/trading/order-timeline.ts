import type { OrderStatus } from '../platform/prisma/enums.ts';
import type { Ask } from '../platform/read-transaction.ts';

/** One step in the life of an order. */
export interface OrderStep {
  readonly status: OrderStatus;
  /** When it happened: at a broker, by the broker's clock. */
  readonly at: Date;
  /** When we wrote it down. */
  readonly recordedAt: Date;
  /** Since the step before; null for the first, and for one whose step before is left out. */
  readonly latencyMs: number | null;
  readonly reasonCode: string | null;
}

interface StepRow extends Omit<OrderStep, 'latencyMs'> {
  readonly orderId: string;
  readonly sequence: number;
}

/** Steps that are read from either end of an order's history: each partial fill is a step. */
const FROM_EACH_END = 100;

const STEPS = `SELECT step.order_id AS "orderId", step.sequence, step.to_status AS status,
    step.occurred_at AS at, step.recorded_at AS "recordedAt", step.reason_code AS "reasonCode"
  FROM unnest($1::uuid[]) AS wanted (id)
  CROSS JOIN LATERAL (
    (SELECT * FROM order_events WHERE order_id = wanted.id ORDER BY sequence
      LIMIT ${String(FROM_EACH_END)})
    UNION
    (SELECT * FROM order_events WHERE order_id = wanted.id ORDER BY sequence DESC
      LIMIT ${String(FROM_EACH_END)})) AS step
  ORDER BY step.order_id, step.sequence`;

/**
 * The steps of each order, in their order, in one statement. Of an order with more than 200 the
 * first and the last hundred, so that a long life costs no more than a short one.
 */
export async function readTimelines(
  ask: Ask,
  orderIds: readonly string[],
): Promise<Map<string, OrderStep[]>> {
  const rows = await ask<StepRow>({ text: STEPS, values: [orderIds] });
  const timelines = new Map<string, OrderStep[]>();
  let before: StepRow | undefined;
  for (const row of rows) {
    const steps = timelines.get(row.orderId) ?? [];
    const { status, at, recordedAt, reasonCode } = row;
    steps.push({ status, at, recordedAt, reasonCode, latencyMs: latencyOf(before, row) });
    timelines.set(row.orderId, steps);
    before = row;
  }
  return timelines;
}

function latencyOf(before: StepRow | undefined, step: StepRow): number | null {
  const isNext = before?.orderId === step.orderId && before.sequence === step.sequence - 1;
  return isNext ? step.at.getTime() - before.at.getTime() : null;
}
