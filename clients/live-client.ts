import { createClient, type Client, type ClientOptions } from 'graphql-ws';

export interface AccessToken {
  readonly accessToken: string;
  /** When it runs out. */
  readonly expiresAt: Date;
}

export interface LiveClientOptions {
  /** Of GraphQL, such as `wss://trade.example.com/graphql`. */
  readonly url: string;
  /** A token that is good now; a fresh one when the last is about to run out. Nobody without it. */
  readonly token?: () => Promise<AccessToken>;
  /** Outside of a browser, the WebSocket to use. */
  readonly webSocketImpl?: ClientOptions['webSocketImpl'];
}

/** A fresh token is sent so long before the old one runs out, or at half of its time if that is short. */
const AHEAD_MS = 30_000;
const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 10_000;
/** A timer cannot wait longer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * A client of graphql-ws that comes back after every cut for as long as it has subscriptions, and keeps
 * its socket when the token changes. Only what cannot become good ends it, such as a log-out (4401).
 */
export function createLiveClient({ url, token, webSocketImpl }: LiveClientOptions): Client {
  let current: AccessToken | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const renewIn = (socket: Pick<WebSocket, 'send' | 'close'>): void => {
    if (!token || !current) return;
    const leftMs = current.expiresAt.getTime() - Date.now();
    const waitMs = Math.max(leftMs - AHEAD_MS, leftMs / 2, 0);
    timer = setTimeout(
      () => {
        token().then(
          (fresh) => {
            current = fresh;
            const payload = { accessToken: fresh.accessToken };
            socket.send(JSON.stringify({ type: 'ping', payload }));
            renewIn(socket);
          },
          // The next attempt to connect asks again, after a pause.
          () => {
            socket.close(4403, 'No fresh token');
          },
        );
      },
      Math.min(waitMs, TIMER_MAX_MS),
    );
  };
  return createClient({
    url,
    ...(webSocketImpl !== undefined && { webSocketImpl }),
    connectionParams: async () => {
      current = await token?.();
      return current && { accessToken: current.accessToken };
    },
    keepAlive: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    // The codes that are final are so by themselves; of the rest all are worth another attempt.
    shouldRetry: () => true,
    // Spread out in time, so that a server that comes back is not run over.
    retryWait: async (attempt) => {
      const mostMs = Math.min(WAIT_MIN_MS * 2 ** attempt, WAIT_MAX_MS);
      const waitMs = mostMs * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
    on: {
      connected: (socket) => {
        clearTimeout(timer);
        renewIn(socket as WebSocket);
      },
      closed: () => {
        clearTimeout(timer);
      },
    },
  });
}
