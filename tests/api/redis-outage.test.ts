import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { startTestRedis } from '../support/redis.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const redis = await startTestRedis();
const house = await openTestApp({ variables: { REDIS_URL: redis.url } });
const { url } = await serve(house);
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const tess = await house.addPerson('tess');
const account = await floor.openAccount(userViewer({ userId: tess.id, role: 'USER' }), '10000');
const admin = new Redis(redis.url);
admin.on('error', () => undefined);
afterAll(() => {
  admin.disconnect();
});

/** As the engine books it; the relay hears of it by its poll. */
const trade = (quantity: number) =>
  house.database.worker.withViewer(systemViewer(), (tx) =>
    floor.booking.bookTrade(tx, {
      account,
      instrument: house.instrument,
      ...{ side: 'BUY', quantity: decimal(quantity), price: decimal('1'), fee: decimal('0') },
      ...{ source: 'IMPORTED', importKey: randomUUID(), executedAt: house.app.clock.now() },
    }),
  );
const eventBus = async () =>
  (await graph.data<{ health: object }>('{ health { status eventBus } }')).health;
const follow = () => {
  const connection = connectBySocket({ url, token: tess.token });
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    const results = connection.iterate<{ tradeExecuted: { trade: { quantity: string } } }>({
      query: `subscription ($after: Cursor) { tradeExecuted(after: $after) {
        ... on TradeExecuted { trade { quantity } } } }`,
      variables: { after: encodeCursor(0n) },
    });
    for await (const { data } of results) seen.push(data?.tradeExecuted.trade.quantity ?? 'none');
    seen.push('ended');
  };
  read().catch(() => seen.push('cut'));
  return { seen, close: connection.close };
};

test('without Redis writes go on, streams stay open, and what they missed comes when it is back', async () => {
  const { seen, close } = follow();
  await trade(1);
  await eventually('the first has come', () => seen.length === 1);
  await eventually('all is well', async () => JSON.stringify(await eventBus()).includes('"OK"'));

  await redis.stop();
  await trade(2);
  await eventually('health tells of it', async () =>
    JSON.stringify(await eventBus()).includes('"eventBus":"DOWN"'),
  );
  expect(await eventBus()).toEqual({ status: 'DEGRADED', eventBus: 'DOWN' });
  await trade(3);

  await redis.start();
  await eventually('all have come', () => seen.length >= 3, 60_000);
  await trade(4);
  await eventually('the next comes too', () => seen.length >= 4);
  expect(seen).toEqual(['1', '2', '3', '4']);
  await eventually('all is well again', async () =>
    JSON.stringify(await eventBus()).includes('"eventBus":"OK"'),
  );
  close();
});

test('many subscriptions take a channel of Redis once, and the last gives it back', async () => {
  const channel = `tradegraph:owner:${tess.id}`;
  const subscribers = async () => {
    const [, count] = (await admin.pubsub('NUMSUB', channel)) as [string, number];
    return count;
  };
  await eventually('nobody is left of before', async () => (await subscribers()) === 0);
  const followers = Array.from({ length: 20 }, follow);
  await eventually('all follow', () => followers.every(({ seen }) => seen.length >= 4));
  expect(await subscribers()).toBe(1);
  for (const { close } of followers.slice(1)) close();
  await trade(5);
  await eventually('the last still follows', () => followers[0]?.seen.at(-1) === '5');
  expect(await subscribers()).toBe(1);
  followers[0]?.close();
  await eventually('the channel is given back', async () => (await subscribers()) === 0);
});
