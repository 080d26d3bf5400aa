import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Timers } from '../services/platform/timers.ts';
import type { SocketWriter } from './socket-writer.ts';

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
  writer: SocketWriter,
  { onError, onPing }: SocketEvents,
): ProtocolSocket {
  const fail = (error: unknown): void => {
    onError(error);
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  socket.on('error', onError);
  // Of the protocol below: answered here, since the library would let the answers wait without end.
  socket.on('ping', (data: Buffer) => {
    if (!writer.isBehind && socket.readyState === socket.OPEN) socket.pong(data);
  });
  return {
    protocol: socket.protocol,
    send: (message) => writer.send(message),
    close: (code, reason) => {
      socket.close(code, reason);
    },
    onMessage(handle) {
      socket.on('message', (data: Buffer) => {
        // Whoever is told to go, and goes on talking, is not heard.
        if (socket.readyState === socket.OPEN) handle(data.toString('utf8')).catch(fail);
      });
    },
    async onPing(payload) {
      await onPing(payload);
      if (!writer.isBehind) await writer.send(JSON.stringify({ type: 'pong' }));
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
