import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createClients, type Clients, type Scene } from '../../support/serial/clients.ts';
import { fillFindings, MarketTape, type TakenOf } from '../../support/serial/market-tape.ts';
import { cents, thousandths } from '../../support/serial/plain-money.ts';
import { PlainPortfolio } from '../../support/serial/plain-portfolio.ts';
import { plainStateOf } from '../../support/serial/plain-order.ts';
import { replay } from '../../support/serial/replay.ts';
import { step, type Step } from '../../support/serial/steps.ts';
import { toldOf } from '../../support/serial/told.ts';
import { NO_FEES, openTradingHouse } from '../../support/serial/trading-house.ts';
import { until } from '../../support/until.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';

/*
 * Clients do everything at once that moves cash, orders or positions, on the real services, while the engine
 * fills. Afterwards a plain model of whole numbers does the same, one transaction after the other, in the
 * order in which the database made them: of an account that is the order of its events, since each
 * transaction holds the account's lock from before it reads until it is over. After each transaction both
 * must be the same to the cent. The long form: `HISTORIES=2000 npm test -- concurrent-equivalence`.
 */
const HISTORIES = Number(process.env['HISTORIES'] ?? 24);
/** Histories at once, each with accounts and instruments of its own. */
const AT_ONCE = 6;
const CLIENTS = 50;
const CLIENT_STEPS = Number(process.env['CLIENT_STEPS'] ?? 6);
const STARTING_CENTS = 1_000_000n;

const house = await openTradingHouse(AT_ONCE);
const { exchange, owner, database, priced } = house;
await exchange.engine.start();
afterAll(() => exchange.engine.stop());
const seen = new Set<string>();
let played = 0;

/** The long form takes a while, and says where it is. */
const report = (line: string): void => {
  if (HISTORIES >= 100) process.stdout.write(`${line}\n`);
};

const sceneOf = async (count: number, which: number): Promise<Scene> => {
  const accounts: Account[] = [];
  const startingCash = String(STARTING_CENTS / 100n);
  for (let index = 0; index < count; index += 1) {
    accounts.push(await house.openAccount(startingCash, index % 2 === 0));
  }
  const instruments = priced.slice(which * 2, which * 2 + 2);
  return { accounts, instruments, tape: new MarketTape() };
};

const firstQuotes: readonly Step[] = [0, 1].map((instrument) => ({
  ...{ kind: 'quote', instrument, ask: 10_000, sizes: [20, 20] },
}));

/** Each client one step after the other, and all clients at once. */
const play = async (clients: Clients, histories: readonly (readonly Step[])[]): Promise<void> => {
  for (const each of firstQuotes) await clients.run(each);
  await Promise.all(
    histories.map(async (history) => {
      for (const each of history) await clients.run(each);
    }),
  );
};

/** Enough for everyone: then nothing may be left that the prices reach. */
const settle = async (clients: Clients, { accounts, instruments }: Scene): Promise<void> => {
  for (const instrument of [0, 1])
    await clients.run({ kind: 'quote', instrument, ask: 10_000, sizes: [90_000, 90_000] });
  const [bid, ask] = ['99.93', '100'];
  await until('all that the prices reach is filled', async () => {
    const left = await database.query(
      `SELECT 1 FROM orders WHERE account_id = ANY($1) AND instrument_id = ANY($2)
         AND status IN ('ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED')
         AND (type = 'MARKET' OR status = 'TRIGGERED' AND type <> 'STOP_LIMIT'
           OR type = 'LIMIT' AND side = 'BUY' AND limit_price >= $4
           OR type = 'LIMIT' AND side = 'SELL' AND limit_price <= $3
           OR type = 'STOP' AND side = 'BUY' AND stop_price <= $4
           OR type = 'STOP' AND side = 'SELL' AND stop_price >= $3) LIMIT 1`,
      [accounts.map(({ id }) => id), instruments.map((each) => each.instrument.id), bid, ask],
    );
    return left.length === 0;
  });
};

const rowsOf = async (accountId: string) => {
  const accounts = await database.query<Record<'cash' | 'reserved', string>>(
    `SELECT trim_scale(cash)::text AS cash, trim_scale(reserved)::text AS reserved
     FROM accounts WHERE id = $1`,
    [accountId],
  );
  const orders = await database.query<Record<string, string> & { version: number }>(
    `SELECT id, status, version::int, trim_scale(quantity)::text AS quantity,
       trim_scale(filled_quantity)::text AS filled, trim_scale(reserved)::text AS reserved
     FROM orders WHERE account_id = $1`,
    [accountId],
  );
  const positions = await database.query<Record<string, string>>(
    `SELECT instrument_id, trim_scale(sum(quantity))::text AS held,
       trim_scale(sum(total_cost))::text AS cost, trim_scale(sum(realized_pnl))::text AS realized
     FROM positions WHERE account_id = $1 GROUP BY 1`,
    [accountId],
  );
  return { accounts, orders, positions };
};

/** What is stored in the end, against what the plain model was left with. */
const expectStored = async ({ id }: Account, model: PlainPortfolio): Promise<void> => {
  const {
    accounts: [account],
    orders,
    positions,
  } = await rowsOf(id);
  expect([cents(account?.cash ?? ''), cents(account?.reserved ?? '')]).toEqual([
    ...[model.cash, model.reserved],
  ]);
  expect(orders).toHaveLength(model.orders.size);
  for (const { id: orderId = '', status, version, quantity, filled, reserved } of orders) {
    const own = model.orders.get(orderId);
    expect([
      ...[status, version, thousandths(quantity ?? ''), thousandths(filled ?? '')],
      cents(reserved ?? ''),
    ]).toEqual(own && plainStateOf(own));
    seen.add(`${own?.orderClass ?? ''} ${own?.type ?? ''} ${status ?? ''}`);
  }
  for (const { instrument_id: instrument = '', held, cost, realized } of positions) {
    const own = model.holding(instrument);
    expect([thousandths(held ?? ''), cents(cost ?? ''), cents(realized ?? '')]).toEqual([
      ...[own.held, own.cost, own.realized],
    ]);
  }
};

const expectSerial = async (clients: Clients, scene: Scene): Promise<void> => {
  const { accounts, instruments, tape } = scene;
  const { wishes, unexpected } = clients;
  expect([unexpected, exchange.errors]).toEqual([[], []]);
  const fills: TakenOf[] = [];
  for (const account of accounts) {
    const model = new PlainPortfolio({
      ...{ cash: STARTING_CENTS, allowsShort: account.allowsShort },
      fees: (id) => instruments.find(({ instrument }) => instrument.id === id)?.fees ?? NO_FEES,
    });
    const told = await toldOf(database, account.id);
    played += told.length;
    const done = replay(model, told, { tape, wishes });
    expect(done.findings).toEqual([]);
    await expectStored(account, model);
    for (const { held } of model.holdings.values()) if (held < 0n) seen.add('short');
    for (const { transfers, effects } of told) {
      for (const { cause } of transfers) seen.add(cause);
      for (const { kind } of effects) seen.add(kind);
    }
    fills.push(...done.fills);
  }
  for (const { instrument } of instruments) {
    expect(fillFindings(tape, instrument.id, fills)).toEqual([]);
  }
};

/** Nothing of a history is in the way of the next. */
const clear = async ({ accounts, instruments }: Scene): Promise<void> => {
  await house.actions.applyDue();
  await house.forgetActions(instruments.map(({ instrument }) => instrument.id));
  for (const { id: accountId } of accounts) {
    await house.resets.reset(owner, { accountId, idempotencyKey: randomUUID() });
  }
};

const expectCleanBooks = async (): Promise<void> => {
  const [told] = await database.query<{ deadlocks: number }>(
    `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`,
  );
  expect(told?.deadlocks).toBe(0);
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
};

test(
  `${String(HISTORIES)} histories of clients at once leave what a plain model leaves, one by one`,
  async () => {
    const history = fc.array(fc.array(step, { minLength: 4, maxLength: 10 }), {
      ...{ minLength: 2, maxLength: 5 },
    });
    const batches = fc.array(history, { minLength: AT_ONCE, maxLength: AT_ONCE });
    let done = 0;
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        await Promise.all(
          batch.map(async (given, which) => {
            const scene = await sceneOf(2, which);
            const clients = createClients(house, scene);
            await play(clients, given);
            await settle(clients, scene);
            await clear(scene);
            await expectSerial(clients, scene);
          }),
        );
        done += AT_ONCE;
        if (done % 60 === 0) report(`${String(done)} histories, ${String(played)} transactions`);
      }),
      // What clients at once do is not the same again: a smaller history would prove nothing.
      { numRuns: Math.ceil(HISTORIES / AT_ONCE), endOnFailure: true },
    );
    await expectCleanBooks();
    report(`${String(HISTORIES)} histories: ${[...seen].sort().join(', ')}`);
    // Not a test of nothing.
    const common = ['SIMPLE MARKET FILLED', 'SIMPLE LIMIT CANCELED', 'SIMPLE MARKET DENIED'];
    expect([...seen]).toEqual(expect.arrayContaining(['RESET', ...common]));
  },
  120_000 + HISTORIES * 3_000,
);

test(
  `${String(CLIENTS)} clients on three accounts leave what a plain model leaves, without a deadlock`,
  async () => {
    const scene = await sceneOf(3, 0);
    const clients = createClients(house, scene);
    const [given] = fc.sample(
      fc.array(fc.array(step, { minLength: CLIENT_STEPS, maxLength: CLIENT_STEPS }), {
        ...{ minLength: CLIENTS, maxLength: CLIENTS },
      }),
      { numRuns: 1, seed: 20_261_121 },
    );
    await play(clients, given ?? []);
    await settle(clients, scene);
    await clear(scene);
    await expectSerial(clients, scene);
    await expectCleanBooks();
  },
  180_000 + CLIENTS * CLIENT_STEPS * 1_000,
);

test('the plain model would find what is not serial', async () => {
  const scene = await sceneOf(1, 0);
  const [account] = scene.accounts;
  if (!account) throw new Error('There is one.');
  const clients = createClients(house, scene);
  const order = { kind: 'place', account: 0, instrument: 0, side: 'BUY' } as const;
  const market = { ...order, way: 'MARKET', apart: 0, timeInForce: 'GTC' } as const;
  await play(clients, [[{ ...market, quantity: 3 }], [{ ...market, quantity: 4 }]]);
  await settle(clients, scene);
  const told = await toldOf(database, account.id);
  const again = (given: Awaited<ReturnType<typeof toldOf>>) =>
    replay(
      new PlainPortfolio({
        ...{ cash: STARTING_CENTS, allowsShort: true },
        fees: () => scene.instruments[0]?.fees ?? NO_FEES,
      }),
      ...[given, { tape: scene.tape, wishes: clients.wishes }],
    ).findings;
  expect(again(told)).toEqual([]);
  // In another order, without one of them, or with a cent more.
  expect(again([...told].reverse())).not.toEqual([]);
  const traded = told.findIndex(({ trades }) => trades.length > 0);
  expect(again(told.filter((_, index) => index !== traded))).not.toEqual([]);
  const [first, ...others] = told;
  const balances = [{ cash: '10000.01', reserved: '0' }];
  expect(again(first ? [{ ...first, balances }, ...others] : [])).not.toEqual([]);
}, 120_000);
