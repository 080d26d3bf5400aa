import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { leaveBroken } from '../support/books-left.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
// One order is given more steps than orders have.
leaveBroken(house.database, 'histories-lead-to-the-state');
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });
const account = await floor.openAccount(viewer, '10000');

const ORDER = `query ($id: ID!) { node(id: $id) { ... on Order {
  status createdAt submittedAt acceptedAt triggeredAt partiallyFilledAt filledAt cancelRequestedAt
  canceledAt replacedAt expiredAt deniedAt rejectedAt unansweredAt
  notional trailAmount trailPercent orderClass leg groupId brokerOrderId
  replaces { id } replacedBy { id }
  timeline { status at recordedAt latencyMs reasonCode }
  trades { nodes { liquidity feeModel slippageModel liquidityModel slippage brokerTradeId realizedNet
    order { status } } }
} } }`;

type Order = Readonly<Record<string, unknown>> & {
  readonly timeline: readonly { status: string; at: string; latencyMs: number | null }[];
};

const read = async (id: string): Promise<Order> =>
  (
    await graph.data<{ node: Order }>(ORDER, {
      variables: { id: encodeGlobalId('Order', id) },
      token: ada.token,
    })
  ).node;

const place = (quantity: string) =>
  house.app.services.orders.place(viewer, {
    ...{ accountId: account.id, symbol: 'ACME.SIM', side: 'BUY', quantity: decimal(quantity) },
    clientOrderId: randomUUID(),
  });

test('an order shows its steps, and when it stood where', async () => {
  house.quote({ bid: '99', ask: '101' });
  const { id } = await place('10');
  await eventually('it is filled', async () => (await read(id))['status'] === 'FILLED');
  const order = await read(id);
  const { timeline } = order;
  expect(timeline.map(({ status }) => status)).toEqual([
    ...['PENDING', 'SUBMITTED', 'ACCEPTED', 'FILLED'],
  ]);
  const timeOf = (status: string) => timeline.find((step) => step.status === status)?.at;
  expect(order).toMatchObject({
    createdAt: timeOf('PENDING'),
    submittedAt: timeOf('SUBMITTED'),
    acceptedAt: timeOf('ACCEPTED'),
    filledAt: timeOf('FILLED'),
    ...{ triggeredAt: null, partiallyFilledAt: null, cancelRequestedAt: null, canceledAt: null },
    ...{ replacedAt: null, expiredAt: null, deniedAt: null, rejectedAt: null, unansweredAt: null },
    ...{ notional: null, trailAmount: null, trailPercent: null, brokerOrderId: null },
    ...{ orderClass: 'SIMPLE', leg: null, groupId: null, replaces: null, replacedBy: null },
  });
  const [first, ...others] = timeline;
  expect(first?.latencyMs).toBeNull();
  let before = Date.parse(String(first?.at));
  for (const { at, latencyMs } of others) {
    expect(latencyMs).toBe(Date.parse(at) - before);
    before = Date.parse(at);
  }
});

test('a denied order shows why and when', async () => {
  await expect(place('1000000')).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  const [row] = await house.database.query<{ id: string }>(
    "SELECT id FROM orders WHERE status = 'DENIED'",
  );
  const order = await read(String(row?.id));
  expect(order.timeline).toEqual([
    expect.objectContaining({ status: 'PENDING', reasonCode: null }),
    expect.objectContaining({ status: 'DENIED', reasonCode: 'INSUFFICIENT_FUNDS' }),
  ]);
  expect(order['deniedAt']).toBe(order.timeline[1]?.at);
  expect(order['acceptedAt']).toBeNull();
});

test('a life of hundreds of steps shows its ends', async () => {
  const { id } = await house.app.services.orders.place(viewer, {
    ...{ accountId: account.id, symbol: 'ACME.SIM', side: 'BUY', quantity: decimal(1) },
    ...{ type: 'LIMIT', limitPrice: decimal(90), clientOrderId: randomUUID() },
  });
  // As 297 fills of a part leave it: with the three of its placement, 300 steps.
  await house.database.query(
    `INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at, recorded_at)
     SELECT $1, n, $2, 'PARTIALLY_FILLED', 'PARTIALLY_FILLED', now() + n * interval '1 second', now()
     FROM generate_series(4, 300) AS n`,
    [id, ada.id],
  );
  const { timeline } = await read(id);
  // The first 100 and the last 100, of which the first has no step before it.
  expect(timeline).toHaveLength(200);
  expect(timeline.map(({ latencyMs }) => latencyMs).filter((ms) => ms === null)).toHaveLength(2);
  expect(timeline.slice(101).map(({ latencyMs }) => latencyMs)).toEqual(Array(99).fill(1_000));
});
