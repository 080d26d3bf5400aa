import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';
import { until } from '../support/until.ts';

const BYTES_MAX = 256 * 1024;
const house = await openTestApp({
  variables: { STREAM_QUEUE_LIMIT_BYTES: String(BYTES_MAX), OPEN_STREAM_LIMIT_PER_ADDRESS: '3' },
});
const { port } = await serve(house);

const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** A connection by hand, which reads only while the test lets it. */
async function connect(head: readonly string[], body = ''): Promise<Socket> {
  const socket = createConnection(port, 'localhost');
  opened.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write([...head, '', body].join('\r\n'));
  return socket;
}

const UPGRADE = [
  'GET /graphql HTTP/1.1',
  ...['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  'Sec-WebSocket-Protocol: graphql-transport-ws',
];
const [TEXT, CLOSE, PING] = [1, 8, 9];

/** A frame as a client sends it, with a mask of zeros. */
function frame(opcode: number, payload: string | Buffer): Buffer {
  const data = Buffer.from(payload);
  const length =
    data.length < 126
      ? Buffer.from([0x80 | data.length])
      : Buffer.from([0x80 | 126, data.length >> 8, data.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), data]);
}
const message = (content: object) => frame(TEXT, JSON.stringify(content));
const subscribe = (id: string, query: string) =>
  message({ id, type: 'subscribe', payload: { query } });

/** A socket that was acknowledged, and which reads no more. */
async function openStalled(accessToken?: string): Promise<Socket> {
  const socket = await connect(UPGRADE);
  socket.write(message({ type: 'connection_init', payload: { accessToken } }));
  let text = '';
  while (!text.includes('connection_ack')) text += String((await once(socket, 'data'))[0]);
  socket.pause();
  return socket;
}

/** About 100 kB each: more than the connection's own buffers hold after some. */
const LARGE = '{ __schema { types { name description fields { name description } } } }';

test('a socket that reads nothing is given up by the bytes that wait, and hurts no other', async () => {
  const stalled = await openStalled();
  const other = await openRawSocket(port);
  await other.init();
  // By a reset, once it has been told in vain.
  const ended = new Promise((resolve) => stalled.once('close', resolve));
  for (let n = 0; n < 400 && stalled.writable; n += 1) {
    stalled.write(subscribe(String(n), LARGE));
    other.subscribe('{ __typename }', {}, String(n));
    expect(await other.next()).toMatchObject({ type: 'next' });
    expect(await other.next()).toMatchObject({ type: 'complete' });
  }
  // Who does not read hears of its end when it writes.
  const writing = setInterval(() => stalled.write(frame(PING, '')), 50);
  await ended;
  clearInterval(writing);
}, 120_000);

test('Pings that nobody reads the answers of are left without one', async () => {
  const stalled = await openStalled();
  const ping = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PING, 'x'.repeat(125))));
  const before = process.memoryUsage().rss;
  // 32 MB of answers, if there were any.
  for (let n = 0; n < 250; n += 1) {
    if (!stalled.write(ping)) await Promise.race([once(stalled, 'drain'), once(stalled, 'close')]);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
}, 60_000);

test('whoever is told to go is not heard any more, though the connection is still there', async () => {
  const ada = await house.addPerson('ada');
  const socket = await openStalled(ada.token);
  socket.write(frame(CLOSE, Buffer.from([0x03, 0xe8])));
  const bob = await house.addPerson('bob');
  const own = await openStalled(bob.token);
  await house.changeRole(bob, 'VIEWER');
  let said = '';
  own.on('data', (data: Buffer) => (said += data.toString('latin1')));
  own.resume();
  // The code of its close, 4403.
  await until('it is told to go', () => said.includes('\u0011\u0033'));
  const heard = said.length;
  own.write(subscribe('1', '{ viewer { user { username } } }'));
  own.write(frame(PING, 'still there?'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(said.slice(heard)).toBe('');
});
