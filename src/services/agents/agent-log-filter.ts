import type { Prisma } from '../platform/prisma/client.ts';
import { assertTimeRange } from '../platform/time-range.ts';
import type { Viewer } from '../platform/viewer.ts';
import { modelsWithLogInScope, type ModelScope } from './model-visibility.ts';

export interface AgentLogFilter {
  readonly modelId: string;
  /** Midnight UTC of a trading day in the zone of the model's account. */
  readonly date?: Date;
  /** Written at or after. */
  readonly from?: Date;
  /** Written before. */
  readonly to?: Date;
  readonly scope?: ModelScope;
}

/**
 * The lines that the filter means and the viewer may read. Throws InvalidInput for a time that ends
 * before it begins.
 */
export function visibleLines(
  viewer: Viewer,
  filter: AgentLogFilter,
): Prisma.AgentLogEntryWhereInput {
  assertTimeRange(filter);
  const { modelId, date, from, to, scope = 'VISIBLE' } = filter;
  return {
    modelId,
    ...(date && { date }),
    ...((from ?? to) && { occurredAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
    model: modelsWithLogInScope(viewer, scope),
  };
}
