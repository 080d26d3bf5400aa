import { IANAZone } from 'luxon';
import { InvalidInput } from '../platform/errors.ts';
import { parseLine } from '../platform/line-of-text.ts';
import { Decimal, isCurrency, toBookedCash, ZERO } from '../platform/money.ts';
import type { Account } from '../platform/prisma/client.ts';

/** How an account trades on paper. */
export type FillSettings = Pick<
  Account,
  'allowsShort' | 'slippageModel' | 'slippageBps' | 'feeModel' | 'liquidityModel' | 'latencyMs'
>;

/** At the quote, as much as is quoted, at once, and nothing short. */
export const AS_QUOTED: FillSettings = {
  allowsShort: false,
  slippageModel: 'NONE',
  slippageBps: ZERO,
  feeModel: 'INSTRUMENT',
  liquidityModel: 'QUOTED_SIZE',
  latencyMs: 0,
};

const NAME_MAX_CHARACTERS = 100;
const CASH_MAX = new Decimal('1e9');
const SLIPPAGE_MAX_BPS = 1_000;
const SLIPPAGE_BPS_DECIMALS = 6;
const LATENCY_MAX_MS = 60_000;

/*
 * What an account may be set to. Each function gives the value as it is kept, and throws
 * InvalidInput that names the field.
 */

export function parseAccountName(name: string): string {
  return parseLine('name', name, NAME_MAX_CHARACTERS);
}

export function parseCurrency(code: string): string {
  if (!isCurrency(code)) throw new InvalidInput('currency', `No account is kept in "${code}".`);
  return code;
}

/** A zone of IANA's, such as `America/Chicago`; no fixed offset, whose days are nobody's. */
export function parseZone(zone: string): string {
  const isNamed = /^[A-Z][\w+-]*(\/[\w+-]+)*$/.test(zone);
  if (!isNamed || !IANAZone.isValidZone(zone)) {
    throw new InvalidInput('zone', `"${zone}" is no time zone of IANA's, such as America/Chicago.`);
  }
  return zone;
}

/** From 0 to 1,000,000,000, in whole minor units of the currency. */
export function parseStartingCash(cash: Decimal, currency: string): Decimal {
  const isInRange = cash.gte(ZERO) && cash.lte(CASH_MAX);
  if (!isInRange) {
    throw new InvalidInput('startingCash', `Starting cash goes from 0 to ${CASH_MAX.toFixed()}.`);
  }
  return inMinorUnits('startingCash', cash, currency);
}

/** Above 0, up to 1,000,000,000. */
export function parseAmount(amount: Decimal): Decimal {
  const isInRange = amount.gt(ZERO) && amount.lte(CASH_MAX);
  if (!isInRange) {
    throw new InvalidInput('amount', `The amount is above 0 and at most ${CASH_MAX.toFixed()}.`);
  }
  return new Decimal(amount);
}

export function inMinorUnits(field: string, amount: Decimal, currency: string): Decimal {
  if (!toBookedCash(amount, currency).equals(amount)) {
    throw new InvalidInput(field, `${currency} does not have that many decimals.`);
  }
  return new Decimal(amount);
}

/**
 * What is given of the settings. Basis points are for FIXED_BPS alone, which the caller sees to.
 */
export function parseFillSettings(given: Partial<FillSettings>): Partial<FillSettings> {
  const { slippageBps, latencyMs } = given;
  if (slippageBps !== undefined) {
    const isInRange = slippageBps.gte(ZERO) && slippageBps.lte(SLIPPAGE_MAX_BPS);
    if (!isInRange || slippageBps.decimalPlaces() > SLIPPAGE_BPS_DECIMALS) {
      throw new InvalidInput(
        'slippageBps',
        `Slippage goes from 0 to ${String(SLIPPAGE_MAX_BPS)} basis points, with 6 decimals.`,
      );
    }
  }
  if (latencyMs !== undefined) {
    const isInRange = latencyMs >= 0 && latencyMs <= LATENCY_MAX_MS;
    if (!Number.isInteger(latencyMs) || !isInRange) {
      throw new InvalidInput(
        'latencyMs',
        `Latency goes from 0 to ${String(LATENCY_MAX_MS)} milliseconds.`,
      );
    }
  }
  return given;
}
