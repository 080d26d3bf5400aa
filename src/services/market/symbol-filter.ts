import type { Tx } from '../platform/database.ts';

/**
 * The filter of what belongs to the instrument of that symbol: nothing when there is none,
 * everything when no symbol is named. PostgreSQL finds rows by an id; a symbol it would look up for
 * each of them.
 */
export async function ofSymbol(
  tx: Tx,
  symbol: string | undefined,
): Promise<{ instrumentId?: string | { in: [] } }> {
  if (symbol === undefined) return {};
  const instrument = await tx.instrument.findUnique({ where: { symbol }, select: { id: true } });
  return { instrumentId: instrument?.id ?? { in: [] } };
}
