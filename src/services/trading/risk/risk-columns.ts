import { z } from 'zod';
import { decimalField } from '../../platform/payload.ts';
import { RiskScope } from '../../platform/prisma/enums.ts';
import type { Halt } from './judge-limits.ts';
import type { ScopedLimits } from './limits.ts';

/** What a statement brings along of limits and switches. */
export interface RiskColumns {
  readonly limits: unknown;
  readonly halts: unknown;
}

/**
 * Two columns for a statement that reads an order's circumstances: the limits and the switches which hold
 * for an account, so that they cost no statement of their own. By the owner, for which there is an index,
 * and each of the two in two parts, since the planner walks no index for an OR with a NULL.
 */
export function riskColumns(owner: string, account: string): string {
  const holding = (table: string, condition: string) => `(
      SELECT * FROM ${table} WHERE owner_id IS NULL ${condition}
      UNION ALL
      SELECT * FROM ${table} WHERE owner_id = ${owner}
        AND (account_id IS NULL OR account_id = ${account}) ${condition}) r`;
  return `(SELECT jsonb_agg(jsonb_build_object('scope', r.scope,
      'maxOrderValue', trim_scale(r.max_order_value)::text,
      'maxPositionShare', trim_scale(r.max_position_share)::text,
      'priceCollar', trim_scale(r.price_collar)::text,
      'maxInstrumentPrice', trim_scale(r.max_instrument_price)::text,
      'ordersPerMinute', r.orders_per_minute,
      'dailyLossLimit', trim_scale(r.daily_loss_limit)::text,
      'allowedSymbols', nullif(r.allowed_symbols, '{}')))
    FROM ${holding('risk_limits', '')}) AS limits,
    (SELECT jsonb_agg(jsonb_build_object('scope', r.scope, 'reason', r.reason, 'since', r.changed_at,
        'isByAdministrator', r.is_by_administrator) ORDER BY r.scope, r.is_by_administrator DESC)
    FROM ${holding('kill_switches', 'AND is_on')}) AS halts`;
}

const decimal = decimalField.nullable();
const limits = z
  .array(
    z.object({
      scope: z.enum(RiskScope),
      maxOrderValue: decimal,
      maxPositionShare: decimal,
      priceCollar: decimal,
      maxInstrumentPrice: decimal,
      ordersPerMinute: z.number().nullable(),
      dailyLossLimit: decimal,
      allowedSymbols: z.array(z.string()).nullable(),
    }),
  )
  .readonly();
const halts = z
  .array(
    z.object({
      scope: z.enum(RiskScope),
      isByAdministrator: z.boolean(),
      reason: z.string().nullable(),
      since: z.string().transform((text) => new Date(text).toISOString()),
    }),
  )
  .readonly();

/** What the columns say. The first switch that is on is told: the widest, and an administrator's of two. */
export function parseRiskColumns(row: RiskColumns): {
  readonly limits: readonly ScopedLimits[];
  readonly halt: Halt | null;
} {
  // Nearly always there is neither, and an order should not wait for a parser then.
  return {
    limits: row.limits === null ? [] : limits.parse(row.limits),
    halt: row.halts === null ? null : (halts.parse(row.halts)[0] ?? null),
  };
}
