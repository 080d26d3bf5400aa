import { Decimal } from '../../platform/money.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';

/** Limits as they are set for a deployment, a person or an account; null where there is none. */
export interface RiskLimitValues {
  /** In the currency of the account. */
  readonly maxOrderValue: Decimal | null;
  /** Of the equity, above 0 and up to 1. */
  readonly maxPositionShare: Decimal | null;
  /** How much worse than the market a limit price may be, as a share. */
  readonly priceCollar: Decimal | null;
  readonly maxInstrumentPrice: Decimal | null;
  readonly ordersPerMinute: number | null;
  /** In the currency of the account. */
  readonly dailyLossLimit: Decimal | null;
  /** Null for all. */
  readonly allowedSymbols: readonly string[] | null;
}

export interface ScopedLimits extends RiskLimitValues {
  readonly scope: RiskScope;
}

/** What holds for an account: there is always a collar. */
export interface EffectiveLimits extends RiskLimitValues {
  readonly priceCollar: Decimal;
}

/** Of a deployment that sets none. */
const PRICE_COLLAR = new Decimal('0.2');

/**
 * The strictest of each limit over the deployment, the person and the account. The collar is 20%
 * unless the deployment says otherwise, more or less; people and accounts can make it tighter
 * alone.
 */
export function strictestOf(all: readonly ScopedLimits[]): EffectiveLimits {
  const collar = all.find(({ scope }) => scope === 'DEPLOYMENT')?.priceCollar ?? PRICE_COLLAR;
  const least = (
    name: 'maxOrderValue' | 'maxPositionShare' | 'maxInstrumentPrice' | 'dailyLossLimit',
  ) => leastOf(all.map((limits) => limits[name]));
  const rates = all.flatMap(({ ordersPerMinute }) => ordersPerMinute ?? []);
  return {
    maxOrderValue: least('maxOrderValue'),
    maxPositionShare: least('maxPositionShare'),
    maxInstrumentPrice: least('maxInstrumentPrice'),
    dailyLossLimit: least('dailyLossLimit'),
    priceCollar: leastOf([collar, ...all.map(({ priceCollar }) => priceCollar)]) ?? collar,
    ordersPerMinute: rates.length > 0 ? Math.min(...rates) : null,
    allowedSymbols: commonTo(
      all.flatMap(({ allowedSymbols }) => (allowedSymbols ? [allowedSymbols] : [])),
    ),
  };
}

export const NO_LIMITS: EffectiveLimits = strictestOf([]);

function leastOf(limits: readonly (Decimal | null)[]): Decimal | null {
  const [first, ...others] = limits.filter((limit) => limit !== null);
  return first ? Decimal.min(first, ...others) : null;
}

function commonTo(lists: readonly (readonly string[])[]): readonly string[] | null {
  const [first, ...others] = lists;
  return first ? first.filter((symbol) => others.every((list) => list.includes(symbol))) : null;
}
