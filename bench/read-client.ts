import { connect, type Socket } from 'node:net';

/** A request as it goes over the wire, and what is known of its answer. */
export interface PreparedRequest {
  readonly bytes: Buffer;
  /** Of the body of the right answer, give or take what it tells of the caller's budget. */
  readonly length?: number | undefined;
  /** What the right answer holds, where its length does not tell. */
  readonly holds?: string | undefined;
}

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly token?: string | undefined;
}

export function prepareRequest(
  { url, body, token }: Post,
  length?: number,
  holds?: string,
): PreparedRequest {
  const lines = [
    ...headOf('POST', url),
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return { bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), length, holds };
}

export function prepareGet(url: string): PreparedRequest {
  return { bytes: Buffer.from(`${headOf('GET', url).join('\r\n')}\r\n\r\n`) };
}

function headOf(method: string, url: string): string[] {
  const { host, pathname } = new URL(url);
  return [`${method} ${pathname} HTTP/1.1`, `host: ${host}`, 'accept: application/json'];
}

export interface ReadClient {
  /** Sends one request and waits for the end of its answer. Throws unless it is the right one. */
  ask(request: PreparedRequest): Promise<void>;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** Digits of a number. */
const LENGTH_TOLERANCE = 4;
const CHUNKS_END = Buffer.from('0\r\n\r\n');

/**
 * A connection that asks for one thing after the other, and reads of each answer no more than it must:
 * it shares the machine with what is measured.
 */
export async function openReadClient(url: string): Promise<ReadClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await connected(socket);
  let parts: Buffer[] = [];
  let waiting: { request: PreparedRequest; turn: PromiseWithResolvers<undefined> } | undefined;

  const fail = (error: Error): void => {
    const { turn } = waiting ?? {};
    waiting = undefined;
    turn?.reject(error);
  };
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('The server has closed the connection.'));
  });
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    const length = bodyLength(parts);
    if (length === undefined || !waiting) return;
    const { request, turn } = waiting;
    const text = () => Buffer.concat(parts).toString();
    const isRight =
      isOk(parts[0]) &&
      Math.abs((request.length ?? length) - length) <= LENGTH_TOLERANCE &&
      (request.holds === undefined || text().includes(request.holds));
    waiting = undefined;
    if (isRight) turn.resolve(undefined);
    else turn.reject(new Error(`Not what was asked for:\n${text().slice(0, 2_000)}`));
    parts = [];
  });

  return {
    ask(request) {
      const turn = Promise.withResolvers<undefined>();
      waiting = { request, turn };
      socket.write(request.bytes);
      return turn.promise;
    },
    close: () => {
      socket.removeAllListeners('close');
      socket.destroy();
    },
  };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

const isOk = (head: Buffer | undefined): boolean => head?.toString('latin1', 9, 12) === '200';

/** Of the body that has arrived whole; undefined before. The head comes in one part. */
function bodyLength(parts: readonly Buffer[]): number | undefined {
  const [first] = parts;
  const headEnd = first?.indexOf(HEAD_END) ?? -1;
  if (!first || headEnd < 0) return undefined;
  const head = first.toString('latin1', 0, headEnd);
  const arrived = parts.reduce((sum, part) => sum + part.length, 0) - headEnd - HEAD_END.length;
  const [, told] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (told !== undefined) return arrived >= Number(told) ? Number(told) : undefined;
  // The last part may be split anywhere: the end is looked for in the whole.
  const end = Buffer.concat(parts.slice(-2)).subarray(-CHUNKS_END.length);
  return end.equals(CHUNKS_END) ? arrived : undefined;
}
