import { describe, expect, test } from 'vitest';
import { decideInTime, DecisionTimedOut } from '../../../src/services/agents/decision-deadline.ts';
import type { Briefing, Trader, TraderOutcome } from '../../../src/services/agents/trader.ts';
import { Decimal, ZERO } from '../../../src/services/platform/money.ts';
import { createManualTime } from '../../support/manual-time.ts';

const briefing: Briefing = {
  asOf: new Date(0),
  account: { currency: 'USD', cash: ZERO, buyingPower: ZERO },
  positions: [],
  markets: [],
  limits: { ordersMax: 1, positionShareMax: new Decimal(1) },
};
const outcome: TraderOutcome = {
  decisions: [],
  log: [],
  usage: { inputTokens: 0, outputTokens: 0, costUsd: ZERO },
};

function setUp(decide: Trader['decide']) {
  const time = createManualTime(new Date(0));
  const stop = new AbortController();
  const deadline = { timers: time.timers, timeoutMs: 1_000, stop: stop.signal };
  return { time, stop, decision: decideInTime({ decide }, briefing, deadline) };
}
const never = () => new Promise<TraderOutcome>(() => undefined);

describe('a decision', () => {
  test('that comes in time counts, and its timer is gone', async () => {
    const { time, decision } = setUp(() => Promise.resolve(outcome));
    expect(await decision).toBe(outcome);
    time.advance(10_000);
  });

  test('that fails, fails for its own reason', async () => {
    const { decision } = setUp(() => Promise.reject(new Error('broken')));
    await expect(decision).rejects.toThrow('broken');
  });

  test('that takes too long ends, even when its trader does not listen', async () => {
    let seen: AbortSignal | undefined;
    const { time, decision } = setUp((_briefing, signal) => {
      seen = signal;
      return never();
    });
    time.advance(999);
    expect(seen?.aborted).toBe(false);
    time.advance(1);
    await expect(decision).rejects.toThrow(DecisionTimedOut);
    expect(seen?.aborted).toBe(true);
  });

  test('ends when the program stops', async () => {
    const { stop, decision } = setUp(never);
    stop.abort(new Error('stopping'));
    await expect(decision).rejects.toThrow('stopping');
  });
});
