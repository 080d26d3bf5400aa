import type { Tx } from '../platform/database.ts';
import type { Condition } from '../platform/list-conditions.ts';
import type { Query } from '../platform/query.ts';
import type { Ask } from '../platform/read-transaction.ts';

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

const ID_OF_SYMBOL = 'SELECT id FROM instruments WHERE symbol = $1';

/** The same for statements past Prisma. */
export async function instrumentIs(
  ask: Ask,
  symbol: string | undefined,
): Promise<readonly Condition[]> {
  if (symbol === undefined) return [];
  const query: Query<{ readonly id: string }> = { text: ID_OF_SYMBOL, values: [symbol] };
  const [instrument] = await ask(query);
  const field = 'instrumentId';
  return [instrument ? { field, is: instrument.id } : { field, anyOf: [] }];
}
