import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { OrderNotCancelable } from '../../../src/services/trading/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';

const RACES = Number(process.env['RACES'] ?? 2_000);
const ACCOUNTS = 20;
const INSTRUMENTS = 20;

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const exchange = createExchange(database, floor);
const owner = await floor.addPerson();
const accounts: Account[] = [];
const instruments: Instrument[] = [];
for (let index = 0; index < ACCOUNTS; index += 1) {
  accounts.push(await floor.openAccount(owner, '10000000'));
  instruments.push(await floor.addInstrument({ feeBps: decimal(10) }));
}

/** Accepted orders for 2 at about 100, as placing them one by one leaves them. */
const placeMany = async (count: number) => {
  await database.query(
    `WITH placed AS (
       INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
         time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version,
         created_at, updated_at)
       SELECT gen_random_uuid(), $1, ($2::uuid[])[1 + n % $3], ($4::uuid[])[1 + n / $3 % $5],
         n::text, 'BUY', 'MARKET', 'GTC', 2, 'ACCEPTED', 0, 0, 212.1, 3,
         now() + n * interval '1 microsecond', now()
       FROM generate_series(0, $6 - 1) n RETURNING id)
     INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at,
       recorded_at)
     SELECT id, step, $1, before::order_status, after::order_status, now(), now() FROM placed,
       (VALUES (1, NULL, 'PENDING'), (2, 'PENDING', 'SUBMITTED'), (3, 'SUBMITTED', 'ACCEPTED'))
         AS steps (step, before, after)`,
    [
      owner.userId,
      accounts.map(({ id }) => id),
      ACCOUNTS,
      instruments.map(({ id }) => id),
      INSTRUMENTS,
      count,
    ],
  );
  await database.query(
    `UPDATE accounts a SET reserved =
       (SELECT coalesce(sum(reserved), 0) FROM orders o WHERE o.account_id = a.id)`,
  );
};

/** Offers of one or two, so that an order fills at once, in two parts, or is caught in between. */
const streamQuotes = () => {
  const random = createRandom(7);
  return systemTimers.every(5, () => {
    for (const instrument of instruments) {
      exchange.quote(instrument, {
        ask: (99 + random.next() * 2).toFixed(2),
        askSize: random.next() < 0.5 ? '1' : '2',
      });
    }
  });
};

test(`${String(RACES)} cancels race fills: each order ends one way, and no cent is lost`, async () => {
  await placeMany(RACES);
  await exchange.engine.start();
  const endQuotes = streamQuotes();
  const random = createRandom(11);
  const ids = await database.query<{ id: string }>('SELECT id FROM orders');
  const shuffled = ids.map(({ id }) => ({ id, key: random.next() })).sort((a, b) => a.key - b.key);
  const won = new Set<string>();
  const cancelEach = async (): Promise<void> => {
    for (let next = shuffled.pop(); next; next = shuffled.pop()) {
      const { id: orderId } = next;
      try {
        await exchange.orders.cancel(owner, { orderId, idempotencyKey: randomUUID() });
        won.add(orderId);
      } catch (error) {
        expect(error).toEqual(new OrderNotCancelable(orderId, 'FILLED'));
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, cancelEach));
  endQuotes();
  await exchange.engine.stop();

  expect(exchange.errors).toEqual([]);
  const ended = await database.query<{ id: string; status: string; filled: string }>(
    `SELECT id, status, trim_scale(filled_quantity)::text AS filled FROM orders`,
  );
  for (const { id, status, filled } of ended) {
    expect(status).toBe(won.has(id) ? 'CANCELED' : 'FILLED');
    expect(won.has(id) ? ['0', '1'] : ['2']).toContain(filled);
  }
  // A race that one side always wins is none.
  const ways = new Set(ended.map(({ status, filled }) => `${status} ${filled}`));
  expect([...ways].sort()).toEqual(['CANCELED 0', 'CANCELED 1', 'FILLED 2']);
  const held = await database.query('SELECT 1 FROM accounts WHERE reserved <> 0');
  expect(held).toEqual([]);
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
}, 600_000);
