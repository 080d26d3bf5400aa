import type { LastPrice } from '../market/last-prices.ts';
import type { Quote } from '../market/quote.ts';
import { Decimal } from '../platform/money.ts';
import type { Account, Position, Trade } from '../platform/prisma/client.ts';
import { valueAccount, type AccountValue, type DayBegin, type HeldAtPrice } from './live-value.ts';

/**
 * Of an instrument that is held: how it is called, and what it was worth when no quote was there.
 */
export interface HeldInstrument {
  readonly symbol: string;
  readonly lastPrice: Pick<LastPrice, 'price' | 'time'>;
}

export interface BookContents {
  readonly account: Account;
  readonly positions: readonly Position[];
  readonly instruments: ReadonlyMap<string, HeldInstrument>;
  readonly day: DayBegin | undefined;
}

/**
 * What an account has, in memory, kept up by its events. The positions that a trade changed are
 * told before the cash that it moved: they count together, or the account would be worth twice what
 * it bought for a moment.
 */
export interface AccountBook {
  readonly account: Account;
  /** Instruments that are held. */
  instrumentIds(): ReadonlySet<string>;
  knows(instrumentId: string): boolean;
  learn(instrumentId: string, instrument: HeldInstrument): void;
  /** Waits for the cash that belongs to it. */
  positionChanged(position: Position): void;
  traded(trade: Trade): void;
  /**
   * Answers whether cash moved that no trade explains: then what was paid in and out is to be read
   * anew.
   */
  balanceChanged(account: Account): boolean;
  /** Positions that wait count from now on, though no cash came with them: a split moves none. */
  settle(): void;
  beginDay(day: DayBegin | undefined): void;
  readonly day: DayBegin | undefined;
  value(now: Date): AccountValue;
}

export function createAccountBook(
  contents: BookContents,
  {
    latest,
    freshnessMs,
  }: { readonly latest: (instrumentId: string) => Quote | undefined; readonly freshnessMs: number },
): AccountBook {
  let { account, day } = contents;
  const held = new Map(contents.positions.map((position) => [position.id, position]));
  const instruments = new Map(contents.instruments);
  let waiting: Position[] = [];
  /** What the trades since the last balance moved. */
  let traded = new Decimal(0);

  const priced = (position: Position, now: Date): HeldAtPrice => {
    const { instrumentId } = position;
    const instrument = instruments.get(instrumentId);
    if (!instrument) throw new Error(`Nothing is known of ${instrumentId}, which is held.`);
    const quote = latest(instrumentId);
    const { price, time } = quote ? { price: quote.last, time: quote.time } : instrument.lastPrice;
    const isStale = now.getTime() - time.getTime() > freshnessMs;
    return { position, symbol: instrument.symbol, mark: { price, time, isStale } };
  };

  const settle = (): void => {
    for (const position of waiting) {
      if (position.closedAt === null) held.set(position.id, position);
      else held.delete(position.id);
    }
    waiting = [];
  };

  return {
    get account() {
      return account;
    },
    get day() {
      return day;
    },
    instrumentIds: () => new Set([...held.values()].map(({ instrumentId }) => instrumentId)),
    knows: (instrumentId) => instruments.has(instrumentId),
    learn: (instrumentId, instrument) => void instruments.set(instrumentId, instrument),
    positionChanged: (position) => void waiting.push(position),
    traded({ cashAmount, fee }) {
      traded = traded.plus(cashAmount).minus(fee);
    },
    balanceChanged(after) {
      const moved = new Decimal(after.cash).minus(account.cash);
      const isExplained = moved.equals(traded);
      traded = new Decimal(0);
      account = after;
      settle();
      return !isExplained;
    },
    settle,
    beginDay(begin) {
      day = begin;
    },
    value: (now) =>
      valueAccount({
        ...{ account, day, now },
        held: [...held.values()].map((position) => priced(position, now)),
      }),
  };
}
