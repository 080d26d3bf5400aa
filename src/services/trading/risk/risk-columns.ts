import { z } from 'zod';
import { decimalField } from '../../platform/payload.ts';
import { RiskScope } from '../../platform/prisma/enums.ts';
import type { Halt } from './judge-limits.ts';
import type { ScopedLimits } from './limits.ts';

/**
 * The limits and switches that hold for an account, as `order_circumstances` gathers them: null for
 * none.
 */
export interface RiskColumns {
  readonly limits: unknown;
  readonly halts: unknown;
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

/**
 * What the columns say. The first switch that is on is told: the widest, and an administrator's of
 * two.
 */
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
