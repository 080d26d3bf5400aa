import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { appendEvents } from '../../../src/services/platform/outbox.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';
import { createRelays } from '../../support/relay-house.ts';

const database = await createTestDatabase();
const relays = createRelays(database);

describe('the relay', () => {
  test('gives positions, links the events of a topic and tells them whole', async () => {
    const { relay, listenTo } = relays.create();
    const owner = randomUUID();
    const told = await listenTo('account:a');
    await commitEvents(
      database,
      newEvent({
        topic: 'account:a',
        ownerId: owner,
        payload: { amount: '1.50', list: [1, null] },
      }),
      newEvent({ topic: 'account:b', ownerId: owner }),
      newEvent({ topic: 'account:a' }),
    );
    await relay.start();
    await relays.untilLogged(3);
    await eventually('two events are told', () => told.length === 2);

    const [row] = await database.query<{ recorded_at: Date }>('SELECT recorded_at FROM event_log');
    expect(told).toEqual([
      {
        event: {
          position: 1n,
          previousPosition: 0n,
          topic: 'account:a',
          ownerId: owner,
          type: 'Counted',
          version: 1,
          payload: { amount: '1.50', list: [1, null] },
          occurredAt: new Date('2026-11-20T12:00:00.123Z'),
          recordedAt: row?.recorded_at,
        },
        ownerPreviousPosition: 0n,
        bytes: expect.any(Number) as unknown,
      },
      expect.objectContaining({
        event: expect.objectContaining({
          position: 3n,
          previousPosition: 1n,
          ownerId: null,
        }) as unknown,
      }),
    ]);
    await relays.expectSoundLog(3);
  });

  test('tells the owner of all of his events, linked across topics and batches', async () => {
    const { relay, listenTo } = relays.create({ batchSize: 2 });
    const owner = randomUUID();
    const told = await listenTo(`owner:${owner}`);
    const topics = ['account:a', 'other', 'account:b', 'account:a', 'other', 'model:m'];
    await commitEvents(
      database,
      ...topics.map((topic) => newEvent({ topic, ownerId: topic === 'other' ? null : owner })),
    );
    await relay.start();
    await eventually('four events are told', () => told.length === 4);
    expect(
      told.map(({ event, ownerPreviousPosition }) => [event.position, ownerPreviousPosition]),
    ).toEqual([
      [1n, 0n],
      [3n, 1n],
      [4n, 3n],
      [6n, 4n],
    ]);
  });

  test('loses no event of a transaction that commits late', async () => {
    const { relay } = relays.create();
    await relay.start();
    const late = new Client({ connectionString: database.workerUrl });
    await late.connect();
    await late.query('BEGIN');
    await late.query(
      `INSERT INTO outbox (topic, type, version, payload, occurred_at)
       VALUES ('account:late', 'Counted', 1, '{"n": 1}', now())`,
    );
    await commitEvents(database, newEvent({ topic: 'account:early', payload: { n: 2 } }));
    relay.wake();
    await relays.untilLogged(1);
    await late.query('COMMIT');
    await late.end();
    relay.wake();
    await relays.untilLogged(2);
    // The late one took its id first and gets its position second.
    expect((await relays.readLog()).map(({ topic }) => topic)).toEqual([
      'account:early',
      'account:late',
    ]);
    await relays.expectSoundLog(2);
  });

  test('moves nothing of a transaction that is rolled back', async () => {
    const { relay } = relays.create();
    await relay.start();
    const failing = database.worker.withViewer(systemViewer(), async (tx) => {
      await appendEvents(tx, [newEvent({ topic: 'account:a' })]);
      relay.wake();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await commitEvents(database, newEvent({ topic: 'account:b' }));
    await relays.untilLogged(1);
    expect((await relays.readLog()).map(({ topic }) => topic)).toEqual(['account:b']);
  });

  test('shares 10,000 events with another relay, while they are written', async () => {
    const houses = [relays.create({ batchSize: 100 }), relays.create({ batchSize: 70 })];
    const topics = Array.from({ length: 20 }, (_, index) => `account:${index}`);
    await Promise.all(houses.flatMap(({ listenTo }) => topics.map(listenTo)));
    await Promise.all(houses.map(({ relay }) => relay.start()));

    // Four writers, each with topics of its own as under a row lock, in transactions of 25 events.
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let batch = 0; batch < 100; batch += 1) {
        const events = Array.from({ length: 25 }, (_, index) => {
          const n = batch * 25 + index;
          return newEvent({ topic: topics[writer * 5 + (n % 5)] ?? '', payload: { n } });
        });
        await commitEvents(database, ...events);
        houses[batch % 2]?.relay.wake();
      }
    });
    await Promise.all(writers);
    await relays.untilLogged(10_000);
    await relays.expectSoundLog(10_000);
    const sweeps = async () => {
      const [row] = await database.query<{ n: number }>(
        `SELECT vacuum_count::int AS n FROM pg_stat_user_tables WHERE relname = 'outbox'`,
      );
      return (row?.n ?? 0) > 0;
    };
    await eventually('the outbox is swept', sweeps);

    const rows = await relays.readLog();
    for (const topic of topics) {
      const numbers = rows.filter((row) => row.topic === topic).map(({ payload }) => payload.n);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    const told = () => houses.flatMap(({ published }) => published);
    await eventually('all are told', () => told().length === 10_000);
    expect(new Set(told().map(({ event }) => event.position)).size).toBe(10_000);
    expect(houses.every(({ published }) => published.length > 0)).toBe(true);
  });
});
