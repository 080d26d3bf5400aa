import { describe, expect, test } from 'vitest';
import { decisionLines, plannedOrders } from '../../../src/services/agents/run-log.ts';
import type { Decision, TraderLogLine } from '../../../src/services/agents/trader.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const runId = 'run';
const decision = (action: Decision['action'], quantity: string, symbol = 'AAA'): Decision => ({
  action,
  symbol,
  quantity: new Decimal(quantity),
  reason: `${action} ${symbol}`,
});
const thought = (content: string, changed: Partial<TraderLogLine> = {}): TraderLogLine => ({
  kind: 'ASSISTANT',
  content,
  ...changed,
});
const linesOf = (log: TraderLogLine[], decisions: Decision[], ordersMax = 10) =>
  decisionLines({ log, decisions }, { runId, ordersMax });
/** As they come back from the database. */
const stored = (lines: ReturnType<typeof linesOf>) =>
  lines.map((line) => ({ ...line, data: JSON.parse(JSON.stringify(line.data ?? null)) as null }));

describe('the log of a run', () => {
  test('has the thoughts, then a line for each decision, in one sequence', () => {
    const lines = linesOf([thought('hm'), thought('aha')], [decision('BUY', '1.50')]);
    expect(lines).toEqual([
      { sequence: 0, kind: 'ASSISTANT', content: 'hm' },
      { sequence: 1, kind: 'ASSISTANT', content: 'aha' },
      {
        sequence: 2,
        kind: 'DECISION',
        content: 'BUY AAA',
        data: { action: 'BUY', symbol: 'AAA', quantity: '1.5', clientOrderId: 'run:1' },
      },
    ]);
  });

  test('gives the orders back, with the places behind the decisions for what came of them', () => {
    const decisions = [decision('SELL', '2'), decision('HOLD', '0'), decision('BUY', '3', 'BBB')];
    expect(plannedOrders(stored(linesOf([thought('hm')], decisions)))).toEqual([
      {
        ...{ symbol: 'AAA', side: 'SELL', quantity: new Decimal(2) },
        ...{ clientOrderId: 'run:1', sequence: 4 },
      },
      {
        ...{ symbol: 'BBB', side: 'BUY', quantity: new Decimal(3) },
        ...{ clientOrderId: 'run:2', sequence: 5 },
      },
    ]);
  });

  test('finds the same orders when what came of some is logged already', () => {
    const lines = stored(linesOf([], [decision('BUY', '1'), decision('BUY', '2')]));
    const outcome = { sequence: 2, kind: 'TOOL' as const, data: null };
    expect(plannedOrders([...lines, outcome])).toEqual(plannedOrders(lines));
  });

  test('makes no order of what cannot be one', () => {
    const decisions = ['0', '-1', 'NaN', 'Infinity'].map((quantity) => decision('BUY', quantity));
    expect(plannedOrders(stored(linesOf([], decisions)))).toEqual([]);
  });

  test('leaves orders past the limit out, and says so', () => {
    const decisions = ['1', '2', '3'].map((quantity) => decision('BUY', quantity));
    const lines = linesOf([], decisions, 2);
    expect(lines[0]).toMatchObject({
      kind: 'SYSTEM',
      content: 'A run places at most 2 orders: 1 decisions are not carried out.',
    });
    expect(plannedOrders(stored(lines)).map(({ quantity }) => quantity.toFixed())).toEqual([
      ...['1', '2'],
    ]);
  });

  test('has a line when the trader said nothing, since a run without one would be repeated', () => {
    expect(linesOf([], [])).toMatchObject([{ sequence: 0, kind: 'SYSTEM' }]);
  });

  test('lets no line of the trader pass for a decision', () => {
    const data = { action: 'BUY', symbol: 'AAA', quantity: '1000', clientOrderId: 'run:99' };
    const lines = linesOf([thought('sly', { kind: 'DECISION', data })], []);
    expect(lines[0]).toMatchObject({ kind: 'ASSISTANT', content: 'sly' });
    expect(plannedOrders(stored(lines))).toEqual([]);
  });

  test('keeps what the database can keep: no code 0, no half characters, no more than its limit', () => {
    const [line] = linesOf([thought('a\0b\ud800c')], []);
    expect(line?.content).toBe('ab\ufffdc');
    const [long] = linesOf([thought('🦊'.repeat(20_000))], []);
    expect(long?.content).toHaveLength(20_001);
    expect(
      linesOf(
        Array.from({ length: 300 }, () => thought('x')),
        [],
      ),
    ).toHaveLength(200);
  });
});
