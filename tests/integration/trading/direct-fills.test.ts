import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { statementsOf } from '../../support/statement-watch.ts';
import { summaryOf } from '../../support/exchange.ts';
import { openOrderHouse } from './order-house.ts';

const house = await openOrderHouse();
const { database, exchange, floor, owner, account, acme, place, quote, limit, newest, until } =
  house;

const PATIENT = { timeout: 20_000 };

/** In how many transactions an order was placed and filled. */
async function transactionsOf({ id }: { id: string }): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(DISTINCT xmin::text)::int AS count FROM (
      SELECT xmin FROM orders WHERE id = $1 UNION ALL
      SELECT xmin FROM order_events WHERE order_id = $1 UNION ALL
      SELECT xmin FROM trades WHERE order_id = $1) AS rows`,
    [id],
  );
  return row?.count ?? 0;
}

const historyOf = async ({ id }: { id: string }) => {
  const rows = await database.query<{ to_status: string }>(
    'SELECT to_status FROM order_events WHERE order_id = $1 ORDER BY sequence',
    [id],
  );
  return rows.map(({ to_status: status }) => status);
};

// The first of the file: what others leave open is tried whenever the engine starts.
test('what finds nothing while it is placed costs no second transaction', async () => {
  quote({ askSize: '0' });
  const sent = await statementsOf(async () => {
    const order = await place({ quantity: '10' });
    expect(order.status).toBe('ACCEPTED');
    await house.engine.accept(order);
  }, 'tradegraph_worker');
  // That of its placement; a try has one as well.
  expect(sent.filter((text) => text.startsWith('BEGIN'))).toHaveLength(1);
});

describe('an order that can be filled at once', () => {
  test.each([
    ['at the market', () => place({ quantity: '10' })],
    ['at a limit that the ask is within', () => limit('101')],
  ])('%s is placed and filled in one transaction, with its whole history', async (_name, order) => {
    quote();
    const placed = await order();
    expect(summaryOf(placed)).toEqual(['FILLED', '10', '0']);
    expect(summaryOf(await newest(placed))).toEqual(summaryOf(placed));
    expect(await historyOf(placed)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED', 'FILLED']);
    expect(await transactionsOf(placed)).toBe(1);
  });

  test('of another account is not even seen, and leaves nothing', async () => {
    quote();
    const [bob, before] = [await floor.addPerson(), await rowsOf('orders')];
    await expect(
      exchange.place(bob, account(), { instrument: acme(), quantity: '1' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await rowsOf('orders')).toBe(before);
  });

  test('is one order, however often it comes with its key', async () => {
    quote();
    const clientOrderId = randomUUID();
    const first = await place({ quantity: '2', clientOrderId });
    expect((await place({ quantity: '2', clientOrderId })).id).toBe(first.id);
    await expect(place({ quantity: '3', clientOrderId })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    const rows = await database.query('SELECT 1 FROM trades WHERE account_id = $1', [account().id]);
    expect(rows).toHaveLength(1);
  });

  test('is denied by the gate as any other', async () => {
    quote();
    await expect(place({ quantity: '1000' })).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    const [row] = await database.query(
      'SELECT status, trim_scale(filled_quantity)::text AS filled FROM orders WHERE account_id = $1',
      [account().id],
    );
    expect(row).toEqual({ status: 'DENIED', filled: '0' });
  });

  test('fills as far as the quote goes, and its rest waits for the next', async () => {
    quote({ askSize: '4' });
    const order = await place({ quantity: '10' });
    expect(summaryOf(order).slice(0, 2)).toEqual(['PARTIALLY_FILLED', '4']);
    expect(await transactionsOf(order)).toBe(1);
    quote({ askSize: '6', ask: '102' });
    await until(order, ['FILLED', '10', '0']);
  });

  test('takes what it fills with from those that come after it', async () => {
    quote({ askSize: '10' });
    const others = await Promise.all([1, 2, 3, 4].map(() => floor.openAccount(owner, '10000')));
    const orders = await Promise.all(
      others.map((each) => exchange.place(owner, each, { instrument: acme(), quantity: '4' })),
    );
    // 10 of the 16 are quoted.
    const filled = await Promise.all(orders.map((order) => newest(order)));
    const sum = filled.reduce((all, { filledQuantity }) => all + filledQuantity.toNumber(), 0);
    expect(sum).toBe(10);
  });
});

test('what is stored of an order is stored with the rights of the server', async () => {
  quote();
  await database.query('REVOKE INSERT ON orders FROM tradegraph_server');
  await expect(place({ quantity: '1' })).rejects.toThrow('permission denied');
  await database.query('GRANT INSERT ON orders TO tradegraph_server');
  expect((await place({ quantity: '1' })).status).toBe('FILLED');
});

describe('it is stored before it is filled', () => {
  test('while an older order waits for the same quote', async () => {
    quote({ askSize: '0' });
    const older = await place({ quantity: '10' });
    expect(older.status).toBe('ACCEPTED');
    const [younger] = await Promise.all([
      // Both see the first quote that offers anything; it is the older one's.
      new Promise<Awaited<ReturnType<typeof place>>>((resolve, reject) => {
        quote({ askSize: '10' });
        place({ quantity: '10' }).then(resolve, reject);
      }),
    ]);
    await until(older, ['FILLED', '10', '0']);
    expect(summaryOf(await newest(younger)).slice(0, 2)).toEqual(['ACCEPTED', '0']);
  });

  test('when its account takes time to reach the market', async () => {
    quote();
    await database.query('UPDATE accounts SET latency_ms = 100 WHERE id = $1', [account().id]);
    const order = await place({ quantity: '10' });
    expect(order.status).toBe('ACCEPTED');
    house.time.advance(100);
    await until(order, ['FILLED', '10', '0']);
    expect(await transactionsOf(order)).toBe(2);
  });

  test('when the lease was taken by another process meanwhile: nothing is stored twice', async () => {
    quote({ askSize: '10' });
    await database.query(
      'UPDATE instrument_leases SET epoch = epoch + 1, holder = $2 WHERE instrument_id = $1',
      [acme().id, randomUUID()],
    );
    const order = await place({ quantity: '10' });
    expect(summaryOf(order).slice(0, 2)).toEqual(['ACCEPTED', '0']);
    expect(await rowsOf('orders', account().id)).toBe(1);
    expect(await rowsOf('trades', account().id)).toBe(0);
    expect(await rowsOf('idempotency_keys')).toBeGreaterThan(0);
  });
});

test('what a fill took is offered again when it could not be stored', async () => {
  quote({ askSize: '10' });
  const wall = `CHECK (account_id <> '${account().id}')`;
  await database.query(`ALTER TABLE trades ADD CONSTRAINT a_wall ${wall}`);
  await expect(place({ quantity: '10' })).rejects.toThrow('a_wall');
  await database.query('ALTER TABLE trades DROP CONSTRAINT a_wall');
  expect(await rowsOf('orders', account().id)).toBe(0);
  expect(summaryOf(await place({ quantity: '10' }))).toEqual(['FILLED', '10', '0']);
});

async function rowsOf(table: 'orders' | 'trades' | 'idempotency_keys', accountId?: string) {
  const where = accountId === undefined ? '' : `WHERE account_id = '${accountId}'`;
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} ${where}`,
  );
  return row?.count ?? 0;
}

test('a clock that steps back puts no trade before the one whose position it finds', async () => {
  const { clock } = house.time;
  const now = clock.now();
  const before = clock.now;
  quote();
  await place({ quantity: '10' });
  const waiting = await limit('95', { quantity: '5' });
  clock.now = () => new Date(before().getTime() - 50);
  try {
    quote({ time: now });
    // Out of a position, from nothing into one, and one that waited.
    expect((await place({ quantity: '10', side: 'SELL' })).status).toBe('FILLED');
    expect((await place({ quantity: '7' })).status).toBe('FILLED');
    quote({ time: now, bid: '94', ask: '95' });
    // By this clock it is still to arrive.
    await vi.waitFor(async () => {
      house.time.advance(10);
      expect(summaryOf(await newest(waiting))).toEqual(['FILLED', '5', '0']);
    }, PATIENT);
  } finally {
    clock.now = before;
  }
  const rows = await database.query<{ held: string }>(
    `SELECT trim_scale(position_quantity)::text AS held FROM trades WHERE account_id = $1
     ORDER BY executed_at, id`,
    [account().id],
  );
  expect(rows.map(({ held }) => held)).toEqual(['10', '0', '7', '12']);
});

test('a limit that the market does not reach rests', async () => {
  quote();
  const order = await limit('100');
  expect(summaryOf(order).slice(0, 2)).toEqual(['ACCEPTED', '0']);
});
