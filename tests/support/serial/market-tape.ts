import { farSide, type Prices } from './plain-order.ts';
import type { Side } from '../plain-book.ts';

/** A quote that was put: prices in hundredths of a cent, sizes in thousandths. */
export interface TapeQuote extends Prices {
  readonly bidSize: bigint;
  readonly askSize: bigint;
  readonly timeMs: number;
}

/** What a client asked for, and between which quotes it was answered. */
export interface Asked<Command> {
  readonly command: Command;
  /** Places on the tape of the instrument. */
  readonly from: number;
  /** Infinity as long as it is not answered. */
  to: number;
}

/** All quotes of a test, by instrument, in the order in which they were put. */
export class MarketTape {
  readonly #quotes = new Map<string, TapeQuote[]>();

  of(instrument: string): readonly TapeQuote[] {
    return this.#quotes.get(instrument) ?? [];
  }

  put(instrument: string, quote: TapeQuote): void {
    const known = this.#quotes.get(instrument) ?? [];
    known.push(quote);
    this.#quotes.set(instrument, known);
  }

  /** The place of the newest. */
  now(instrument: string): number {
    return this.of(instrument).length - 1;
  }

  between(instrument: string, { from, to }: Pick<Asked<unknown>, 'from' | 'to'>): TapeQuote[] {
    return this.of(instrument).slice(Math.max(0, from), to === Infinity ? undefined : to + 1);
  }

  at(instrument: string, timeMs: number): TapeQuote | undefined {
    return this.of(instrument).find((quote) => quote.timeMs === timeMs);
  }

  /** What was the newest at some time of a span, in milliseconds. */
  during(instrument: string, fromMs: number, toMs: number): TapeQuote[] {
    const quotes = this.of(instrument);
    const first = quotes.findLastIndex(({ timeMs }) => timeMs <= fromMs);
    return quotes.slice(Math.max(0, first)).filter(({ timeMs }) => timeMs <= toMs);
  }
}

/** What fills of an instrument may have taken, one after the other. */
interface Taken {
  readonly quoteMs: number;
  readonly side: Side;
  readonly quantity: bigint;
  /** What the order could take. */
  readonly wanted: bigint;
  readonly isAllOrNone: boolean;
}

/** The same of one of many, with the id of the trade, which tells which came first. */
export interface TakenOf extends Taken {
  readonly tradeId: string;
  readonly instrument: string;
}

const LOT = 1_000n;

/** Of one instrument over all accounts: what was offered was given once, and as far as it went. */
export function fillFindings(
  tape: MarketTape,
  instrument: string,
  fills: readonly TakenOf[],
): string[] {
  const own = fills.filter((fill) => fill.instrument === instrument);
  const inOrder = own.sort((one, other) => (one.tradeId < other.tradeId ? -1 : 1));
  return liquidityFindings(tape.of(instrument), inOrder);
}

/** Fills that took more than was offered, or less than they could. */
function liquidityFindings(quotes: readonly TapeQuote[], fills: readonly Taken[]): string[] {
  const consumed = new Map<string, bigint>();
  return fills.flatMap(({ quoteMs, side, quantity, wanted, isAllOrNone }) => {
    const quote = quotes.find(({ timeMs }) => timeMs === quoteMs);
    if (!quote) return [`a fill at a quote that was never there`];
    const key = `${String(quoteMs)} ${side}`;
    const offered = farSide(side, { bid: quote.bidSize, ask: quote.askSize });
    const left = offered - (consumed.get(key) ?? 0n);
    consumed.set(key, (consumed.get(key) ?? 0n) + quantity);
    const whole = left - (left % LOT);
    const expected = wanted < whole ? wanted : whole;
    if (quantity === expected && !(isAllOrNone && quantity < wanted)) return [];
    return [`${side} took ${String(quantity)} of ${String(left)}, and wanted ${String(wanted)}`];
  });
}
