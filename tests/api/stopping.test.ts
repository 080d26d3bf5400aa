import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/server.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { openTestApp } from '../support/app.ts';
import { openHandSocket, openHandStream, subscribe } from '../support/hand-socket.ts';
import { whileHeld } from '../support/held-table.ts';
import { LINES, tellLargeLines } from '../support/large-lines.ts';
import { serveInManualTime } from '../support/manual-server.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';

const house = await openTestApp({
  variables: { STREAM_QUEUE_LIMIT_BYTES: '1000000000', SHUTDOWN_GRACE_MS: '60000' },
});
const ada = await house.addPerson('ada');
/** Several times what the system holds for a reader who reads nothing. */
const LINES_MADE = 160;
const tellLines = (count: number) => tellLargeLines(house, ada, count);

/** A server of this test. */
async function open() {
  const server = await startServer(house);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= server.stop());
  onTestFinished(stop);
  return { ...server, stop };
}

/** Over a connection that is kept. */
async function send(
  port: number,
  agent: Agent,
  { path = '/graphql', body = '{"query":"{ __typename }"}' } = {},
): Promise<{ readonly status: number; readonly connection: string; readonly text: string }> {
  const isGet = path === '/health';
  const request = httpRequest({
    ...{ port, path, agent, host: 'localhost', method: isGet ? 'GET' : 'POST' },
    headers: isGet ? {} : { 'content-type': 'application/json', accept: 'application/json' },
  });
  request.end(isGet ? undefined : body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return {
    ...{ status: response.statusCode ?? 0, text },
    connection: response.headers.connection ?? '',
  };
}

/** Counts the lines that come, and keeps the last of what was said. */
function readLines(socket: Socket) {
  const read = { lines: 0, lastWords: '' };
  let rest = '';
  socket.on('data', (data: Buffer) => {
    const parts = (rest + data.toString('latin1')).split('"sequence":');
    read.lines += parts.length - 1;
    read.lastWords = parts.at(-1)?.slice(-200) ?? '';
    rest = read.lastWords.slice(-11);
  });
  return read;
}

describe('a reader who is behind when the server stops', () => {
  /** Its time stands still until all has come: a slow machine takes nothing from what is sent. */
  test.each([
    [
      'over a socket gets all that waits, and then 1001',
      async (port: number, after: string) => {
        const socket = await openHandSocket(port, ada.token);
        socket.write(subscribe('1', LINES, { after }));
        return socket;
      },
      // The code in two bytes is 0x03e9, of which the second is this letter.
      /éGoing away$/,
    ],
    [
      'over an event stream gets all that waits, and no word that it is complete',
      (port: number, after: string) =>
        openHandStream(port, { query: LINES, variables: { after }, token: ada.token }),
      /^(?![^]*event: complete)[^]*\r\n0\r\n\r\n$/,
    ],
  ])('%s', async (_name, connect, lastWords) => {
    const after = encodeCursor(await house.app.streams.head());
    const server = await serveInManualTime(house);
    const [socket, other] = [await connect(server.port, after), await connect(server.port, after)];
    const [read, readByOther] = [readLines(socket), readLines(other)];
    for (const each of [socket, other]) each.resume();
    await tellLines(1);
    await eventually('both have begun', () => read.lines + readByOther.lines === 2);
    // From here on all comes live. What one has read, the stream of the other has as well.
    socket.pause();
    await tellLines(LINES_MADE - 1);
    await eventually('the other has all', () => readByOther.lines === LINES_MADE);
    expect(read.lines).toBe(1);
    const stopped = server.stop();
    socket.resume();
    await eventually('all has come', () => read.lines === LINES_MADE);
    const moving = setInterval(() => {
      server.time.advance(100);
    }, 5);
    await eventually('the last words have come', () => lastWords.test(read.lastWords));
    expect(read.lines).toBe(LINES_MADE);
    for (const each of [socket, other]) each.end();
    await stopped;
    clearInterval(moving);
  });
});

test('an open connection is answered until it was told to close, and health says that it ends', async () => {
  // Its time stands still while they are used: nobody is closed for being slow.
  const { port, stop, time } = await serveInManualTime(house);
  const agents = [1, 2, 3].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  const [used, asking] = agents;
  if (!used || !asking) throw new Error('There are agents.');
  for (const agent of agents) {
    expect(await send(port, agent)).toMatchObject({ status: 200, connection: 'keep-alive' });
  }
  const stopped = stop();
  expect(await send(port, used)).toMatchObject({ status: 200, connection: 'close' });
  expect(await send(port, asking, { path: '/health' })).toMatchObject({
    ...{ status: 503, connection: 'close' },
  });
  // The third is not used again, and closed.
  const moving = setInterval(() => {
    time.advance(100);
  }, 5);
  await stopped;
  clearInterval(moving);
  await expect(send(port, used)).rejects.toThrow('ECONNREFUSED');
});

test('a server gives notice that it stops, and lets everybody in until that is over', async () => {
  const http = { ...house.config.http, shutdownNoticeMs: 2_000 };
  const server = await serveInManualTime({ app: house.app, config: { ...house.config, http } });
  const stopped = server.stop();
  server.time.advance(1_900);
  const agent = new Agent();
  const ending = { connection: 'close' };
  expect(await send(server.port, agent, { path: '/health' })).toMatchObject({
    ...ending,
    status: 503,
  });
  expect(await send(server.port, agent)).toMatchObject({ ...ending, status: 200 });
  const socket = await openRawSocket(server.port);
  await socket.init();
  const moving = setInterval(() => {
    server.time.advance(100);
  }, 5);
  expect(await socket.closed).toBe(1001);
  await stopped;
  clearInterval(moving);
  await expect(send(server.port, agent)).rejects.toThrow('ECONNREFUSED');
});

test('who has knocked before the door is closed is let in and answered', async () => {
  const { port, stop } = await open();
  const body = '{"query":"{ __typename }"}';
  const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const text = `${head}Accept: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
  const answers: string[] = [];
  const all = Array.from({ length: 60 }, async (_, index) => {
    const socket = createConnection(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString('utf8')));
    socket.on('error', (error) => (answer += String(error)));
    await once(socket, 'connect');
    socket.write(text);
    await once(socket, 'close');
    answers[index] = answer;
  });
  // The system greets them; the server has had no turn yet to see any of them.
  await new Promise(process.nextTick);
  await stop();
  await Promise.all(all);
  for (const answer of answers) expect(answer).toContain('"__typename":"Query"');
});

test('a mutation that is under way is answered, and its socket closes behind the answer', async () => {
  const server = await serveInManualTime(house);
  const { port, time } = server;
  const socket = await openRawSocket(port);
  await socket.init({ accessToken: ada.token });
  const input = {
    ...{ name: 'Last', universe: ['ACME.SIM'], startingCash: '100' },
    ...{ intervalSeconds: 86_400, idempotencyKey: 'last' },
  };
  const held = { database: house.database, table: 'models' };
  const { results } = await whileHeld(held, async (waiting) => {
    socket.subscribe(
      `mutation Create($input: CreateModelInput!) { createModel(input: $input) { __typename } }`,
      { input },
    );
    await waiting(1);
    void server.stop();
    // Longer than readers are waited for, and shorter than the grace time.
    for (let n = 0; n < 50; n += 1) {
      time.advance(100);
      await new Promise(setImmediate);
    }
    return [socket.next(), socket.next()];
  });
  expect(results).toMatchObject([
    { type: 'next', payload: { data: { createModel: { __typename: 'CreateModelSuccess' } } } },
    { type: 'complete' },
  ]);
  const moving = setInterval(() => {
    time.advance(100);
  }, 5);
  expect(await socket.closed).toBe(1001);
  await server.stop();
  clearInterval(moving);
});
