import { expect, onTestFinished } from 'vitest';
import WebSocket from 'ws';

export interface SocketMessage {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface SocketOptions {
  readonly origin?: string;
  readonly path?: string;
  readonly cookie?: string;
  /** Where a proxy says that it comes from. */
  readonly forwardedFor?: string;
}

/** A socket without a client library, for what no client would do. Gone after the test. */
export async function openRawSocket(
  port: number,
  { origin, path = '/graphql', cookie, forwardedFor }: SocketOptions = {},
) {
  const socket = new WebSocket(`ws://localhost:${port}${path}`, 'graphql-transport-ws', {
    ...(origin !== undefined && { origin }),
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    },
  });
  onTestFinished(() => {
    socket.terminate();
  });
  // A socket that is refused says so twice; the test looks at `outcome`.
  socket.on('error', () => undefined);
  const messages: SocketMessage[] = [];
  const waiting: ((message: SocketMessage) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as SocketMessage;
    const first = waiting.shift();
    if (first) first(message);
    else messages.push(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const outcome = await new Promise<'open' | number>((resolve) => {
    socket.once('open', () => {
      resolve('open');
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
    });
  });
  const next = (): Promise<SocketMessage> => {
    const first = messages.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
  };
  const send = (message: SocketMessage): void => {
    socket.send(JSON.stringify(message));
  };
  return {
    /** `open`, or the status of the answer that it got instead. */
    outcome,
    close: () => {
      socket.close();
    },
    /** The code that it was closed with. */
    closed,
    next,
    send,
    async init(payload?: object): Promise<void> {
      send({ type: 'connection_init', ...(payload && { payload }) });
      expect(await next()).toEqual({ type: 'connection_ack' });
    },
    subscribe(query: string, variables: object = {}, id = '1'): void {
      send({ id, type: 'subscribe', payload: { query, variables } });
    },
  };
}
