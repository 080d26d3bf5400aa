import { closedAtOf, numbersOf } from './trade-amounts.ts';
import type { Ids } from '../platform/ids.ts';
import type { Position } from '../platform/prisma/client.ts';
import type { PendingPosition } from './history-writes.ts';
import type { FillResult } from './position.ts';

/** Positions of which the rows are behind: those to be updated, which come first, and new ones. */
export interface ChangedPositions {
  readonly stored: readonly PendingPosition[];
  readonly added: readonly PendingPosition[];
}

/** What an account holds, ahead of the database by the trades that are not written yet. */
export interface HistoryPositions {
  openOf(instrumentId: string): PendingPosition | undefined;
  /** Makes of the open position, if there is one, what a fill of its instrument made of it. */
  apply(instrumentId: string, executedAt: Date, result: FillResult): void;
  /** All that changed since it was last asked, to be written now. */
  takeChanged(): ChangedPositions;
}

/** `rows` are the open positions of one account. */
export function createHistoryPositions(rows: readonly Position[], ids: Ids): HistoryPositions {
  const open = new Map<string, PendingPosition>();
  for (const row of rows) open.set(row.instrumentId, row);
  const stored = new Set(rows.map(({ id }) => id));
  const changed = new Map<string, PendingPosition>();

  return {
    openOf: (instrumentId) => open.get(instrumentId),

    apply(instrumentId, executedAt, { held, opened }) {
      const before = open.get(instrumentId);
      if (before && held) {
        const closedAt = closedAtOf(held, executedAt);
        const after = { ...before, ...numbersOf(held), closedAt, updatedAt: executedAt };
        changed.set(after.id, after);
        if (closedAt) open.delete(instrumentId);
        else open.set(instrumentId, after);
      }
      if (opened) {
        const times = { openedAt: executedAt, closedAt: null, updatedAt: executedAt };
        const after = { id: ids.next(), instrumentId, ...numbersOf(opened), ...times };
        changed.set(after.id, after);
        open.set(instrumentId, after);
      }
    },

    takeChanged() {
      const all = [...changed.values()];
      const isStored = ({ id }: PendingPosition): boolean => stored.has(id);
      const taken = {
        stored: all.filter(isStored),
        added: all.filter((position) => !isStored(position)),
      };
      for (const { id } of all) stored.add(id);
      changed.clear();
      return taken;
    },
  };
}
