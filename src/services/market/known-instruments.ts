import type { Clock } from '../platform/clock.ts';
import type { Instrument } from '../platform/prisma/client.ts';

/** Instruments that were read lately, by their ids: the same for everyone who may read the market. */
export interface KnownInstruments {
  /** Undefined where it is not known, or no longer. */
  byId(id: string): Instrument | undefined;
  /** Those that are there; `read` is asked for the ids that are not known. */
  byIds(
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<readonly Instrument[]>,
  ): Promise<readonly Instrument[]>;
}

/** Of an instrument nothing but its name changes once it is there, and that by an import alone. */
const KNOWN_FOR_MS = 2_000;
const KNOWN_MAX = 10_000;

interface Known {
  readonly row: Instrument;
  readonly untilMs: number;
}

/** Whoever changes a row of these changes it for everyone: they are frozen. */
export function createKnownInstruments({ clock }: { readonly clock: Clock }): KnownInstruments {
  const known = new Map<string, Known>();

  const keep = (row: Instrument, nowMs: number): void => {
    known.delete(row.id);
    known.set(row.id, { row: Object.freeze(row), untilMs: nowMs + KNOWN_FOR_MS });
    // The first of a map is the one that was read longest ago.
    if (known.size > KNOWN_MAX) known.delete(String(known.keys().next().value));
  };

  return {
    byId(id) {
      const found = known.get(id);
      return found && clock.now().getTime() < found.untilMs ? found.row : undefined;
    },

    async byIds(ids, read) {
      const nowMs = clock.now().getTime();
      const found: Instrument[] = [];
      const missing: string[] = [];
      for (const id of ids) {
        const { row, untilMs = 0 } = known.get(id) ?? {};
        if (row && nowMs < untilMs) found.push(row);
        else missing.push(id);
      }
      if (missing.length === 0) return found;
      const rows = await read(missing);
      for (const row of rows) keep(row, nowMs);
      return [...found, ...rows];
    },
  };
}
