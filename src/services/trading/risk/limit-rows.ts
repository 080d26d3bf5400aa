import { z } from 'zod';
import type { Tx } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { Decimal, toColumn, toText, ZERO } from '../../platform/money.ts';
import type { RiskLimits } from '../../platform/prisma/client.ts';
import type { RiskLimitValues, ScopedLimits } from './limits.ts';

/** What is to change: a null takes the limit away, and what is left out stays. */
export type LimitChange = Partial<RiskLimitValues>;

/** A row as the limits that it sets: an empty list of symbols is no list. */
export function limitsOfRow(row: RiskLimits): ScopedLimits {
  return { ...row, allowedSymbols: row.allowedSymbols.length > 0 ? row.allowedSymbols : null };
}

/** As an audit row and an event tell them. */
export function toldLimits(row: RiskLimits) {
  const { scope, ordersPerMinute, allowedSymbols } = limitsOfRow(row);
  const text = (limit: Decimal | null) => limit && toText(limit);
  return {
    ...{ scope, isByAdministrator: row.isByAdministrator },
    ...{ ordersPerMinute, allowedSymbols: allowedSymbols && [...allowedSymbols] },
    maxOrderValue: text(row.maxOrderValue),
    maxPositionShare: text(row.maxPositionShare),
    priceCollar: text(row.priceCollar),
    maxInstrumentPrice: text(row.maxInstrumentPrice),
    dailyLossLimit: text(row.dailyLossLimit),
  };
}

const MONEY_LIMIT = new Decimal('1e15');
const SHARE_SCALE = 6;
const COLLAR_MAX = new Decimal(100);
const ORDERS_MAX = 100_000;
const SYMBOLS_MAX = 500;
const money = ['maxOrderValue', 'maxInstrumentPrice', 'dailyLossLimit'] as const;
const ordersNumber = z.int().min(1).max(ORDERS_MAX);

/** Throws InvalidInput, with the field, for a limit that cannot be. */
export function parseLimits(change: LimitChange): LimitChange {
  for (const field of money) {
    const limit = change[field];
    if (!limit) continue;
    const isStorable = limit.greaterThan(ZERO) && limit.lessThan(MONEY_LIMIT);
    if (isStorable && toColumn(limit).equals(limit)) continue;
    throw new InvalidInput(field, 'A limit is above 0, below 1e15, and has at most 18 decimals.');
  }
  parseShare('maxPositionShare', change.maxPositionShare, new Decimal(1));
  parseShare('priceCollar', change.priceCollar, COLLAR_MAX);
  const { ordersPerMinute, allowedSymbols } = change;
  if (typeof ordersPerMinute === 'number' && !ordersNumber.safeParse(ordersPerMinute).success) {
    throw new InvalidInput('ordersPerMinute', `It is from 1 to ${String(ORDERS_MAX)}.`);
  }
  if (!allowedSymbols) return change;
  const symbols = [...new Set(allowedSymbols)];
  if (symbols.length < 1 || symbols.length > SYMBOLS_MAX) {
    const range = `1 to ${String(SYMBOLS_MAX)} symbols`;
    throw new InvalidInput('allowedSymbols', `A list has ${range}. Halt trading to allow none.`);
  }
  return { ...change, allowedSymbols: symbols };
}

function parseShare(field: string, share: Decimal | null | undefined, most: Decimal): void {
  if (!share) return;
  const isInRange = share.greaterThan(ZERO) && share.lessThanOrEqualTo(most);
  if (isInRange && share.decimalPlaces() <= SHARE_SCALE) return;
  const range = `above 0 and up to ${toText(most)}`;
  throw new InvalidInput(field, `A share is ${range}, and has at most 6 decimals.`);
}

/** Throws InvalidInput for a symbol that is not there. */
export async function expectSymbols(tx: Tx, { allowedSymbols }: LimitChange): Promise<void> {
  if (!allowedSymbols) return;
  const found = await tx.instrument.findMany({
    where: { symbol: { in: [...allowedSymbols] } },
    select: { symbol: true },
  });
  const known = new Set(found.map(({ symbol }) => symbol));
  const unknown = allowedSymbols.find((symbol) => !known.has(symbol));
  if (unknown !== undefined) {
    throw new InvalidInput('allowedSymbols', `There is no instrument ${unknown}.`);
  }
}
