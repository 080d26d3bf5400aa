import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runIdOf, slotOf } from '../../../src/services/agents/run-schedule.ts';
import { parseAgentLogged } from '../../../src/services/agents/events.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { buy, createRunHouse, createScript, outcome } from './run-house.ts';

const house = await createRunHouse();
const { clock, database, logger } = house;
afterAll(() => house.engine.stop());

beforeEach(async () => {
  await house.stopAll();
  // A new minute for each test, so that every interval of a minute has begun anew.
  clock.advance(60);
  house.quote('AAA.SIM');
  house.quote('BBB.SIM');
  logger.lines.length = 0;
});
const runIdNow = (model: Parameters<typeof slotOf>[0]) =>
  runIdOf(model, slotOf(model, clock.now()));

describe('a run', () => {
  test('logs what was thought and decided, orders as the owner, and logs what came of it', async () => {
    const model = await house.addRunning();
    const { trader } = createScript(() =>
      outcome([buy('AAA.SIM', '2')], [{ kind: 'ASSISTANT', content: 'AAA looks good.' }]),
    );
    await house.runner(trader).runDue();
    const runId = runIdNow(model);
    const clientOrderId = `${runId}:1`;
    const [order, ...others] = await house.ordersOf(model);
    expect(others).toEqual([]);
    expect(order).toEqual({
      ...{ client_order_id: clientOrderId, side: 'BUY', quantity: 2, status: 'FILLED' },
      run_id: runId,
    });
    const log = await house.logOf(model);
    expect(log).toMatchObject([
      { run_id: runId, sequence: 0, kind: 'ASSISTANT', content: 'AAA looks good.' },
      {
        ...{ run_id: runId, sequence: 1, kind: 'DECISION', content: 'Buying 2 AAA.SIM.' },
        data: { action: 'BUY', symbol: 'AAA.SIM', quantity: '2', clientOrderId },
      },
      {
        ...{ run_id: runId, sequence: 2, kind: 'TOOL', content: 'Order to buy 2 AAA.SIM: FILLED.' },
        data: { clientOrderId, status: 'FILLED' },
      },
    ]);
    const told = (await house.eventsOf(model.id)).filter(({ type }) => type === 'AgentLogged');
    expect(told.map(({ payload }) => parseAgentLogged(payload).content)).toEqual(
      log.map(({ content }) => content as string),
    );
    // Bought 2 at 101, and a fee of 1 bps of 202 = 0.0202 → 0.02: 10,000.50 − 202 − 0.02 = 9,798.48.
    const [account] = await database.query(
      'SELECT cash::float AS cash, owner_id FROM accounts WHERE model_id = $1',
      [model.id],
    );
    expect(account).toEqual({ cash: 9798.48, owner_id: house.owner.id });
  });

  test('tells its trader what the account holds, and nothing from after its clock', async () => {
    const model = await house.addRunning({ universe: ['BBB.SIM', 'AAA.SIM'] });
    const { trader, briefings } = createScript(({ positions }) =>
      outcome(positions.length === 0 ? [buy('AAA.SIM', '2')] : []),
    );
    const runner = house.runner(trader);
    await runner.runDue();
    clock.advance(60);
    house.quote('AAA.SIM');
    // It came in before the run, but is of a time that the run's clock has not reached.
    house.quote('AAA.SIM', new Date(clock.now().getTime() + 1));
    await runner.runDue();
    const [, briefing] = briefings;
    expect(briefing?.asOf).toEqual(clock.now());
    expect(briefing?.account).toEqual({
      ...{ currency: 'USD', cash: new Decimal('9798.48'), buyingPower: new Decimal('9798.48') },
    });
    // The fee is not part of the cost: 202 / 2 = 101.
    expect(briefing?.positions).toEqual([
      { symbol: 'AAA.SIM', quantity: new Decimal(2), averageCost: new Decimal(101) },
    ]);
    const [bbb, aaa] = briefing?.markets ?? [];
    expect([bbb?.symbol, aaa?.symbol]).toEqual(['BBB.SIM', 'AAA.SIM']);
    // The quote of BBB is a minute old, so it is none to trade at; it is still to be seen.
    expect(bbb?.quote).toBeUndefined();
    expect(bbb?.recentQuotes.length).toBeGreaterThan(0);
    expect(aaa?.quote?.time).toEqual(clock.now());
    expect(aaa?.recentQuotes.every(({ time }) => time <= clock.now())).toBe(true);
    expect(aaa?.lotSize).toEqual(new Decimal('0.0001'));
    expect(await house.ordersOf(model)).toHaveLength(1);
  });

  test('logs a denied order with its code and goes on with the next', async () => {
    const model = await house.addRunning();
    const { trader } = createScript(() =>
      // 1,000 × 101 is more than 10,000.50; 0.00005 is no multiple of the lot of 0.0001.
      outcome([buy('AAA.SIM', '1000'), buy('AAA.SIM', '0.00005'), buy('BBB.SIM', '1')]),
    );
    await house.runner(trader).runDue();
    const tools = (await house.logOf(model)).filter(({ kind }) => kind === 'TOOL');
    expect(tools).toMatchObject([
      { sequence: 3, data: { code: 'INSUFFICIENT_FUNDS' } },
      { sequence: 4, data: { code: 'INVALID_QUANTITY' } },
      { sequence: 5, data: { status: 'FILLED' } },
    ]);
    expect(tools[0]?.['content']).toMatch(/^Order to buy 1000 AAA.SIM was refused: Order needs/);
  });

  test('never trades outside its universe', async () => {
    const model = await house.addRunning({ universe: ['AAA.SIM'] });
    const { trader } = createScript(() => outcome([buy('BBB.SIM', '1')]));
    await house.runner(trader).runDue();
    expect(await house.ordersOf(model)).toEqual([]);
    expect((await house.logOf(model)).at(-1)).toMatchObject({ data: { code: 'NOT_IN_UNIVERSE' } });
  });

  test('counts what its trader costs', async () => {
    const model = await house.addRunning();
    const { trader } = createScript(() => outcome([], [], new Decimal('0.0125')));
    const runner = house.runner(trader);
    await runner.runDue();
    clock.advance(60);
    await runner.runDue();
    const [secrets] = await database.query(
      'SELECT cost_usd::float AS cost FROM model_secrets WHERE model_id = $1',
      [model.id],
    );
    expect(secrets).toEqual({ cost: 0.025 });
  });
});

describe('a trader that fails', () => {
  test('is logged, decides nothing, and does not stop the others', async () => {
    const broken = await house.addRunning({ name: 'broken', universe: ['AAA.SIM'] });
    const sound = await house.addRunning({ name: 'sound', universe: ['BBB.SIM'] });
    const { trader } = createScript(({ markets }) => {
      if (markets[0]?.symbol === 'AAA.SIM') throw new Error('secret key sk-123 refused');
      return outcome([buy('BBB.SIM', '1')]);
    });
    await house.runner(trader).runDue();
    expect(await house.logOf(broken)).toMatchObject([
      { sequence: 0, kind: 'SYSTEM', content: 'The trader failed. Nothing was decided.' },
    ]);
    expect(await house.ordersOf(broken)).toEqual([]);
    expect(await house.ordersOf(sound)).toHaveLength(1);
    expect(logger.lines).toContainEqual({ level: 'warn', message: 'A trader failed.' });
  });

  test('by thinking too long is logged likewise, and asked again at its next run', async () => {
    const model = await house.addRunning();
    const { trader, briefings } = createScript(() => new Promise(() => undefined));
    const runner = house.runner(trader, { limits: { decisionTimeoutMs: 20 } });
    await runner.runDue();
    await runner.runDue();
    expect(await house.logOf(model)).toMatchObject([
      { kind: 'SYSTEM', content: 'The trader did not decide in time. Nothing was decided.' },
    ]);
    expect(briefings).toHaveLength(1);
    clock.advance(60);
    await runner.runDue();
    expect(await house.logOf(model)).toHaveLength(2);
  });
});

describe('the runner', () => {
  test('runs a model once in each interval', async () => {
    await house.addRunning({ intervalSeconds: 5 });
    const { trader, briefings } = createScript(() => outcome());
    const runner = house.runner(trader);
    for (const seconds of [0, 1, 3, 1, 4, 1, 12]) {
      clock.advance(seconds);
      await runner.runDue();
    }
    // At 0, 5, 10 and 22 s: the slots at 15 s is over and is not made up for.
    const start = briefings[0]?.asOf.getTime() ?? 0;
    expect(briefings.map(({ asOf }) => (asOf.getTime() - start) / 1_000)).toEqual([0, 5, 10, 22]);
  });

  test('leaves alone who is not active, whose owner is not, and who was imported', async () => {
    const idle = await house.models.create(house.owner.viewer(), house.settings());
    const imported = await house.addRunning();
    await database.query(`UPDATE models SET trader = 'IMPORTED' WHERE id = $1`, [imported.id]);
    const { trader, briefings } = createScript(() => outcome());
    await house.runner(trader).runDue();
    expect(briefings).toEqual([]);
    await house.addRunning();
    const owner = house.owner.id;
    await database.query(`UPDATE users SET status = 'DISABLED' WHERE id = $1`, [owner]);
    await house.runner(trader).runDue();
    expect(briefings).toEqual([]);
    await database.query(`UPDATE users SET status = 'ACTIVE' WHERE id = $1`, [owner]);
    await house.runner(trader).runDue();
    expect(briefings).toHaveLength(1);
    expect(await house.logOf(idle)).toEqual([]);
  });

  test('runs no more at once than it may, and all of them in the end', async () => {
    for (const name of ['1', '2', '3', '4', '5']) await house.addRunning({ name });
    let [atOnce, most] = [0, 0];
    const { trader, briefings } = createScript(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 20));
      atOnce -= 1;
      return outcome();
    });
    await house.runner(trader, { limits: { runsMax: 2 } }).runDue();
    expect([most, briefings.length]).toEqual([2, 5]);
  });

  test('has one run of a model at a time, also when it outlasts its interval', async () => {
    await house.addRunning({ intervalSeconds: 5 });
    const gate = Promise.withResolvers<undefined>();
    const { trader, briefings } = createScript(async () => {
      await gate.promise;
      return outcome();
    });
    const runner = house.runner(trader);
    const first = runner.runDue();
    await expect.poll(() => briefings.length).toBe(1);
    clock.advance(7);
    const second = runner.runDue();
    // Long enough for the second look around.
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.resolve(undefined);
    await Promise.all([first, second]);
    expect(briefings).toHaveLength(1);
    await runner.runDue();
    expect(briefings).toHaveLength(2);
  });

  test('by itself notices soon that a model was started', async () => {
    const { trader, briefings } = createScript(() => outcome());
    const runner = house.runner(trader, { timers: systemTimers, limits: { pollMs: 20 } });
    runner.start();
    await house.addRunning();
    await expect.poll(() => briefings.length).toBe(1);
    await runner.stop();
    clock.advance(60);
    await runner.runDue();
    expect(briefings).toHaveLength(1);
  });
});
