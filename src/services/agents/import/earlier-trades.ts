import { ImportError } from '../../market/import/errors.ts';
import type { Instrument, Trade } from '../../platform/prisma/client.ts';
import type { Tx } from '../../platform/database.ts';
import type { RowEntry } from './row-entry.ts';
import type { PositionStep } from './position-steps.ts';

type StoredTrade = Trade & { readonly instrument: Instrument };

/**
 * The trades of an account that was imported before rows were stored: of these imports, trades are
 * all that is known. Later ones are known by their rows.
 */
export interface EarlierTrades {
  /** 0 when there are none, as for every account whose rows are stored. */
  readonly lastLine: number;
  /** Throws ImportError when the row is not what was booked for its line. */
  refuseOther(step: PositionStep, entry: RowEntry): void;
}

export const tradeKeyOf = (line: number): string => `position.jsonl:${String(line)}`;

/**
 * `mayHave`: the account is not new, and has no rows. One trader's trades: memory holds thousands.
 */
export async function loadEarlierTrades(
  tx: Tx,
  { accountId, file, mayHave }: { accountId: string; file: string; mayHave: boolean },
): Promise<EarlierTrades> {
  const trades = mayHave
    ? await tx.trade.findMany({
        where: { accountId, importKey: { not: null } },
        include: { instrument: true },
      })
    : [];
  const byKey = new Map(trades.map((trade) => [trade.importKey, trade]));
  const lines = trades.map(({ importKey }) => Number(importKey?.split(':').at(-1)));
  return {
    lastLine: lines.reduce((last, line) => Math.max(last, line), 0),
    refuseOther(step, entry) {
      const stored = byKey.get(tradeKeyOf(step.line));
      if (isSame(stored, step, entry)) return;
      const had = stored ? 'another trade' : 'no trade';
      const reason = `An earlier import of the file had ${had} in this line.`;
      throw new ImportError({ file, line: step.line }, reason);
    },
  };
}

function isSame(
  stored: StoredTrade | undefined,
  { gap, at }: PositionStep,
  entry: RowEntry,
): boolean {
  // What does not chain was refused then.
  if (gap) return false;
  const { trade } = entry;
  if (!stored || !trade) return !stored && !trade;
  return (
    stored.instrument.symbol === trade.symbol &&
    stored.side === trade.side &&
    stored.executedAt.getTime() === at.getTime() &&
    trade.quantity.equals(stored.quantity) &&
    trade.cashAmount.equals(stored.cashAmount)
  );
}
