import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import type { Account, Position } from '../platform/prisma/client.ts';
import { buyingPowerOf } from './events.ts';
import type { PositionMark } from './valuation.ts';

/** An open position at its newest price. */
export interface ValuedPosition {
  readonly position: Position;
  readonly symbol: string;
  readonly mark: Pick<PositionMark, 'price' | 'time' | 'isStale'>;
  /** Quantity × price; negative when short. */
  readonly marketValue: Decimal;
  /** Market value − booked cost. */
  readonly unrealizedPnl: Decimal;
  /** Of the account's equity; null when that is not above zero. */
  readonly weight: Decimal | null;
}

/** What an account is worth at the newest prices. */
export interface AccountValue {
  readonly account: Account;
  readonly asOf: Date;
  readonly buyingPower: Decimal;
  readonly marketValue: Decimal;
  /** Cash + market value. */
  readonly equity: Decimal;
  readonly unrealizedPnl: Decimal;
  /** Change of equity since midnight in the account's zone, without deposits and the like. */
  readonly dayPnl: Decimal | null;
  /** Whether a price in it is too old to fill an order at. */
  readonly isStale: boolean;
  /** The open ones, the latest opened first. */
  readonly positions: readonly ValuedPosition[];
}

export interface HeldAtPrice {
  readonly position: Position;
  readonly symbol: string;
  readonly mark: ValuedPosition['mark'];
}

/** Where the account's day began: its equity then, and what was paid in and out since. */
export interface DayBegin {
  readonly startedAt: Date;
  readonly equity: Decimal;
  readonly flows: Decimal;
}

/** Pure. `day` is undefined where the begin of the day is not known. */
export function valueAccount({
  account,
  held,
  day,
  now,
}: {
  readonly account: Account;
  readonly held: readonly HeldAtPrice[];
  readonly day: DayBegin | undefined;
  readonly now: Date;
}): AccountValue {
  const priced = held.map((row) => {
    const marketValue = new Decimal(row.position.quantity).times(row.mark.price);
    return { ...row, marketValue, unrealizedPnl: marketValue.minus(row.position.totalCost) };
  });
  const total = (amountOf: (row: (typeof priced)[number]) => Decimal) =>
    priced.reduce((sum, row) => sum.plus(amountOf(row)), ZERO);
  const marketValue = total((row) => row.marketValue);
  const equity = new Decimal(account.cash).plus(marketValue);
  const isPositive = equity.greaterThan(ZERO);
  return {
    account,
    asOf: now,
    buyingPower: buyingPowerOf(account),
    marketValue,
    equity,
    unrealizedPnl: total((row) => row.unrealizedPnl),
    dayPnl: day ? equity.minus(day.equity).minus(day.flows) : null,
    isStale: priced.some(({ mark }) => mark.isStale),
    positions: priced
      .map((row) => ({
        ...row,
        weight: isPositive ? toColumn(row.marketValue.dividedBy(equity)) : null,
      }))
      .sort((one, other) => other.position.openedAt.getTime() - one.position.openedAt.getTime()),
  };
}
