import type { WebSocket } from 'ws';

/** What goes out over one socket. What its reader does not take is bounded, in bytes and in messages. */
export interface SocketWriter {
  /**
   * Resolves when the message has left the process, so that whoever waits for it makes no more than the
   * reader takes; at once on a socket that takes none any more.
   */
  send(message: string): Promise<void>;
  /** The same without a promise, while little waits: for messages that go to thousands. */
  offer(message: string): Promise<void> | undefined;
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
  /** Lets what is offered in one turn leave together. */
  readonly gather?: () => void;
}

/** A small message takes a multiple of its bytes while it waits. Each operation has one on its way. */
const MESSAGES_MAX = 1_000;
const BEHIND_BYTES = 64 * 1024;
/** Beyond these, each message waits until it has left. */
const OFFER_BYTES = 16 * 1024;

export function createSocketWriter(
  socket: WebSocket,
  { bytesMax, onTooMuch, gather }: SocketWriterOptions,
): SocketWriter {
  let unsent = 0;
  const writer: SocketWriter = {
    offer(message) {
      if (socket.bufferedAmount > OFFER_BYTES) return writer.send(message);
      if (socket.readyState !== socket.OPEN) return undefined;
      gather?.();
      socket.send(message);
      return undefined;
    },
    send(message) {
      if (socket.readyState !== socket.OPEN) return Promise.resolve();
      if (socket.bufferedAmount > bytesMax || unsent >= MESSAGES_MAX) {
        onTooMuch();
        return Promise.resolve();
      }
      unsent += 1;
      return new Promise((resolve, reject) => {
        socket.send(message, (error) => {
          unsent -= 1;
          if (error) reject(error);
          else resolve();
        });
      });
    },
    get isBehind() {
      return socket.bufferedAmount > BEHIND_BYTES;
    },
    get isEmpty() {
      return unsent === 0 && socket.bufferedAmount === 0;
    },
  };
  return writer;
}
