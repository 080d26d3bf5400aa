import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { OrderDenied } from '../../../src/services/trading/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { PlainAccount, type Side } from '../../support/plain-book.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';

const HISTORIES = Number(process.env['HISTORIES'] ?? 40);

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const exchange = createExchange(database, floor, { orders: { firstNewsMs: 60_000 } });
const owner = await floor.addPerson();
// As many instruments as histories: quotes and leases of one do not reach another.
const instruments: Instrument[] = [];
for (let index = 0; index <= HISTORIES * 2; index += 1) {
  instruments.push(await floor.addInstrument({ feeBps: decimal(25) }));
}
await exchange.engine.start();
afterAll(() => exchange.engine.stop());

type Step =
  | { readonly kind: 'quote'; readonly ask: number; readonly sizes: readonly [number, number] }
  | { readonly kind: 'place'; readonly side: Side; readonly quantity: number }
  | { readonly kind: 'cancel'; readonly which: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('quote' as const),
        // In cents, with jumps beyond the 5% that an order holds back.
        ask: fc.oneof(
          fc.integer({ min: 9_000, max: 11_000 }),
          fc.integer({ min: 300, max: 30_000 }),
        ),
        sizes: fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('place' as const),
        side: fc.constantFrom<Side>('BUY', 'BUY', 'SELL'),
        quantity: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(10) }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);

const FIRST_QUOTE: Step = { kind: 'quote', ask: 10_000, sizes: [10, 10] };

interface Scene {
  readonly account: Account;
  readonly instrument: Instrument;
  readonly model: PlainAccount;
}

const cents = (amount: bigint): string => new Decimal(amount.toString()).dividedBy(100).toFixed();

/** Until the engine has tried all of the account's orders against the newest quote. */
const settle = async ({ instrument }: Scene) => {
  const open = await exchange.orders.list(
    owner,
    {},
    {
      symbol: instrument.symbol,
      statuses: ['ACCEPTED', 'PARTIALLY_FILLED'],
    },
  );
  const [newest] = open;
  if (newest) await exchange.engine.accept(newest);
  await nextTurn();
};

const play = async (scene: Scene, step: Step): Promise<void> => {
  const { account, instrument, model } = scene;
  if (step.kind === 'quote') {
    const [bidSize, askSize] = step.sizes;
    const bid = step.ask - 7;
    const prices = { bid: BigInt(bid), ask: BigInt(step.ask) };
    model.quote({ ...prices, bidSize: BigInt(bidSize), askSize: BigInt(askSize) });
    exchange.quote(instrument, {
      bid: cents(prices.bid),
      ask: cents(prices.ask),
      bidSize: String(bidSize),
      askSize: String(askSize),
    });
  }
  if (step.kind === 'place') {
    const { side, quantity } = step;
    const clientOrderId = randomUUID();
    model.place(clientOrderId, side, BigInt(quantity));
    const order = { instrument, side, quantity: String(quantity), clientOrderId };
    await exchange.place(owner, account, order).catch((error: unknown) => {
      if (!(error instanceof OrderDenied)) throw error;
    });
  }
  if (step.kind === 'cancel') {
    const order = model.open[step.which % Math.max(1, model.open.length)];
    if (!order) return;
    model.cancel(order);
    const where = { clientOrderId: order.id };
    const [stored] = await exchange.orders.list(owner, { where }, { accountId: account.id });
    const command = { orderId: stored?.id ?? '', idempotencyKey: randomUUID() };
    await exchange.orders.cancel(owner, command);
  }
  await settle(scene);
};

const stateOf = async ({ account }: Scene) => {
  const [row] = await floor.portfolios.list(owner, { where: { id: account.id } });
  const positions = await floor.portfolios.positions(owner, {}, { accountId: account.id });
  const sum = (field: 'quantity' | 'totalCost' | 'realizedPnl') =>
    positions.reduce((total, position) => total.plus(position[field]), new Decimal(0)).toFixed();
  const orders = await exchange.orders.list(owner, {}, { accountId: account.id });
  return {
    cash: row?.cash.toFixed(),
    reserved: row?.reserved.toFixed(),
    held: sum('quantity'),
    cost: sum('totalCost'),
    realized: sum('realizedPnl'),
    orders: orders
      .map((order) =>
        [order.status, order.filledQuantity.toFixed(), order.reserved.toFixed()].join(' '),
      )
      .reverse(),
  };
};
const expectedOf = ({ model }: Scene) => ({
  cash: cents(model.cash),
  reserved: cents(model.reserved),
  held: String(model.held),
  cost: cents(model.cost),
  realized: cents(model.realized),
  orders: model.orders.map(
    ({ status, filled, reserved }) => `${status} ${String(filled)} ${cents(reserved)}`,
  ),
});

test('random histories leave what a plain model of one thing after the other leaves', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const instrument = instruments.pop() ?? (await floor.addInstrument());
      const account = await floor.openAccount(owner, '5000');
      const scene = { account, instrument, model: new PlainAccount(500_000n, 25n) };
      for (const step of [FIRST_QUOTE, ...history]) {
        await play(scene, step);
        expect(await stateOf(scene)).toEqual(expectedOf(scene));
      }
    }),
    { numRuns: HISTORIES, endOnFailure: true },
  );
  // Not a test of nothing: orders went every common way.
  const ways = await database.query<{ status: string }>('SELECT DISTINCT status FROM orders');
  expect(ways.map(({ status }) => status)).toEqual(
    expect.arrayContaining(['DENIED', 'FILLED', 'PARTIALLY_FILLED', 'CANCELED']),
  );
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
}, 600_000);
