import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { Broker } from '../../../../src/services/trading/brokers/broker.ts';
import {
  BrokerBusy,
  BrokerRefused,
  BrokerUnreachable,
} from '../../../../src/services/trading/brokers/errors.ts';
import { cashFindings } from '../../../../src/services/trading/brokers/reconciler.ts';
import { systemTimers } from '../../../../src/services/platform/timers.ts';
import { ALPACA_STAND } from '../../../support/broker-stands.ts';
import { decimal } from '../../../support/trading-floor.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { office, venue, alpaca, place, until, newest, PATIENCE } = house;

/** Orders go to a broker that answers so. */
async function openWith(answers: Partial<Broker>): Promise<void> {
  const ports = { clock: { now: () => new Date() }, timers: systemTimers };
  office.current = house.openOffice({
    openBroker: async (...[where, secret]) => ({
      ...(await ALPACA_STAND.openBroker(house.fake(), ports)(where, secret)),
      ...answers,
    }),
  });
  await house.connect();
}

test('an order that may be there, since nobody can say whether it is, stays unknown', async () => {
  await openWith({
    submit: () => Promise.reject(new BrokerRefused('40010001', 'client_order_id must be unique')),
    findByClientOrderId: () => Promise.reject(new BrokerUnreachable('It took too long.')),
  });
  const order = await place();
  expect(order.status).toBe('UNKNOWN');
  // 10 at 150 are held back still.
  expect(order.reserved.greaterThanOrEqualTo(1_500)).toBe(true);
});

test('an order that its owner canceled before it could be sent is canceled, not rejected', async () => {
  let asked = 0;
  await openWith({
    submit: () => {
      asked += 1;
      return Promise.reject(new BrokerBusy(300));
    },
  });
  const clientOrderId = randomUUID();
  const placing = place({ clientOrderId });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(0), PATIENCE);
  const [order] = await office.current.orders.list(
    house.viewer(),
    { where: { clientOrderId } },
    {},
  );
  if (!order) throw new Error('It was placed.');
  await house.cancel(order);
  await until(order, ['CANCELED', '0']);
  const canceled = await newest(order);
  expect([canceled.reasonCode, canceled.reserved.toFixed()]).toEqual([null, '0']);
  expect(venue().orderCount()).toBe(0);
  await placing;
});

test('an order that was given up, and works there after all, is flagged and ended there', async () => {
  await house.open();
  venue().failNext('SILENT');
  const order = await place({ quantity: decimal(1), limitPrice: decimal(140) });
  const patience = { ...PATIENCE, timeout: 40_000 };
  await office.current.desk.stop();
  const fast = house.openOffice({ reconcileMs: 300 });
  await fast.desk.start();
  await vi.waitFor(async () => expect((await newest(order)).status).toBe('REJECTED'), patience);
  const { keys, hosts, state } = alpaca();
  // It takes a while to end it.
  state.isCanceling = false;
  await fetch(`${hosts.trading}/v2/orders`, {
    method: 'POST',
    headers: { 'apca-api-key-id': keys.keyId, 'apca-api-secret-key': keys.secret },
    body: JSON.stringify({
      ...{ symbol: 'AAPL', qty: '1', side: 'buy', type: 'limit', limit_price: '140' },
      client_order_id: order.id,
    }),
  });
  await vi.waitFor(
    async () =>
      expect(await house.openDiscrepancies()).toMatchObject([
        { kind: 'ORDER', subject: order.id, ours: 'REJECTED' },
      ]),
    PATIENCE,
  );
  state.isCanceling = true;
  await vi.waitFor(() => expect(venue().order(order.id)?.isOpen).toBe(false), PATIENCE);
  await vi.waitFor(async () => expect(await house.openDiscrepancies()).toEqual([]), PATIENCE);
  expect((await newest(order)).status).toBe('REJECTED');
}, 90_000);

test.each([
  // Half a cent for each of 3 trades and the cash of before: 2 cents.
  [3, '99.98', 0],
  [3, '99.97', 1],
  // Half a cent for 100 of them at most, however many there were: 50 cents.
  [1_000_000, '99.50', 0],
  [1_000_000, '99.49', 1],
])('after %i trades, 100.00 here and %s there are %i findings', (fillCount, theirs, count) => {
  const account = { currency: 'USD', cash: decimal('100') } as const;
  expect(cashFindings({ account, fillCount }, decimal(theirs))).toHaveLength(count);
});
