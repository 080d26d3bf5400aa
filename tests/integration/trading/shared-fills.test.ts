import { expect, test } from 'vitest';
import { openOrderHouse } from './order-house.ts';

const { database, exchange, floor, owner, acme, quote, until } = await openOrderHouse();

test('orders that come at once share transactions, and each has its own verdict', async () => {
  quote({ askSize: '1000' });
  const people = await Promise.all([1, 2, 3].map(() => floor.addPerson()));
  const clients = await Promise.all(
    Array.from({ length: 18 }, async (_none, index) => {
      const person = people[index % 3] ?? owner;
      return { person, own: await floor.openAccount(person, '10000') };
    }),
  );
  const orders = await Promise.allSettled(
    clients.map(({ person, own }, index) => {
      // The account of somebody else, and more than there is cash for.
      const who = index === 7 ? owner : person;
      const quantity = index === 11 ? '1000' : '1';
      return exchange.place(who, own, { instrument: acme(), quantity });
    }),
  );
  const verdicts = orders.map((order) =>
    order.status === 'fulfilled'
      ? order.value.status
      : (order.reason as { readonly code: string }).code,
  );
  const expected = Array.from({ length: 18 }, () => 'FILLED');
  expect(verdicts).toEqual(expected.with(7, 'NOT_FOUND').with(11, 'INSUFFICIENT_FUNDS'));
  const placed = orders.flatMap((order) => (order.status === 'fulfilled' ? [order.value] : []));
  const [row] = await database.query<{ count: number }>(
    'SELECT count(DISTINCT xmin::text)::int AS count FROM orders WHERE id = ANY ($1)',
    [placed.map(({ id }) => id)],
  );
  expect(row?.count).toBeLessThan(placed.length);
});

test('orders that share a transaction take what is offered in the order in which they came', async () => {
  const own = await Promise.all(
    Array.from({ length: 10 }, () => floor.openAccount(owner, '10000')),
  );
  quote({ askSize: '1000' });
  // Two run alone; what comes after them waits and shares: there the offer runs out.
  const first = own
    .slice(8)
    .map((each) => exchange.place(owner, each, { instrument: acme(), quantity: '498' }));
  const rest = own.slice(0, 8).toReversed();
  const placed = rest.map((each) =>
    exchange.place(owner, each, { instrument: acme(), quantity: '1' }),
  );
  await Promise.allSettled(first);
  const orders = await Promise.all(placed);
  const filled = orders.map(({ status }) => status === 'FILLED');
  // Nobody who came later has what one before them has not.
  expect(filled).toEqual([...filled].sort((one, other) => Number(other) - Number(one)));
});

test('orders whose number is limited are placed one by one where they cannot share', async () => {
  const person = await floor.addPerson();
  await database.query(
    `INSERT INTO risk_limits (id, scope, owner_id, orders_per_minute, is_by_administrator, updated_by, updated_at)
     VALUES (gen_random_uuid(), 'USER', $1, 6, false, $1, now())`,
    [person.userId],
  );
  quote({ askSize: '1000' });
  const own = await Promise.all(
    Array.from({ length: 9 }, () => floor.openAccount(person, '10000')),
  );
  const orders = await Promise.allSettled(
    own.map((each) => exchange.place(person, each, { instrument: acme(), quantity: '1' })),
  );
  const codes = orders.map((order) =>
    order.status === 'fulfilled' ? order.value.status : (order.reason as { code: string }).code,
  );
  expect(codes.filter((code) => code === 'FILLED')).toHaveLength(6);
  expect(codes.filter((code) => code === 'TOO_MANY_ORDERS')).toHaveLength(3);
});

test('orders of accounts that are locked hold up no others', async () => {
  quote();
  const [other, ...locked] = await Promise.all(
    [1, 2, 3, 4, 5].map(() => floor.openAccount(owner, '10000')),
  );
  if (!other) throw new Error('There is no account.');
  const buy = (own: { readonly id: string }) =>
    exchange.place(owner, own, { instrument: acme(), quantity: '1' });
  await database.query('BEGIN');
  await database.query('SELECT FROM accounts WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [
    locked.map(({ id }) => id),
  ]);
  const waiting = locked.map(buy);
  expect((await buy(other)).status).toBe('FILLED');
  await database.query('COMMIT');
  for (const order of await Promise.all(waiting)) await until(order, ['FILLED', '1', '0']);
});
