import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';
import { systemTimers } from '../../src/services/platform/timers.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const HOUR_MS = 3_600_000;
const house = await openTestApp();

describe('an operation that begins on an old socket', () => {
  test('is refused when the session has ended, though no event told of it', async () => {
    const { port } = await serve(house);
    const person = await house.addPerson('ada');
    const socket = await openRawSocket(port);
    await socket.init({ accessToken: person.token });
    socket.subscribe('{ __typename }');
    expect(await socket.next()).toMatchObject({ type: 'next' });
    expect(await socket.next()).toMatchObject({ type: 'complete' });
    // As if the event were under way for ever.
    await house.database.query('UPDATE sessions SET revoked_at = now() WHERE owner_id = $1', [
      person.id,
    ]);
    let code: number | undefined;
    void socket.closed.then((given) => (code = given));
    let asked = 0;
    // Who calls is remembered for two seconds.
    await eventually('an operation is refused', async () => {
      asked += 1;
      if (code === undefined) socket.subscribe('{ __typename }', {}, `n${String(asked)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return code !== undefined;
    });
    expect(code).toBe(4401);
  });
});

describe.each(TRANSPORTS)('a token that has run out, over $transport', ({ connect }) => {
  /** A server whose clock is ahead when the test says so, and whose timers do not notice. */
  async function openAhead() {
    const time = createManualTime(house.app.clock.now());
    const { url } = await serve({
      ...house,
      app: { ...house.app, clock: time.clock, timers: systemTimers },
    });
    const person = await house.addPerson(`person_${randomUUID().slice(0, 8)}`);
    const connection = connect({ url, token: await house.logIn(person, HOUR_MS / 1_000) });
    return { time, person, connection };
  }
  const REFUSED = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

  test('is found at the next event that is executed for its reader alone', async () => {
    const { time, person, connection } = await openAhead();
    const floor = createTradingFloor(house.database);
    const viewer = userViewer({ userId: person.id, role: 'USER' });
    const account = await floor.openAccount(viewer, '10000');
    const trade = (quantity: number) =>
      house.database.worker.withViewer(systemViewer(), (tx) =>
        floor.booking.bookTrade(tx, {
          ...{ account, instrument: house.instrument, side: 'BUY', quantity: decimal(quantity) },
          ...{ price: decimal('1'), fee: decimal('0'), source: 'IMPORTED' },
          ...{ importKey: randomUUID(), executedAt: house.app.clock.now() },
        }),
      );
    await trade(1);
    await eventually('it is in the log', async () => {
      const text = `SELECT 1 FROM event_log WHERE owner_id = $1 AND type = 'TradeExecuted'`;
      return (await house.database.query(text, [person.id])).length === 1;
    });
    const results = connection.iterate({
      query: 'subscription { tradeExecuted { ... on TradeExecuted { trade { quantity } } } }',
    });
    expect((await results.next()).value).toMatchObject({
      data: { tradeExecuted: { trade: { quantity: '1' } } },
    });
    const next = results.next();
    time.advance(2 * HOUR_MS);
    await trade(2);
    const value = (await next).value as { readonly data?: unknown };
    expect(value).toMatchObject(REFUSED);
    expect(value.data ?? null).toBeNull();
    connection.close();
  });

  test('is found at the next event that many share', async () => {
    const { time, connection } = await openAhead();
    house.quote({ bid: '10' });
    const results = connection.iterate({
      query: 'subscription { quotes(symbols: ["ACME.SIM"]) { bid } }',
    });
    expect((await results.next()).value).toMatchObject({ data: { quotes: { bid: '10' } } });
    const next = results.next();
    time.advance(2 * HOUR_MS);
    house.quote({ bid: '20' });
    const value = (await next).value as { readonly data?: unknown };
    expect(value).toMatchObject(REFUSED);
    expect(value.data ?? null).toBeNull();
    connection.close();
  });
});
