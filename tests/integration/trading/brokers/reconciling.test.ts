import { expect, test, vi } from 'vitest';
import { decimal } from '../../../support/trading-floor.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { open, connect, venue, alpaca, place, until, booksAreTheVenues, office, PATIENCE } = house;

const discrepanciesAre = (expected: readonly object[]) =>
  vi.waitFor(async () => expect(await house.openDiscrepancies()).toEqual(expected), PATIENCE);

test('what is held at the broker is taken in at its cost, and its cash is the cash', async () => {
  venue().buyByHand('10', '140');
  const account = await connect();
  // 100,000 − 10 × 140 = 98,600 there, and 1,400 for what is held: it began with 100,000.
  expect(account.startingCash.toFixed()).toBe('100000');
  expect(account.cash.toFixed()).toBe('98600');
  await booksAreTheVenues();
  const [position] = await house.floor.portfolios.positions(house.viewer(), {}, {});
  expect([position?.quantity.toFixed(), position?.totalCost.toFixed()]).toEqual(['10', '1400']);
  await office.current.desk.start();
  await vi.waitFor(async () => {
    const [row] = await house.database.query<{ reconciled_at: Date | null }>(
      'SELECT reconciled_at FROM broker_connections',
    );
    expect(row?.reconciled_at).not.toBeNull();
  }, PATIENCE);
  expect(await house.openDiscrepancies()).toEqual([]);
});

test('what is bought by hand at the broker is booked', async () => {
  await open();
  venue().buyByHand('3', '151');
  await booksAreTheVenues();
  const trades = await house.floor.portfolios.trades(house.viewer(), {}, {});
  expect(trades.map(({ orderId, source }) => [orderId, source])).toEqual([[null, 'BROKER']]);
});

test('cash that disagrees is flagged, and no longer when it agrees again', async () => {
  await open();
  const { state } = alpaca();
  state.cash = state.cash.minus('12.34');
  const fast = house.openOffice({ reconcileMs: 300 });
  await office.current.desk.stop();
  await fast.desk.start();
  await discrepanciesAre([{ kind: 'CASH', subject: 'USD', ours: '100000', theirs: '99987.66' }]);
  state.cash = state.cash.plus('12.34');
  await discrepanciesAre([]);
  const events = await house.database.query<{ type: string }>(
    "SELECT type FROM outbox WHERE type LIKE 'BrokerDiscrepancy%' ORDER BY id",
  );
  expect(events.map(({ type }) => type)).toEqual([
    'BrokerDiscrepancyNoticed',
    'BrokerDiscrepancyResolved',
  ]);
});

test('an order that somebody placed there is flagged while it works', async () => {
  await open();
  const { keys, hosts } = alpaca();
  const response = await fetch(`${hosts.trading}/v2/orders`, {
    method: 'POST',
    headers: { 'apca-api-key-id': keys.keyId, 'apca-api-secret-key': keys.secret },
    body: JSON.stringify({
      ...{ symbol: 'AAPL', qty: '1', side: 'buy', type: 'limit', limit_price: '1' },
      client_order_id: 'by hand',
    }),
  });
  const { id } = (await response.json()) as { id: string };
  const fast = house.openOffice({ reconcileMs: 300 });
  await office.current.desk.stop();
  await fast.desk.start();
  await discrepanciesAre([{ kind: 'ORDER', subject: id, ours: 'none', theirs: 'ACCEPTED' }]);
  venue().end('by hand');
  await discrepanciesAre([]);
});

test('cents that rounding leaves are no disagreement', async () => {
  await open();
  const order = await place({ quantity: decimal('0.333'), limitPrice: decimal('150.01') });
  // 0.333 × 150.01 = 49.95333 there, 49.95 here.
  venue().fill(order.id, '0.333', '150.01');
  await until(order, ['FILLED', '0.333']);
  const fast = house.openOffice({ reconcileMs: 300 });
  await office.current.desk.stop();
  await fast.desk.start();
  await vi.waitFor(async () => {
    const [row] = await house.database.query<{ is_after: boolean }>(
      `SELECT reconciled_at > (SELECT max(recorded_at) FROM trades) AS is_after FROM broker_connections`,
    );
    expect(row?.is_after).toBe(true);
  }, PATIENCE);
  expect(await house.openDiscrepancies()).toEqual([]);
});
