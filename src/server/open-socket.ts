import type { Server as Protocol } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { GatheredWrites } from './gathered-writes.ts';
import type { GraphServer } from './graph-server.ts';
import { createLiveSocket } from './live-socket.ts';
import { createLiveWork } from './live-work.ts';
import type { OpenPlaces } from './open-places.ts';
import type { ServerApp } from './ports.ts';
import { keepAlive, toProtocolSocket } from './socket-adapter.ts';
import type { SocketExtra } from './socket-protocol.ts';
import { createSocketSession } from './socket-session.ts';
import { createSocketWriter } from './socket-writer.ts';
import { userAgentOf } from './user-agent.ts';

/** Clients come again after a while, and resume. */
const TRY_LATER = 1013;
const TOO_SLOW = 'Too much waits to be read. Resume from the last cursor.';
/** A reader who reads at all finds the reason in this time. */
const LAST_WORD_MS = 2_000;

/** A socket, as whoever stops the server sees it. */
export interface OpenSocket {
  readonly socket: WebSocket;
  /** All that was given to be sent has left the process. */
  isFlushed(): boolean;
  /** Besides, no query or mutation is under way. */
  isIdle(): boolean;
}

export interface OpenSocketPorts {
  readonly graph: GraphServer;
  readonly app: ServerApp;
  readonly protocol: Protocol<SocketExtra>;
  /** For as many sockets as one person may have. */
  readonly places: OpenPlaces;
  /** What may wait for a reader. */
  readonly bytesMax: number;
  /** Lets what is written to a connection in one turn leave together; see {@link GatheredWrites.of}. */
  readonly gather: GatheredWrites['of'];
  readonly onEnd: (socket: OpenSocket) => void;
}

export interface Upgraded {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly connection: Duplex;
}

/** Speaks graphql-transport-ws over a socket, for as long as its session, its reader and it live. */
export function openSocket(
  { graph, app, protocol, places, bytesMax, gather, onEnd }: OpenSocketPorts,
  { socket, request, connection }: Upgraded,
): OpenSocket {
  const onError = (error: unknown): void => {
    app.log.warn({ err: error }, 'A socket failed.');
  };
  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
  };
  const session = createSocketSession({
    ...app,
    ...{ callers: graph.callers, places, close },
    circumstances: {
      requestId: app.ids.next(),
      address: graph.clientAddress(request),
      userAgent: userAgentOf(request.headers['user-agent']),
    },
  });
  const writer = createSocketWriter(socket, {
    ...{ bytesMax, connection },
    gather: gather(connection),
    onTooMuch() {
      close(TRY_LATER, TOO_SLOW);
      end(TRY_LATER, TOO_SLOW);
      app.timers.after(LAST_WORD_MS, () => {
        socket.terminate();
      });
    },
  });
  const [live, work] = [createLiveSocket(), createLiveWork()];
  const opened: OpenSocket = {
    socket,
    isFlushed: () => writer.isEmpty,
    isIdle: () => work.isIdle && writer.isEmpty,
  };
  const stopKeepAlive = keepAlive(socket, app.timers);
  const closed = protocol.opened(
    toProtocolSocket(socket, writer, { onError, onPing: (payload) => session.renew(payload) }),
    {
      ...{ session, socket: live, writer, work, authorization: request.headers.authorization },
      cookie: graph.cookieJars.accessTokenOf(request.headers),
    },
  );
  let hasEnded = false;
  // Before the connection is gone, when it is we who give it up: nothing is read for it any more.
  const end = (code: number, reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    stopKeepAlive();
    session.end();
    live.end();
    closed(code, reason).catch(onError);
    onEnd(opened);
  };
  socket.once('close', (code, reason) => {
    end(code, reason.toString('utf8'));
  });
  return opened;
}
