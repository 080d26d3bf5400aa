import { InvalidInput } from '../platform/errors.ts';
import { parseLine } from '../platform/line-of-text.ts';
import { Decimal, toBookedCash } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';

const NAME_MAX_CHARACTERS = 100;
const PROMPT_MAX_CHARACTERS = 20_000;
const UNIVERSE_MAX_SYMBOLS = 50;
const INTERVAL_MIN_SECONDS = 5;
const INTERVAL_MAX_SECONDS = 86_400;
const STARTING_CASH_MIN = new Decimal(100);
const STARTING_CASH_MAX = new Decimal(10_000_000);

/*
 * What a model may be set to. Each function gives the value as it is kept, and throws InvalidInput
 * that names the field.
 */

export function parseName(name: string): string {
  return parseLine('name', name, NAME_MAX_CHARACTERS);
}

export function parsePrompt(prompt: string): string {
  if (Array.from(prompt).length > PROMPT_MAX_CHARACTERS) {
    throw new InvalidInput('prompt', `A prompt has at most ${PROMPT_MAX_CHARACTERS} characters.`);
  }
  return assertStorable('prompt', prompt);
}

export function parseInterval(seconds: number): number {
  const isInRange = seconds >= INTERVAL_MIN_SECONDS && seconds <= INTERVAL_MAX_SECONDS;
  if (!Number.isInteger(seconds) || !isInRange) {
    throw new InvalidInput(
      'intervalSeconds',
      `A model runs every ${INTERVAL_MIN_SECONDS} to ${INTERVAL_MAX_SECONDS} seconds.`,
    );
  }
  return seconds;
}

/** Whole minor units of the currency, from 100 to 10,000,000. */
export function parseStartingCash(cash: Decimal, currency: string): Decimal {
  const isInRange = cash.gte(STARTING_CASH_MIN) && cash.lte(STARTING_CASH_MAX);
  if (!isInRange) {
    throw new InvalidInput(
      'startingCash',
      `Starting cash goes from ${STARTING_CASH_MIN.toFixed()} to ${STARTING_CASH_MAX.toFixed()}.`,
    );
  }
  if (!toBookedCash(cash, currency).equals(cash)) {
    throw new InvalidInput('startingCash', `${currency} does not have that many decimals.`);
  }
  return cash;
}

/** Trimmed, in upper case, each symbol once, in the order given. */
export function parseSymbols(universe: readonly string[]): string[] {
  const symbols = [...new Set(universe.map((symbol) => symbol.trim().toUpperCase()))];
  if (symbols.length < 1 || symbols.length > UNIVERSE_MAX_SYMBOLS) {
    throw new InvalidInput('universe', `A model trades 1 to ${UNIVERSE_MAX_SYMBOLS} symbols.`);
  }
  return symbols;
}

/**
 * The one currency in which all these symbols trade, since an account has one. Throws InvalidInput
 * for a symbol that is not known or not tradable, or when their currencies differ.
 */
export async function currencyOf(tx: Tx, symbols: readonly string[]): Promise<string> {
  const refuse = (message: string) => new InvalidInput('universe', message);
  const found = await tx.instrument.findMany({
    where: { symbol: { in: symbols.map((symbol) => assertStorable('universe', symbol)) } },
    select: { symbol: true, isTradable: true, currency: true },
  });
  const known = new Map(found.map((instrument) => [instrument.symbol, instrument]));
  const currencies = symbols.map((symbol) => {
    const instrument = known.get(symbol);
    if (!instrument) throw refuse(`There is no instrument "${symbol}".`);
    if (!instrument.isTradable) throw refuse(`"${symbol}" cannot be traded here.`);
    return instrument.currency;
  });
  const [currency, ...others] = new Set(currencies);
  if (currency === undefined || others.length > 0) {
    throw refuse(`All symbols of a model trade in one currency, not ${currencies.join(' and ')}.`);
  }
  return currency;
}

/** PostgreSQL keeps every character but the one of code 0, and no halves of characters. */
function assertStorable(field: string, text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidInput(field, 'This is not text.');
  }
  return text;
}
