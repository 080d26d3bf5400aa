import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importedRunId } from '../../../../src/services/agents/import/logs.ts';
import {
  readPositionRows,
  type PositionRow,
} from '../../../../src/services/agents/import/position-rows.ts';
import { createSymbolNames } from '../../../../src/services/agents/import/symbol-names.ts';
import { withoutFloatNoise } from '../../../../src/services/agents/import/trade-price.ts';
import { guessProvider } from '../../../../src/services/agents/import/provider.ts';
import { createCalendar, EXCHANGES } from '../../../../src/services/market/import/exchange.ts';
import { Decimal } from '../../../../src/services/platform/money.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** The rows of a position file of this text. */
async function rowsOf(text: string) {
  const folder = await temporaryFolder({ 'position.jsonl': text });
  const [calendar, names] = [createCalendar(EXCHANGES.US), createSymbolNames(EXCHANGES.US)];
  const file = join(folder, 'position.jsonl');
  const rows: PositionRow[] = [];
  for await (const row of readPositionRows({ file, calendar, names })) rows.push(row);
  return rows;
}

test.each([
  ['1e-999999999', '0'],
  ['-1e-999999999', '0'],
  ['0.10', '0.10'],
])('cash of %s is kept as %s', async (digits, kept) => {
  const rows = await rowsOf(`{"date": "2025-10-01", "positions": {"CASH": ${digits}}}`);
  expect(rows.map(({ cashText }) => cashText)).toEqual([kept]);
});

describe('a price out of sums of binary fractions', () => {
  test.each([
    ['below a tick', '103.00499999999919', '103.005'],
    ['above a tick', '189.60000000000036', '189.6'],
    ['just within a hundredth of a tick', '101.005001', '101.005'],
    ['further off is a price of its own', '101.00500101', '101.00500101'],
    ['between two ticks', '33.33335', '33.33335'],
    ['close to nothing stays above it', '0.0000005', '0.0000005'],
  ])('%s', (_what, price, expected) => {
    const cleaned = withoutFloatNoise(new Decimal(price), new Decimal('0.0001'));
    expect(cleaned.toFixed()).toBe(expected);
  });
});

test.each([
  ['gpt-5', 'openai'],
  ['claude-3.7-sonnet', 'anthropic'],
  ['gemini-2.5-flash', 'google'],
  ['deepseek-chat-v3.1', 'deepseek'],
  ['qwen3-max', 'alibaba'],
  ['MiniMax-M2', 'minimax'],
  ['llama-4', 'unknown'],
])('%s is served by %s', (name, provider) => {
  expect(guessProvider(name)).toBe(provider);
});

describe('the id of an imported run', () => {
  const id = importedRunId('owner', 'ai-trader:x', '2025-10-01');

  test('is the same for the same owner, trader and day, and no other', () => {
    expect(importedRunId('owner', 'ai-trader:x', '2025-10-01')).toBe(id);
    expect(importedRunId('owner', 'ai-trader:x', '2025-10-02')).not.toBe(id);
    expect(importedRunId('other', 'ai-trader:x', '2025-10-01')).not.toBe(id);
  });

  test('is a UUID of version 8', () => {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
