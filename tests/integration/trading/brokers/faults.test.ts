import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { openBrokerHouse } from './broker-house.ts';
import { describeLostAnswers } from './lost-answers.ts';

const house = await openBrokerHouse();
const { open, connect, place, cancel, until, venue, alpaca, statesOf, booksAreTheVenues } = house;
const { office, PATIENCE } = house;

describeLostAnswers(house, booksAreTheVenues);

describe('an answer that is lost', () => {
  test('of an order that is canceled meanwhile: it ends once it is found', async () => {
    await connect();
    venue().failNext('SILENT_AFTER_ACCEPTANCE');
    const order = await place();
    expect((await cancel(order)).status).toBe('CANCEL_PENDING');
    await office.current.desk.start();
    await until(order, ['CANCELED', '0']);
    expect(venue().order(order.id)?.isOpen).toBe(false);
    await booksAreTheVenues();
  });
});

describe('a stream', () => {
  test('that tells everything three times changes everything once', async () => {
    await open();
    alpaca().stream.repeats = 3;
    const order = await place();
    venue().fill(order.id, '4', '149.5');
    venue().fill(order.id, '6', '149.75');
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
    const states = await statesOf(order);
    expect(states.slice(-2)).toEqual(['PARTIALLY_FILLED', 'FILLED']);
    expect(states).toHaveLength(5);
  });

  test('that tells the last things first ends where the venue is', async () => {
    await open();
    alpaca().stream.isHolding = true;
    const first = await place();
    venue().fill(first.id, '2', '149');
    venue().fill(first.id, '3', '149.5');
    const second = await place();
    venue().fill(second.id, '10', '150');
    venue().end(first.id);
    alpaca().releaseBackwards();
    await until(first, ['CANCELED', '5']);
    await until(second, ['FILLED', '10']);
    await booksAreTheVenues();
  });

  test('that is cut in the middle of a fill misses nothing', async () => {
    await open();
    const order = await place();
    venue().fill(order.id, '1', '149');
    alpaca().cutStreams();
    venue().fill(order.id, '2', '149.5');
    venue().fill(order.id, '7', '150');
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
    await vi.waitFor(() => expect(alpaca().listenerCount()).toBe(1), PATIENCE);
  });
});

describe('a process that dies', () => {
  test('before it sent an order: another sends it, once', async () => {
    await open();
    // What a crash right after the commit leaves behind.
    const order = await place();
    await until(order, ['ACCEPTED', '0']);
    const unsent = randomUUID();
    await house.database.query(
      `WITH made AS (INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side,
           type, time_in_force, quantity, limit_price, status, filled_quantity, filled_notional,
           reserved, version, created_at, updated_at)
         SELECT $2::uuid, owner_id, account_id, instrument_id, $4, side, type, time_in_force, quantity,
           limit_price, 'PENDING', 0, 0, 0, 1, $3::timestamptz, $3::timestamptz FROM orders WHERE id = $1 RETURNING *)
       INSERT INTO order_events (order_id, sequence, owner_id, to_status, occurred_at, recorded_at)
       SELECT id, 1, owner_id, 'PENDING', created_at, created_at FROM made`,
      [order.id, unsent, house.floor.clock.now(), unsent],
    );
    await until({ id: unsent }, ['ACCEPTED', '0']);
    expect(venue().orderCount()).toBe(2);
  });

  test('after that: another process goes on where it was', async () => {
    await open();
    const order = await place();
    venue().fill(order.id, '4', '149.5');
    await until(order, ['PARTIALLY_FILLED', '4']);
    await office.current.desk.stop();
    venue().fill(order.id, '6', '150');
    const next = house.openOffice();
    await next.desk.start();
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
  });

  test('two that follow one connection book each fill once', async () => {
    await open();
    await house.database.query('UPDATE broker_connections SET followed_until = NULL');
    const other = house.openOffice();
    await other.desk.start();
    await vi.waitFor(() => expect(alpaca().listenerCount()).toBe(2), PATIENCE);
    const order = await place();
    for (let share = 0; share < 10; share += 1) venue().fill(order.id, '1', '149.5');
    await until(order, ['FILLED', '10']);
    await booksAreTheVenues();
  });
});
