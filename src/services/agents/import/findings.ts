import type { Decimal } from '../../platform/money.ts';
import type { TradeFlag } from '../../platform/prisma/enums.ts';

/** A row that does not follow from the one before, and what was booked so that the books do. */
export interface Correction {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly quantities: readonly {
    readonly symbol: string;
    /** After the row, if it followed. */
    readonly ours: Decimal;
    readonly file: Decimal;
  }[];
  /** Likewise, as booked. */
  readonly cash: { readonly ours: Decimal; readonly file: Decimal };
}

/** Something about a row that was kept as it is. */
export interface Flag {
  readonly file: string;
  readonly line: number;
  readonly flag: TradeFlag;
  /** Null when the row trades nothing. */
  readonly symbol: string | null;
  readonly price: Decimal | null;
  /** Of its bar; null when there is none. */
  readonly low: Decimal | null;
  readonly high: Decimal | null;
}

/** Of each list, the first ones are told, and of all of them the number. */
const FINDINGS_MAX = 10_000;

export interface Findings {
  readonly correctionCount: number;
  readonly corrections: readonly Correction[];
  readonly flagCount: number;
  readonly flags: readonly Flag[];
  correct(correction: Correction): void;
  flag(flag: Flag): void;
}

/** What is remarkable about the rows of one trader; bounded, however broken the file is. */
export function createFindings(): Findings {
  const counts = { corrections: 0, quantities: 0, flags: 0 };
  const corrections: Correction[] = [];
  const flags: Flag[] = [];
  return {
    corrections,
    flags,
    get correctionCount() {
      return counts.corrections;
    },
    get flagCount() {
      return counts.flags;
    },
    correct(correction) {
      counts.corrections += 1;
      // A correction of many quantities takes the room of many.
      counts.quantities += Math.max(1, correction.quantities.length);
      if (counts.quantities <= FINDINGS_MAX) corrections.push(correction);
    },
    flag(flag) {
      counts.flags += 1;
      if (flags.length < FINDINGS_MAX) flags.push(flag);
    },
  };
}
