import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql';
import {
  handleProtocols,
  makeServer,
  type OperationResult,
  type Context as SocketState,
  type ServerOptions,
} from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { GRAPHQL_PATH } from './graph-path.ts';
import type { GraphServer, ServerConfig } from './graph-server.ts';
import { createLiveSocket, type LiveSocket } from './live-socket.ts';
import type { ServerApp } from './ports.ts';
import { protocolError, withoutHttp } from './protocol-error.ts';
import { addressKey } from '../services/accounts/entry-limits.ts';
import { createOpenPlaces } from './open-places.ts';
import { hasTwoHosts } from './request-shape.ts';
import { keepAlive, toProtocolSocket } from './socket-adapter.ts';
import { userAgentOf } from './user-agent.ts';
import { createSocketSession, type SocketSession } from './socket-session.ts';

/** How many operations may run on one socket. */
const OPERATIONS_MAX = 100;
const GOING_AWAY = 1001;

interface Extra {
  readonly session: SocketSession;
  readonly socket: LiveSocket;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}
/** Of the plugins; graphql-ws hands them back with the arguments. */
type Operations = Record<'execute' | 'subscribe', (args: ExecutionArgs) => OperationResult>;

export interface Sockets {
  /** Takes over an HTTP connection that asks to become a socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every socket; their clients come again, elsewhere or later. */
  closeAll(): void;
  terminateAll(): void;
}

export function createSockets(
  graph: GraphServer,
  { app, config }: { readonly app: ServerApp; readonly config: ServerConfig },
): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: config.limits.webSocketMessageBytes,
    handleProtocols,
  });
  const protocol = makeServer(optionsOf(graph));
  const places = createOpenPlaces({
    all: config.limits.openStreams,
    perAddress: config.limits.openStreamsPerAddress,
  });

  const open = (socket: WebSocket, request: IncomingMessage): void => {
    const session = createSocketSession({
      ...app,
      callers: graph.callers,
      circumstances: {
        requestId: app.ids.next(),
        address: graph.clientAddress(request),
        userAgent: userAgentOf(request.headers['user-agent']),
      },
      close: (code, reason) => {
        socket.close(code, reason);
      },
    });
    const live = createLiveSocket();
    const stopKeepAlive = keepAlive(socket, app.timers);
    const onError = (error: unknown): void => {
      app.log.warn({ err: error }, 'A socket failed.');
    };
    const { authorization } = request.headers;
    const cookie = graph.cookieJars.accessTokenOf(request.headers);
    const closed = protocol.opened(
      toProtocolSocket(socket, { onError, onPing: (payload) => session.renew(payload) }),
      { session, socket: live, authorization, cookie },
    );
    socket.once('close', (code, reason) => {
      stopKeepAlive();
      session.end();
      live.end();
      closed(code, reason.toString('utf8')).catch(onError);
    });
  };

  return {
    upgrade(request, socket, head) {
      const refusal = refusalOf(request, config);
      const giveBack = refusal ?? places.take(addressKey(graph.clientAddress(request)));
      if (typeof giveBack !== 'function') {
        refuse(socket, giveBack ?? '503 Service Unavailable');
        return;
      }
      // Also of one whose handshake fails: the connection below ends either way.
      socket.once('close', giveBack);
      server.handleUpgrade(request, socket, head, (opened) => {
        open(opened, request);
      });
    },
    closeAll() {
      for (const socket of server.clients) socket.close(GOING_AWAY, 'Going away');
    },
    terminateAll() {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

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

/** The same checks as over HTTP. Errors are returned: thrown, they would close the whole socket. */
function optionsOf({
  yoga,
  maskError,
}: GraphServer): ServerOptions<Record<string, unknown>, Extra> {
  return {
    onConnect: ({ connectionParams, extra }) => extra.session.connect(connectionParams, extra),
    async onSubscribe(state, _id, params) {
      if (countOf(state) > OPERATIONS_MAX) return [tooMany()];
      const currentCaller = () => state.extra.session.caller();
      const { socket } = state.extra;
      const enveloped = yoga.getEnveloped({ currentCaller, socket, params } as never);
      try {
        const schema = enveloped.schema as GraphQLSchema;
        const document = enveloped.parse(params.query) as ExecutionArgs['document'];
        const errors = enveloped.validate(schema, document) as GraphQLError[];
        if (errors.length > 0) return errors.map(withoutHttp);
        return {
          schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          execute: enveloped.execute,
          subscribe: enveloped.subscribe,
        };
      } catch (error) {
        return [withoutHttp(maskError(error))];
      }
    },
    execute: (args) => operationsOf(args).execute(args),
    subscribe: (args) => operationsOf(args).subscribe(args),
    onError: (_state, _id, _payload, errors) =>
      errors.map((error) => withoutHttp(maskError(error)).toJSON()),
    onNext(_state, _id, _payload, _args, { data, errors, extensions }) {
      if (!errors) return undefined;
      return {
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
        errors: errors.map((error) => withoutHttp(error).toJSON()),
      };
    },
  };
}

function countOf({ subscriptions }: SocketState<Record<string, unknown>, Extra>): number {
  return Object.keys(subscriptions).length;
}

const operationsOf = (args: ExecutionArgs): Operations => args as unknown as Operations;

function tooMany(): GraphQLError {
  const message = `At most ${OPERATIONS_MAX} operations may run on one socket.`;
  return withoutHttp(protocolError('RATE_LIMITED', message, { retryAfterSeconds: 1 }));
}
