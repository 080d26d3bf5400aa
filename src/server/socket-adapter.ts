import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Timers } from '../services/platform/timers.ts';

export interface SocketEvents {
  /** A message could not be handled: a bug of ours, or a database that is away. */
  readonly onError: (error: unknown) => void;
  readonly onPing: (payload: Readonly<Record<string, unknown>> | undefined) => Promise<void>;
}

/** How often an idle socket is asked whether it still lives. */
const KEEP_ALIVE_MS = 12_000;

/** A socket as graphql-ws wants it. A Ping is answered without its payload, which may be a secret. */
export function toProtocolSocket(
  socket: WebSocket,
  { onError, onPing }: SocketEvents,
): ProtocolSocket {
  const send = (data: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) {
        resolve();
        return;
      }
      socket.send(data, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  const fail = (error: unknown): void => {
    onError(error);
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  socket.on('error', onError);
  return {
    protocol: socket.protocol,
    send,
    close: (code, reason) => {
      socket.close(code, reason);
    },
    onMessage(handle) {
      socket.on('message', (data: Buffer) => {
        handle(data.toString('utf8')).catch(fail);
      });
    },
    async onPing(payload) {
      await onPing(payload);
      await send(JSON.stringify({ type: 'pong' }));
    },
  };
}

/** Ends sockets whose other side is gone without a word. Returns the function that stops it. */
export function keepAlive(socket: WebSocket, timers: Timers): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  return timers.every(KEEP_ALIVE_MS, () => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
  });
}
