/**
 * The subscribers of bench/fan-out.ts, in a process of their own: WebSockets by hand, which count
 * frames and look into few, so that they take as little of the machine as may be.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import {
  nowMicros,
  type ClientsOrder,
  type ClientsReport,
  type ConnectOrder,
} from './fan-out-messages.ts';

/** Of so many messages, the age of one is looked at. */
const LOOK_EVERY = 16;
const STAMP = /"stamp":"(\d{16})/;

let messages = 0;
let agesMs: number[] = [];
let sockets: Socket[] = [];

process.on('message', (order: ClientsOrder) => {
  obey(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ failed: String(error) } satisfies ClientsReport),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({});

async function obey(order: ClientsOrder): Promise<ClientsReport> {
  if ('connect' in order) {
    const startedMs = performance.now();
    await connectAll(order.connect);
    return { connected: { tookMs: performance.now() - startedMs } };
  }
  if ('leave' in order) {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    return {};
  }
  const counted = { messages, agesMs };
  messages = 0;
  agesMs = [];
  return { counted };
}

async function connectAll(order: ConnectOrder): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < order.count) {
      begun += 1;
      await connectOne(order, begun - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(order.atOnce, order.count) }, worker));
}

/** Until it is acknowledged and has subscribed. */
async function connectOne(order: ConnectOrder, index: number): Promise<void> {
  const { port, query, variables, tokens } = order;
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\n` +
      'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  const accessToken = tokens[index];
  const acknowledged = Promise.withResolvers<undefined>();
  socket.on('close', () => {
    acknowledged.reject(new Error('A connection was closed by the server.'));
  });
  readFrames(socket, (text) => {
    if (text.includes('connection_ack')) acknowledged.resolve(undefined);
    else throw new Error(`Not understood: ${text}`);
  });
  send(socket, {
    type: 'connection_init',
    ...(accessToken !== undefined && { payload: { accessToken } }),
  });
  await acknowledged.promise;
  const payload = { query, variables: variables[index % variables.length] };
  if (order.areStalled) socket.pause();
  for (let begun = 0; begun < (order.operations ?? 1); begun += 1) {
    // As clients do: each operation has an id of its own.
    send(socket, { id: randomUUID(), type: 'subscribe', payload });
  }
}

const TEXT = 1;
const PING = 9;
const PONG = 10;
const NEXT = Buffer.from('"type":"next"');

/** Counts what comes; `onOther` gets the text of what is no event. */
function readFrames(socket: Socket, onOther: (text: string) => void): void {
  let rest: Buffer | undefined;
  let isUpgraded = false;
  socket.on('data', (data: Buffer) => {
    let chunk = rest ? Buffer.concat([rest, data]) : data;
    rest = undefined;
    if (!isUpgraded) {
      const end = chunk.indexOf('\r\n\r\n');
      if (end === -1) {
        rest = chunk;
        return;
      }
      const head = chunk.subarray(0, end).toString('latin1');
      if (!head.startsWith('HTTP/1.1 101')) throw new Error(head.split('\r\n', 1)[0]);
      isUpgraded = true;
      chunk = chunk.subarray(end + 4);
    }
    rest = walk(chunk, (opcode, body) => {
      if (opcode === PING) socket.write(frame(PONG, body));
      if (opcode !== TEXT) return;
      if (body.subarray(0, 80).includes(NEXT)) count(body);
      else onOther(body.toString('utf8'));
    });
  });
}

/** Calls `onFrame` with each whole frame; answers with what is left. */
function walk(chunk: Buffer, onFrame: (opcode: number, body: Buffer) => void): Buffer | undefined {
  let at = 0;
  while (chunk.length - at >= 2) {
    const short = (chunk[at + 1] ?? 0) & 0x7f;
    const headLength = short === 126 ? 4 : 2;
    if (chunk.length - at < headLength) break;
    const length = short === 126 ? chunk.readUInt16BE(at + 2) : short;
    const end = at + headLength + length;
    if (chunk.length < end) break;
    onFrame((chunk[at] ?? 0) & 0x0f, chunk.subarray(at + headLength, end));
    at = end;
  }
  return at === chunk.length ? undefined : chunk.subarray(at);
}

function count(body: Buffer): void {
  messages += 1;
  if (messages % LOOK_EVERY !== 0) return;
  const [, stamp] = STAMP.exec(body.toString('latin1')) ?? [];
  // The present state, which comes first, has none.
  if (stamp === undefined) return;
  agesMs.push((nowMicros() - Number(stamp)) / 1_000);
}

function send(socket: Socket, message: object): void {
  socket.write(frame(TEXT, Buffer.from(JSON.stringify(message))));
}

/** A masked frame, as clients must send; with a mask that changes nothing. */
function frame(opcode: number, body: Buffer): Buffer {
  const isLong = body.length >= 126;
  const head = Buffer.alloc(isLong ? 8 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (isLong ? 126 : body.length);
  if (isLong) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}
