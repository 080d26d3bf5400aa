import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Orders } from '../../../src/services/trading/orders.ts';
import { buy, createRunHouse, createScript, outcome } from './run-house.ts';

const house = await createRunHouse();
const { clock, database, logger } = house;
afterAll(() => house.engine.stop());

beforeEach(async () => {
  await house.stopAll();
  clock.advance(60);
  house.quote('AAA.SIM');
  house.quote('BBB.SIM');
  logger.lines.length = 0;
});
const threeOrders = () =>
  outcome(
    [buy('AAA.SIM', '1'), buy('BBB.SIM', '2'), buy('AAA.SIM', '3')],
    [{ kind: 'ASSISTANT', content: 'Three orders.' }],
  );
const kinds = async (model: Parameters<typeof house.logOf>[0]) =>
  (await house.logOf(model)).map(({ kind, sequence }) => `${String(sequence)} ${String(kind)}`);
const WHOLE = [
  '0 ASSISTANT',
  '1 DECISION',
  '2 DECISION',
  '3 DECISION',
  '4 TOOL',
  '5 TOOL',
  '6 TOOL',
];

/** Orders that break like a process that dies: at the n-th call, before or after it was placed. */
function dyingOrders(atCall: number, moment: 'before' | 'after'): Pick<Orders, 'place'> {
  let calls = 0;
  return {
    async place(viewer, command) {
      calls += 1;
      const isDead = calls >= atCall;
      if (isDead && (moment === 'before' || calls > atCall)) throw new Error('power cut');
      const order = await house.orders.place(viewer, command);
      if (isDead) throw new Error('power cut');
      return order;
    },
  };
}

describe('a run that was cut off', () => {
  test.each([
    ['before its first order', 1, 'before'],
    ['between its first order and the line about it', 1, 'after'],
    ['between two orders', 2, 'before'],
    ['after its last order', 3, 'after'],
  ] as const)('%s goes on as it was decided, and doubles nothing', async (_when, call, moment) => {
    const model = await house.addRunning();
    const first = createScript(threeOrders);
    const dying = { orders: dyingOrders(call, moment), limits: { attemptsMax: 1 } };
    await house.runner(first.trader, dying).runDue();
    expect(await kinds(model)).not.toEqual(WHOLE);
    expect(logger.lines).toContainEqual({ level: 'error', message: 'A run of a model broke off.' });

    const second = createScript(() => outcome([buy('BBB.SIM', '50')]));
    clock.advance(1);
    const runner = house.runner(second.trader);
    await runner.runDue();
    await runner.runDue();
    await house.runner(second.trader).runDue();
    expect(second.briefings).toEqual([]);
    expect(await house.ordersOf(model)).toMatchObject([
      ...[
        { quantity: 1, status: 'FILLED' },
        { quantity: 2, status: 'FILLED' },
      ],
      { quantity: 3, status: 'FILLED' },
    ]);
    expect(await kinds(model)).toEqual(WHOLE);
    const told = (await house.eventsOf(model.id)).filter(({ type }) => type === 'AgentLogged');
    expect(told).toHaveLength(WHOLE.length);
  });

  test('is tried again by the same process, so often and no more', async () => {
    const model = await house.addRunning();
    const { trader, briefings } = createScript(threeOrders);
    let calls = 0;
    const orders: Pick<Orders, 'place'> = {
      place: () => {
        calls += 1;
        return Promise.reject(new Error('no database'));
      },
    };
    const runner = house.runner(trader, { orders, limits: { attemptsMax: 3 } });
    for (let polls = 0; polls < 6; polls += 1) await runner.runDue();
    expect([briefings.length, calls]).toEqual([1, 3]);
    expect(await house.ordersOf(model)).toEqual([]);
  });

  test('carries out no decision that has grown old, and knows which it had carried out', async () => {
    const model = await house.addRunning({ intervalSeconds: 3_600 });
    const { trader } = createScript(threeOrders);
    const dying = { orders: dyingOrders(1, 'after'), limits: { attemptsMax: 1 } };
    await house.runner(trader, dying).runDue();
    clock.advance(61);
    house.quote('AAA.SIM');
    house.quote('BBB.SIM');
    await house.runner(trader).runDue();
    expect((await house.logOf(model)).slice(-3)).toMatchObject([
      { data: { status: 'FILLED' } },
      { data: { code: 'DECISION_EXPIRED' } },
      { data: { code: 'DECISION_EXPIRED' } },
    ]);
    expect(await house.ordersOf(model)).toMatchObject([{ quantity: 1 }]);
  });
});

describe('two processes', () => {
  test('that run a model at once carry out what one of them decided', async () => {
    const model = await house.addRunning();
    const both = Promise.withResolvers<undefined>();
    let deciding = 0;
    const scripts = [
      ['1', '2'],
      ['3', '4', '5'],
    ].map((quantities) =>
      createScript(async () => {
        deciding += 1;
        if (deciding === 2) both.resolve(undefined);
        await both.promise;
        return outcome(quantities.map((quantity) => buy('AAA.SIM', quantity)));
      }),
    );
    await Promise.all(scripts.map(({ trader }) => house.runner(trader).runDue()));
    expect(deciding).toBe(2);
    const quantities = (await house.ordersOf(model)).map(({ quantity }) => quantity as number);
    expect([
      [1, 2],
      [3, 4, 5],
    ]).toContainEqual(quantities);
    const decided = (await house.logOf(model)).filter(({ kind }) => kind === 'DECISION');
    expect(decided).toHaveLength(quantities.length);
  });
});

describe('a stop', () => {
  test('of the model while its trader decides lets nothing of it happen', async () => {
    const model = await house.addRunning();
    const { trader } = createScript(async () => {
      const command = { id: model.id, idempotencyKey: house.nextKey() };
      await house.models.stop(house.owner.viewer(), command);
      return threeOrders();
    });
    await house.runner(trader).runDue();
    expect([await house.logOf(model), await house.ordersOf(model)]).toEqual([[], []]);
  });

  test('of the program drops what is being decided; the next start decides anew', async () => {
    const model = await house.addRunning();
    const stuck = createScript(() => new Promise(() => undefined));
    const runner = house.runner(stuck.trader);
    runner.start();
    await expect.poll(() => stuck.briefings.length).toBe(1);
    await runner.stop();
    expect(await house.logOf(model)).toEqual([]);
    expect(logger.lines).toEqual([]);
    await house.runner(createScript(threeOrders).trader).runDue();
    expect(await kinds(model)).toEqual(WHOLE);
  });

  test('of the program waits for orders that are being placed', async () => {
    const model = await house.addRunning();
    const placing = Promise.withResolvers<undefined>();
    const orders: Pick<Orders, 'place'> = {
      async place(viewer, command) {
        placing.resolve(undefined);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return house.orders.place(viewer, command);
      },
    };
    const runner = house.runner(createScript(threeOrders).trader, { orders });
    runner.start();
    await placing.promise;
    await runner.stop();
    expect(await kinds(model)).toEqual(WHOLE);
  });
});

test('the books hold after all of it', async () => {
  const [wrong] = await database.query(
    `SELECT count(*)::int AS count FROM accounts a WHERE cash <>
       (SELECT coalesce(sum(amount), 0) FROM ledger_entries e WHERE e.account_id = a.id)`,
  );
  expect(wrong).toEqual({ count: 0 });
});
