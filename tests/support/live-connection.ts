import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface LiveOperation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

export interface LiveResult<Data> {
  readonly data?: Data | null | undefined;
  readonly errors?: readonly LiveError[] | undefined;
}

export interface LiveError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One connection of a real client, which never reconnects by itself. */
export interface LiveConnection {
  /** The results of a subscription. Throws when the connection breaks. */
  iterate<Data>(operation: LiveOperation): AsyncIterableIterator<LiveResult<Data>>;
  close(): void;
}

export interface SocketConnection extends LiveConnection {
  /** How the server, or the network, closed it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface Address {
  /** Of GraphQL over HTTP; sockets are at the same place. */
  readonly url: string;
  readonly token?: string;
}

/** graphql-ws over a WebSocket. */
export function connectBySocket({ url, token }: Address): SocketConnection {
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const client = createSocketClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token !== undefined && { connectionParams: { accessToken: token } }),
    on: {
      closed: (event) => {
        closed.resolve(event as { code: number; reason: string });
      },
    },
  });
  return {
    iterate: <Data>(operation: LiveOperation) => client.iterate<Data>(operation),
    close: () => {
      // Rejects when the network, or the server, was first.
      Promise.resolve(client.dispose()).catch(() => undefined);
    },
    closed: closed.promise,
  };
}

/** graphql-sse with a request of its own for each subscription. */
export function connectBySse({ url, token }: Address): LiveConnection {
  const client = createSseClient({
    url,
    singleConnection: false,
    retryAttempts: 0,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
  return {
    iterate: <Data>(operation: LiveOperation) => client.iterate<Data>(operation),
    close: () => {
      client.dispose();
    },
  };
}

/** Both transports, by the names that tests show. */
export const TRANSPORTS = [
  { transport: 'WebSocket', connect: connectBySocket },
  { transport: 'server-sent events', connect: connectBySse },
] as const;
