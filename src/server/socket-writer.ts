import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { textFrame } from './socket-frame.ts';

/** What goes out over one socket. What its reader does not take is bounded, in bytes and in messages. */
export interface SocketWriter {
  /**
   * Resolves when the message has left the process, so that whoever waits for it makes no more than the
   * reader takes; at once on a socket that takes none any more.
   */
  send(message: string): Promise<void>;
  /** The same of a message in parts, without a promise while little waits: for what goes to thousands. */
  offer(parts: readonly Buffer[]): Promise<void> | undefined;
  /** Whether so much waits that answers to Pings are left out: a reader who reads gets the next one. */
  readonly isBehind: boolean;
  /** Whether everything has left the process. */
  readonly isEmpty: boolean;
}

export interface SocketWriterOptions {
  /** What may wait when the next message comes; one message may be larger. */
  readonly bytesMax: number;
  /** More waits; whoever is told closes the socket. */
  readonly onTooMuch: () => void;
  /** What the socket goes over: what is offered is written there, past the library. */
  readonly connection: Duplex;
  /** Called before each message that is offered: lets those of one turn leave together. */
  readonly gather?: () => void;
}

/** A small message takes a multiple of its bytes while it waits. Each operation has one on its way. */
const MESSAGES_MAX = 1_000;
const BEHIND_BYTES = 64 * 1024;
/** Beyond these, each message waits until it has left. */
const OFFER_BYTES = 16 * 1024;

export function createSocketWriter(
  socket: WebSocket,
  { bytesMax, onTooMuch, connection, gather }: SocketWriterOptions,
): SocketWriter {
  let unsent = 0;
  const send = (message: string | Buffer): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    if (socket.bufferedAmount > bytesMax || unsent >= MESSAGES_MAX) {
      onTooMuch();
      return Promise.resolve();
    }
    unsent += 1;
    return new Promise((resolve, reject) => {
      socket.send(message, { binary: false }, (error) => {
        unsent -= 1;
        // Of one that is cut off meanwhile nobody is told: its stream ends with it.
        if (error && socket.readyState === socket.OPEN) reject(error);
        else resolve();
      });
    });
  };
  return {
    send,
    offer(parts) {
      if (socket.bufferedAmount > OFFER_BYTES) return send(Buffer.concat(parts));
      if (socket.readyState !== socket.OPEN) return undefined;
      gather?.();
      // The library writes to it at once too, so that all stays in order.
      connection.write(textFrame(parts));
      return undefined;
    },
    get isBehind() {
      return socket.bufferedAmount > BEHIND_BYTES;
    },
    get isEmpty() {
      return unsent === 0 && socket.bufferedAmount === 0;
    },
  };
}
