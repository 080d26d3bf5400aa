import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { decodeHead } from '../../../src/services/platform/event-log/head-message.ts';
import { createRelaySignal } from '../../../src/services/platform/event-log/relay-signal.ts';
import { systemTimers, type Timers } from '../../../src/services/platform/timers.ts';
import { createTestDatabase } from '../../support/database.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';
import { createRelays } from '../../support/relay-house.ts';

const database = await createTestDatabase();
const relays = createRelays(database);

describe('a relay whose connection is cut', () => {
  const pidOfRelay = async (state: string): Promise<number | undefined> => {
    const [row] = await database.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = 'tradegraph-relay' AND datname = current_database() AND ${state}`,
    );
    return row?.pid;
  };

  test('in the middle of a batch loses and doubles nothing', async () => {
    const { relay, listenTo, log } = relays.create();
    const told = await listenTo('account:a');
    await relay.start();
    const blocker = new Client({ connectionString: database.ownerUrl });
    await blocker.connect();
    await blocker.query('BEGIN; SELECT 1 FROM event_head WHERE id = 1 FOR UPDATE');
    const events = Array.from({ length: 50 }, (_, n) =>
      newEvent({ topic: 'account:a', payload: { n } }),
    );
    await commitEvents(database, ...events);
    relay.wake();
    const pid = await eventually('the relay waits', () => pidOfRelay("wait_event_type = 'Lock'"));
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    await blocker.query('ROLLBACK');
    await blocker.end();
    await eventually('all are told', () => told.length === 50);
    await relays.expectSoundLog(50);
    expect(told.map(({ event }) => event.position)).toEqual(events.map((_, n) => BigInt(n + 1)));
    expect(log.lines.map(({ message }) => message)).toEqual([
      'The event relay lost its database.',
      'The event relay works again.',
    ]);
  });

  test('while it is idle connects again and goes on', async () => {
    const { relay } = relays.create();
    await relay.start();
    const pid = await eventually('the relay is idle', () => pidOfRelay("state = 'idle'"));
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    await commitEvents(database, newEvent({ topic: 'account:a' }));
    await relays.untilLogged(1);
  });

  test('tells with the head what it had logged and could not tell', async () => {
    const { relay, bus } = relays.create();
    const owner = randomUUID();
    const heads: string[] = [];
    await bus.subscribe('head', (message) => void heads.push(message));
    await relay.start();
    await eventually('the head is told', () => heads.length > 0);
    await commitEvents(database, newEvent({ topic: 'account:a', ownerId: owner }));
    // Another relay moves the event and falls before it tells anybody.
    await database.query('SELECT move_outbox(10, now())');
    const named = () => heads.map(decodeHead).find(({ channels }) => (channels?.size ?? 0) > 0);
    expect(await eventually('the event is named', named)).toEqual({
      position: 1n,
      since: 0n,
      channels: new Map([
        ['account:a', 1n],
        [`owner:${owner}`, 1n],
      ]),
    });
  });
});

describe('a relay that hangs with the lock', () => {
  test('is ended by another one, which moves what came', async () => {
    const { relay } = relays.create();
    const stuck = new Client({ connectionString: database.workerUrl });
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    stuck.on('error', resolve);
    await stuck.connect();
    await stuck.query('BEGIN; SELECT move_outbox(10, now())');
    await commitEvents(database, newEvent({ topic: 'account:a' }));
    await relay.start();
    expect(await ended).toBeInstanceOf(Error);
    await relays.untilLogged(1);
    await relays.expectSoundLog(1);
    await stuck.end().catch(() => undefined);
  });
});

describe('the start and the end of a relay', () => {
  test('a database that is not there is refused at the start', async () => {
    const { relay } = relays.create({ url: 'postgresql://nobody@127.0.0.1:1/nothing' });
    await expect(relay.start()).rejects.toThrow();
  });

  test('a relay that was stopped leaves what comes then, and moves it when started again', async () => {
    const { relay } = relays.create();
    await relay.start();
    await relay.stop();
    await commitEvents(database, newEvent({ topic: 'account:a' }));
    expect([await relays.countOf('outbox'), await relays.countOf('event_log')]).toEqual([1, 0]);
    await relay.start();
    await relays.untilLogged(1);
  });

  test('the worker may move events, the server may not', async () => {
    const server = new Client({ connectionString: database.serverUrl });
    await server.connect();
    await expect(server.query('SELECT move_outbox(10, now())')).rejects.toThrow(
      /permission denied/,
    );
    await server.end();
  });
});

describe('the signal of another process', () => {
  test('wakes the relay before it polls', async () => {
    /** Timers with which the relay never polls. */
    const withoutPolls: Timers = {
      every: () => () => undefined,
      after: (delayMs, work) =>
        delayMs < 100 ? systemTimers.after(delayMs, work) : () => undefined,
    };
    const { relay, log } = relays.create({ timers: withoutPolls });
    const signal = createRelaySignal({ url: database.serverUrl, log });
    await relay.start();
    await commitEvents(database, newEvent({ topic: 'account:a' }));
    for (let times = 0; times < 1_000; times += 1) signal.wake();
    await relays.untilLogged(1);
    await commitEvents(database, newEvent({ topic: 'account:a' }));
    signal.wake();
    await relays.untilLogged(2);
    await signal.close();
    expect(log.lines).toEqual([]);
  });
});
