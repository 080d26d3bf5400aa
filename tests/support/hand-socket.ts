import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { eventually } from './outbox.ts';

/** Of RFC 6455. */
const TEXT = 1;
export const [CLOSE, PING] = [8, 9] as const;

/** A connection by hand, which reads only while the test lets it. Gone after the test. */
async function connectByHand(port: number, head: readonly string[], body = '') {
  const socket = createConnection(port, 'localhost');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write([...head, '', body].join('\r\n'));
  return socket;
}

/** A frame as a client sends it, with a mask of zeros. */
export function frame(opcode: number, payload: string | Buffer): Buffer {
  const data = Buffer.from(payload);
  const length =
    data.length < 126
      ? Buffer.from([0x80 | data.length])
      : Buffer.from([0x80 | 126, data.length >> 8, data.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), data]);
}

export const message = (content: object) => frame(TEXT, JSON.stringify(content));

export const subscribe = (id: string, query: string, variables = {}) =>
  message({ id, type: 'subscribe', payload: { query, variables } });

/** A WebSocket that was acknowledged. It answers no Ping, and reads no more until it is resumed. */
export async function openHandSocket(port: number, accessToken?: string): Promise<Socket> {
  const socket = await connectByHand(port, [
    'GET /graphql HTTP/1.1',
    ...['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ]);
  socket.write(message({ type: 'connection_init', payload: { accessToken } }));
  await readUntil(socket, 'connection_ack');
  return socket;
}

/** A stream of server-sent events that has begun, and which reads no more until it is resumed. */
export async function openHandStream(
  port: number,
  { query, variables = {}, token }: { query: string; variables?: object; token: string },
): Promise<Socket> {
  const body = JSON.stringify({ query, variables });
  const head = [
    'POST /graphql HTTP/1.1',
    ...['Host: localhost', 'Accept: text/event-stream', 'Content-Type: application/json'],
    ...[`Authorization: Bearer ${token}`, `Content-Length: ${String(body.length)}`],
  ];
  const socket = await connectByHand(port, head, body);
  await readUntil(socket, 'text/event-stream');
  return socket;
}

/** Reads no further than to what comes with the words. */
async function readUntil(socket: Socket, words: string): Promise<void> {
  let text = '';
  const hear = (data: Buffer): void => {
    text += data.toString('latin1');
    if (!text.includes(words)) return;
    socket.off('data', hear);
    socket.pause();
  };
  socket.on('data', hear);
  await eventually(`${words} has come`, () => text.includes(words));
}
