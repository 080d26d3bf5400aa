import type { Order } from '../../platform/prisma/client.ts';
import type { TradeLiquidity } from '../../platform/prisma/enums.ts';

/**
 * Whether an order waited for the quote that fills it. A limit that stood in the book before the
 * quote came is MAKER; what takes a quote that was there before it is TAKER, and so is all without
 * a limit. A stop-limit stands in the book since its stop was seen, which is its last change before
 * it fills.
 */
export function tradeLiquidityOf(
  { type, createdAt, updatedAt }: Pick<Order, 'type' | 'createdAt' | 'updatedAt'>,
  { quotedAt, latencyMs }: { readonly quotedAt: Date; readonly latencyMs: number },
): TradeLiquidity {
  if (type !== 'LIMIT' && type !== 'STOP_LIMIT') return 'TAKER';
  const arrivedMs = createdAt.getTime() + latencyMs;
  const sinceMs = type === 'LIMIT' ? arrivedMs : Math.max(arrivedMs, updatedAt.getTime());
  return sinceMs < quotedAt.getTime() ? 'MAKER' : 'TAKER';
}
