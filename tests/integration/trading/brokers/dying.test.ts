import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { placeAndDie } from './dying-process.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { connect, alpaca, venue, until, statesOf, agree, office, PATIENCE } = house;

/** A process that dies while it waits for an answer. */
const dieAfter = async (isTime: () => Promise<void>): Promise<{ readonly id: string }> => {
  const { serverUrl, workerUrl } = house.database;
  const clientOrderId = randomUUID();
  const { keys, hosts } = alpaca();
  await placeAndDie(
    {
      ...{ serverUrl, workerUrl, keys, clientOrderId, venue: { alpacaHosts: hosts } },
      ...{ nowMs: house.floor.clock.now().getTime(), symbol: 'AAPL.ALPACA' },
      ...{ accountId: house.accountId(), userId: house.viewer().userId ?? '' },
    },
    isTime,
  );
  const [order] = await house.database.query<{ id: string; status: string }>(
    'SELECT id, status FROM orders WHERE client_order_id = $1',
    [clientOrderId],
  );
  if (!order) throw new Error('It died before it had stored its order.');
  expect(order.status).toBe('SUBMITTED');
  return order;
};
const untilTaken = () =>
  vi.waitFor(() => expect(venue().orderCount()).toBe(1), { timeout: 40_000, interval: 20 });

describe('a process that is killed between its order and the answer', () => {
  test('leaves an order that the next one finds, and sends no second time', async () => {
    await connect();
    venue().failNext('SILENT_AFTER_ACCEPTANCE');
    const order = await dieAfter(untilTaken);
    await office.current.desk.start();
    await until(order, ['ACCEPTED', '0']);
    expect(await statesOf(order)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED']);
    venue().fill(order.id, '10', '150');
    await until(order, ['FILLED', '10']);
    await agree();
    expect(venue().orderCount()).toBe(1);
  });

  test('leaves one that was filled meanwhile: it is in the books once', async () => {
    await connect();
    venue().failNext('SILENT_AFTER_ACCEPTANCE');
    const order = await dieAfter(untilTaken);
    venue().fill(order.id, '4', '149');
    venue().fill(order.id, '6', '150');
    await office.current.desk.start();
    await until(order, ['FILLED', '10']);
    await agree();
    expect(venue().orderCount()).toBe(1);
    const trades = await house.database.query(
      'SELECT order_id FROM trades WHERE account_id = $1 ORDER BY executed_at',
      [house.accountId()],
    );
    expect(trades).toEqual([{ order_id: order.id }, { order_id: order.id }]);
  });

  test('leaves one that never arrived: it is not sent again, and ends', async () => {
    await connect();
    venue().failNext('SILENT');
    const order = await dieAfter(() =>
      vi.waitFor(
        async () => {
          const rows = await house.database.query(
            "SELECT 1 FROM orders WHERE account_id = $1 AND status = 'SUBMITTED'",
            [house.accountId()],
          );
          expect(rows).toHaveLength(1);
        },
        { timeout: 40_000, interval: 20 },
      ),
    );
    // Only long after it could have been answered nobody waits any more.
    const { clock } = house.floor;
    const later = { now: () => new Date(clock.now().getTime() + 120_000) };
    const next = house.openOffice({ clock: later });
    await next.desk.start();
    await vi.waitFor(
      async () => expect((await house.newest(order)).status).toBe('REJECTED'),
      PATIENCE,
    );
    const { reasonCode, reserved } = await house.newest(order);
    expect([reasonCode, reserved.toFixed()]).toEqual(['NEVER_ARRIVED', '0']);
    expect(venue().orderCount()).toBe(0);
    await next.desk.stop();
    await agree();
  });
});
