import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/server.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { openTestApp } from '../support/app.ts';
import { openHandSocket, openHandStream, subscribe } from '../support/hand-socket.ts';
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
  const read = { lines: 0, isOver: false, lastWords: '' };
  let rest = '';
  socket.on('data', (data: Buffer) => {
    const parts = (rest + data.toString('latin1')).split('"sequence":');
    read.lines += parts.length - 1;
    read.lastWords = parts.at(-1)?.slice(-200) ?? '';
    rest = read.lastWords.slice(-11);
  });
  socket.once('end', () => (read.isOver = true));
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
    const socket = await connect(server.port, after);
    await tellLines(LINES_MADE);
    // The reader takes none, the system no more, and so they wait in the stream.
    await eventually('they wait', () => !house.app.streams.flow.isDry);
    const stopped = server.stop();
    const read = readLines(socket);
    socket.resume();
    await eventually('all has come', () => read.lines === LINES_MADE);
    const moving = setInterval(() => {
      server.time.advance(100);
    }, 5);
    await eventually('it is over', () => read.isOver);
    clearInterval(moving);
    expect(read.lastWords).toMatch(lastWords);
    socket.end();
    await stopped;
  });
});

test('an open connection is answered until it was told to close, and health says that it ends', async () => {
  const { port, stop } = await open();
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
  await stopped;
  await expect(send(port, used)).rejects.toThrow('ECONNREFUSED');
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

test('a query that is under way is answered, and its socket closes behind the answer', async () => {
  const { port, stop } = await open();
  const socket = await openRawSocket(port);
  await socket.init({ accessToken: ada.token });
  const query = '{ viewer { user { username } models(first: 50) { nodes { id name } } } }';
  socket.subscribe(query);
  const stopped = stop();
  expect(await socket.next()).toMatchObject({
    payload: { data: { viewer: { user: { username: 'ada' } } } },
  });
  expect(await socket.next()).toMatchObject({ type: 'complete' });
  expect(await socket.closed).toBe(1001);
  await stopped;
});
