import { handleProtocols, makeServer } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { addressKey } from '../services/accounts/entry-limits.ts';
import { GRAPHQL_PATH } from './graph-path.ts';
import { createStreamPlaces, type GraphServer, type ServerConfig } from './graph-server.ts';
import { createGatheredWrites } from './gathered-writes.ts';
import type { ServerApp } from './ports.ts';
import { hasTwoHosts } from './request-shape.ts';
import { openSocket, type OpenSocket, type OpenSocketPorts } from './open-socket.ts';
import { createSlices } from './slices.ts';
import { protocolOptions } from './socket-protocol.ts';

const GOING_AWAY = 1001;
const CLOSING = '503 Service Unavailable';
/** Between two looks at the sockets that are to be closed. */
const LOOK_MS = 10;
/** Some 2 ms of work. */
const HANDSHAKES_A_TURN = 8;

export interface Sockets {
  /** Takes over an HTTP connection that asks to become a socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether all that was given to be sent has left the process. */
  isFlushed(): boolean;
  /** Closes each as soon as all is answered on it, and opens no more; clients come again elsewhere. */
  closeAll(): void;
  terminateAll(): void;
}

export function createSockets(
  graph: GraphServer,
  { app, config }: { readonly app: ServerApp; readonly config: ServerConfig },
): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    autoPong: false,
    // The messages of streams are framed by ourselves; see textFrame.
    perMessageDeflate: false,
    maxPayload: config.limits.webSocketMessageBytes,
    handleProtocols,
  });
  const protocol = makeServer(protocolOptions(graph));
  const places = createStreamPlaces(config.limits);
  const handshakes = createSlices(HANDSHAKES_A_TURN);
  const sockets = new Set<OpenSocket>();
  let isClosing = false;

  const ports: OpenSocketPorts = {
    ...{ graph, app, protocol, places: places.ofPeople },
    bytesMax: config.limits.streamQueueBytes,
    gather: createGatheredWrites().of,
    onEnd: (socket) => void sockets.delete(socket),
  };

  const shakeHands = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (isClosing) {
      refuse(socket, CLOSING);
      return;
    }
    try {
      server.handleUpgrade(request, socket, head, (opened) => {
        sockets.add(openSocket(ports, { socket: opened, request, connection: socket }));
      });
    } catch (error) {
      app.log.error({ err: error }, 'A socket could not be opened.');
      socket.destroy();
    }
  };

  return {
    upgrade(request, socket, head) {
      const refusal = isClosing ? undefined : refusalOf(request, config);
      const take = () => places.ofAddresses.take(addressKey(graph.clientAddress(request)));
      const giveBack = isClosing ? undefined : (refusal ?? take());
      if (typeof giveBack !== 'function') {
        refuse(socket, giveBack ?? CLOSING);
        return;
      }
      // Also of one whose handshake fails: the connection below ends either way.
      socket.once('close', giveBack);
      // One that fails while it waits is found to be gone.
      socket.on('error', ignore);
      handshakes.run(() => {
        shakeHands(request, socket, head);
      });
    },
    isFlushed: () => [...sockets].every((each) => each.isFlushed()),
    closeAll() {
      if (isClosing) return;
      isClosing = true;
      const closeIdle = (): void => {
        for (const each of sockets) {
          if (each.isIdle()) each.socket.close(GOING_AWAY, 'Going away');
        }
        if (sockets.size > 0) app.timers.after(LOOK_MS, closeIdle);
      };
      closeIdle();
    },
    terminateAll() {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

const ignore = (): void => undefined;

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

/** A page may open a socket to any server, so that the server must ask where it is from. */
function refusalOf(request: IncomingMessage, config: ServerConfig): string | undefined {
  const { origin, host } = request.headers;
  if (hasTwoHosts(request)) return '400 Bad Request';
  // Whoever writes a request line by hand may write anything: a target such as `//` is no URL.
  const target = URL.parse(request.url ?? '/', 'http://localhost');
  if (target?.pathname !== GRAPHQL_PATH) return '404 Not Found';
  const isSameOrigin = origin !== undefined && URL.parse(origin)?.host === host;
  const isListed = origin === undefined || config.http.corsAllowedOrigins.includes(origin);
  return isListed || isSameOrigin ? undefined : '403 Forbidden';
}
