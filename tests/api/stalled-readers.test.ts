import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { openTestApp } from '../support/app.ts';
import { CLOSE, frame, message, openHandSocket, PING, subscribe } from '../support/hand-socket.ts';
import { serveInManualTime } from '../support/manual-server.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';

const house = await openTestApp({ variables: { STREAM_QUEUE_LIMIT_BYTES: String(256 * 1024) } });
// Nobody is cut off for answering no Pings: that would be before a minute of its time has passed.
const { port, time } = await serveInManualTime(house);

/** About 100 kB each: more than the connection's own buffers hold after some. */
const LARGE = '{ __schema { types { name description fields { name description } } } }';

test('a socket that reads nothing is given up by the bytes that wait, and hurts no other', async () => {
  const stalled = await openHandSocket(port);
  const other = await openRawSocket(port);
  await other.init();
  let hasEnded = false;
  stalled.once('close', () => (hasEnded = true));
  for (let n = 0; n < 100; n += 1) {
    stalled.write(subscribe(String(n), LARGE));
    other.subscribe('{ __typename }', {}, String(n));
    expect(await other.next()).toMatchObject({ type: 'next' });
    expect(await other.next()).toMatchObject({ type: 'complete' });
  }
  await eventually(
    'it is cut',
    () => {
      // In steps that come to less than the time of a Ping: it has two seconds to hear why.
      if (time.clock.now().getTime() < startedMs + 10_000) time.advance(20);
      // Who does not read hears of its end when it writes.
      stalled.write(frame(PING, ''));
      return hasEnded;
      // Before the library below gives it up by itself, 30 s after it was told to go.
    },
    20_000,
  );
  other.subscribe('{ __typename }', {}, 'last');
  expect(await other.next()).toMatchObject({ type: 'next', id: 'last' });
}, 120_000);
const startedMs = time.clock.now().getTime();

test('Pings that nobody reads the answers of are left without one', async () => {
  const pong = vi.spyOn(WebSocket.prototype, 'pong');
  const stalled = await openHandSocket(port);
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PING, 'x'.repeat(125))));
  const ROUNDS = 400;
  for (let n = 0; n < ROUNDS; n += 1) {
    if (!stalled.write(pings)) await once(stalled, 'drain');
  }
  const answered = pong.mock.calls.length;
  pong.mockRestore();
  // 51 MB of answers, of which the system holds some. One that is counted was given to be sent.
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan((ROUNDS * 1_000) / 2);
}, 120_000);

test('whoever is told to go is not heard any more, though the connection is still there', async () => {
  const ada = await house.addPerson('ada');
  const socket = await openHandSocket(port, ada.token);
  let said = '';
  socket.on('data', (data: Buffer) => (said += data.toString('latin1')));
  socket.resume();
  const create = (name: string) =>
    subscribe(
      name,
      `mutation Create($input: CreateModelInput!) { createModel(input: $input) { __typename } }`,
      {
        input: {
          ...{ name, universe: ['ACME.SIM'], startingCash: '100' },
          ...{ intervalSeconds: 86_400, idempotencyKey: name },
        },
      },
    );
  socket.write(create('before'));
  await eventually('it was made', () => said.includes('CreateModelSuccess'));
  socket.write(message({ type: 'ping', payload: { accessToken: 'nonsense' } }));
  // The code of its close, 4403.
  await eventually('it is told to go', () => said.includes('\u0011\u0033'));
  const heard = said.length;
  socket.write(create('after'));
  socket.write(frame(PING, 'still there?'));
  // The end of the handshake, which the server reads behind what was written before.
  const ended = once(socket, 'close');
  socket.write(frame(CLOSE, Buffer.from([0x03, 0xe8])));
  await ended;
  expect(said.slice(heard)).toBe('');
  // What had begun would be done by then.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const models = await house.database.query<{ name: string }>(
    'SELECT name FROM models WHERE owner_id = $1',
    [ada.id],
  );
  expect(models.map(({ name }) => name)).toEqual(['before']);
});
