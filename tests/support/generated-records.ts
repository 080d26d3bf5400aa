import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, type Random } from '../../src/services/platform/random.ts';

/** How much of everything is made. */
export interface RecordsSize {
  readonly symbols: number;
  readonly days: number;
  /** Of the one trader's positions: 1.2 KB each with 100 symbols. */
  readonly rows: number;
  readonly logBytes: number;
}

export const GENERATED_TRADER = 'agent_data/gpt-generated';
const SEED = 20_261_121;
const START_CASH = 10_000;
const ROWS_A_WRITE = 500;
const MESSAGE_WORDS = 120;
const WORDS = ['the', 'market', 'opens', 'higher', 'I', 'sell', 'hold', 'risk', 'earnings', 'cash'];

/**
 * Writes records as the project does, always the same: daily prices of all symbols in one file, one
 * trader whose every row names all symbols and trades one at the open of its day, with cash as sums of
 * binary fractions, and a log each day.
 */
export async function writeGeneratedRecords(folder: string, size: RecordsSize): Promise<void> {
  const random = createRandom(SEED);
  const dates = Array.from({ length: size.days }, (_, day) =>
    new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
  );
  const opens = await writePrices(folder, { dates, random, symbols: size.symbols });
  await writePositions(folder, { dates, random, opens, rows: size.rows });
  await writeLogs(folder, { dates, random, bytes: size.logBytes });
}

interface Opens {
  readonly symbol: string;
  /** By day. */
  readonly prices: readonly number[];
}

async function writePrices(
  folder: string,
  given: { readonly dates: readonly string[]; readonly random: Random; readonly symbols: number },
): Promise<readonly Opens[]> {
  const { dates, random } = given;
  const all: Opens[] = [];
  await mkdir(folder, { recursive: true });
  for (let number = 0; number < given.symbols; number += 1) {
    const symbol = `S${String(number).padStart(3, '0')}`;
    const prices: number[] = [];
    const days: Record<string, Record<string, string>> = {};
    let price = 20 + 80 * random.next();
    for (const date of dates) {
      const open = Number(price.toFixed(4));
      const close = price * (0.98 + 0.04 * random.next());
      prices.push(open);
      days[date] = {
        '1. buy price': open.toFixed(4),
        '2. high': (Math.max(open, close) * 1.01).toFixed(4),
        '3. low': (Math.min(open, close) * 0.99).toFixed(4),
        '4. sell price': close.toFixed(4),
        '5. volume': String(Math.floor(1e7 * random.next())),
      };
      price = close;
    }
    const line = { 'Meta Data': { '2. Symbol': symbol }, 'Time Series (Daily)': days };
    await appendFile(join(folder, 'merged.jsonl'), `${JSON.stringify(line)}\n`);
    all.push({ symbol, prices });
  }
  return all;
}

interface PositionsGiven {
  readonly dates: readonly string[];
  readonly random: Random;
  readonly opens: readonly Opens[];
  readonly rows: number;
}

async function writePositions(folder: string, given: PositionsGiven): Promise<void> {
  const { dates, random, opens, rows } = given;
  const file = join(folder, GENERATED_TRADER, 'position', 'position.jsonl');
  await mkdir(join(file, '..'), { recursive: true });
  const held = Object.fromEntries(opens.map(({ symbol }) => [symbol, 0]));
  let [cash, lines] = [START_CASH, [] as string[]];
  for (let id = 0; id < rows; id += 1) {
    const day = Math.floor((id * dates.length) / rows);
    const row: Record<string, unknown> = { date: dates[day], id };
    if (id > 0) {
      const { symbol, prices } = opens[Math.floor(random.next() * opens.length)] ?? { symbol: '' };
      const price = prices?.[day] ?? 0;
      const owned = held[symbol] ?? 0;
      const isBuy = owned === 0 && cash > 3 * price;
      const amount = isBuy ? 1 + Math.floor(random.next() * 3) : owned;
      held[symbol] = isBuy ? amount : 0;
      cash -= (isBuy ? amount : -amount) * price;
      row.this_action = { action: isBuy ? 'buy' : 'sell', symbol, amount };
    }
    row.positions = { ...held, CASH: cash };
    lines.push(JSON.stringify(row, undefined, 1).replaceAll(/\n\s*/g, ' '));
    if (lines.length < ROWS_A_WRITE && id + 1 < rows) continue;
    await appendFile(file, `${lines.join('\n')}\n`);
    lines = [];
  }
}

async function writeLogs(
  folder: string,
  given: { readonly dates: readonly string[]; readonly random: Random; readonly bytes: number },
): Promise<void> {
  const { dates, random, bytes } = given;
  for (const date of dates) {
    const file = join(folder, GENERATED_TRADER, 'log', date, 'log.jsonl');
    await mkdir(join(file, '..'), { recursive: true });
    let text = '';
    while (text.length < bytes / dates.length) {
      const words = Array.from(
        { length: MESSAGE_WORDS },
        () => WORDS[Math.floor(random.next() * WORDS.length)] ?? '',
      );
      const message = { role: 'assistant', content: words.join(' ') };
      text += `${JSON.stringify({ signature: 'gpt-generated', new_messages: [message] })}\n`;
    }
    await writeFile(file, text);
  }
}
