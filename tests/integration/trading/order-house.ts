import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import type { Account, Instrument, Order } from '../../../src/services/platform/prisma/client.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange, summaryOf } from '../../support/exchange.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

/**
 * An exchange with an engine that runs, and before each test a fresh account of 10,000 and a fresh
 * instrument; after it, nothing may have gone wrong and the books must be right.
 */
export async function openOrderHouse({
  at = '2026-03-02T15:00:00Z',
  instrument = {},
}: { readonly at?: string; readonly instrument?: Partial<Instrument> } = {}) {
  const database = await createTestDatabase();
  const time = createManualTime(new Date(at));
  const floor = createTradingFloor(database, time.clock);
  const owner = await floor.addPerson();
  // As long as it takes: a slow machine must not change what an answer says.
  const exchange = createExchange(database, floor, {
    engine: { timers: time.timers },
    orders: { firstNewsMs: 60_000 },
  });
  const { engine } = exchange;
  const fresh: { account?: Account; acme?: Instrument } = {};

  beforeEach(async () => {
    fresh.account = await floor.openAccount(owner, '10000');
    fresh.acme = await floor.addInstrument(instrument);
    await engine.start();
  });
  afterEach(async () => {
    await engine.stop();
    expect(exchange.errors.splice(0)).toEqual([]);
    const { checks } = await auditLedger(database.worker);
    expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
  });

  const account = (): Account => given(fresh.account);
  const acme = (): Instrument => given(fresh.acme);
  type Wanted = Omit<Parameters<typeof exchange.place>[2], 'instrument'>;
  const place = (order: Wanted) =>
    exchange.place(owner, account(), { instrument: acme(), ...order });
  const newest = (order: Pick<Order, 'id'>) => exchange.newest(owner, order);

  return {
    ...{ database, time, floor, owner, exchange, engine, account, acme, place, newest },
    quote: (numbers?: Parameters<typeof exchange.quote>[1]) => {
      exchange.quote(acme(), numbers);
    },
    limit: (price: string, order: Wanted = { quantity: '10' }) =>
      place({ type: 'LIMIT', limitPrice: decimal(price), ...order }),
    stop: (price: string, order: Wanted = { quantity: '10' }) =>
      place({ type: 'STOP', stopPrice: decimal(price), ...order }),
    until: (order: Order, expected: readonly string[]) =>
      vi.waitFor(async () => expect(summaryOf(await newest(order))).toEqual(expected), {
        timeout: 20_000,
      }),
    async fillsOf({ id }: Order): Promise<string[]> {
      const trades = await floor.portfolios.trades(owner, {}, { accountId: account().id });
      return trades
        .filter(({ orderId }) => orderId === id)
        .map(({ quantity, price }) => `${quantity.toFixed()} @ ${price.toFixed()}`);
    },
    async statesOf({ id }: Order): Promise<string[]> {
      const rows = await database.query<{ to_status: string }>(
        'SELECT to_status FROM order_events WHERE order_id = $1 ORDER BY sequence',
        [id],
      );
      return rows.map((row) => row.to_status);
    },
    /** As they stand in the books: buys of 1 at 1, of which each holds back 1 unless it is CANCEL_PENDING. */
    async addOrders(
      { id }: Account,
      count: number,
      status: 'ACCEPTED' | 'CANCEL_PENDING' = 'ACCEPTED',
    ): Promise<void> {
      await database.query(
        `WITH placed AS (
           INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
             time_in_force, quantity, limit_price, status, filled_quantity, filled_notional, reserved,
             version, created_at, updated_at)
           SELECT gen_random_uuid(), $1, $2, $3, gen_random_uuid(), 'BUY', 'LIMIT', 'GTC', 1, 1,
             $6::order_status, 0, 0, $7::int, $8::int, $4, $4
           FROM generate_series(1, $5::int) n RETURNING id, owner_id
         ), history AS (
           INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at,
             recorded_at)
           SELECT id, step, owner_id, was, becomes, $4, $4 FROM placed, (VALUES
             (1, NULL::order_status, 'PENDING'::order_status), (2, 'PENDING', 'SUBMITTED'),
             (3, 'SUBMITTED', 'ACCEPTED'), (4, 'ACCEPTED', 'CANCEL_PENDING'))
             AS steps (step, was, becomes) WHERE step <= $8::int
         )
         UPDATE accounts SET reserved = reserved + $5::int * $7::int WHERE id = $2`,
        [
          ...[owner.userId, id, acme().id, time.clock.now(), count, status],
          ...(status === 'ACCEPTED' ? [1, 3] : [0, 4]),
        ],
      );
    },
    /** The engine has looked at the newest quote: an order after all others was tried with it. */
    async settled(): Promise<void> {
      const other = await floor.openAccount(owner, '100000');
      const probe = { instrument: acme(), quantity: '1', timeInForce: 'IOC' } as const;
      await exchange.place(owner, other, { ...probe, clientOrderId: randomUUID() });
    },
  };
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There is one before each test.');
  return value;
}
