import type { GraphQLSchema } from 'graphql';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from './resolvers/index.ts';
import { GRAPHQL_PATH } from './server/graph-path.ts';
import { createGraphServer, type ServerConfig } from './server/graph-server.ts';
import type { ServerApp } from './server/ports.ts';
import { hasTwoHosts } from './server/request-shape.ts';
import { createSockets } from './server/sockets.ts';
import { stopServer } from './server/stopping.ts';
import { answerStatement, isStatementDownload } from './server/statement-download.ts';
import { securityHeaders } from './server/use-security-headers.ts';

export type { ServerApp } from './server/ports.ts';

export interface StartServerOptions {
  readonly config: ServerConfig;
  readonly app: ServerApp;
  /** The graph; a test of the walls behind it gives one without scopes. */
  readonly schema?: GraphQLSchema;
}

export interface RunningServer {
  /** Of GraphQL and GraphiQL, such as `http://localhost:4000/graphql`. */
  readonly url: string;
  readonly port: number;
  /**
   * Says at `/health` that it ends, for `config.http.shutdownNoticeMs`. Then takes no more connections,
   * lets what waits in the streams be read, breaks them off, closes the sockets with 1001 and waits for
   * what is under way, for as long as `config.http.shutdownGraceMs`. The app is closed by who made it.
   */
  stop(): Promise<void>;
}

/** Longer than proxies keep a connection (60 s): it is they who close it, when they do not need it. */
const KEEP_ALIVE_MS = 65_000;
/** How often it is looked for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

/** Starts HTTP, WebSocket and server-sent events on one port. Rejects when it is taken. */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { config, app, schema = buildSchema() } = options;
  const graph = createGraphServer({ app, config, schema });
  const sockets = createSockets(graph, { app, config });
  const { requestTimeoutMs } = config.http;
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    // Node exchanges the two when the headers may take longer, and a body would take a minute.
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, TIMEOUT_CHECK_MS),
  };
  let isStopping = false;
  const server = createServer(timeouts, (request, response) => {
    if (isStopping) response.setHeader('connection', 'close');
    if (isHealthCheck(request)) {
      answerHealth({ app, config, isStopping }, response);
      return;
    }
    if (hasTwoHosts(request)) {
      response
        .writeHead(400, { ...securityHeaders(config.environment), connection: 'close' })
        .end();
      return;
    }
    if (isStatementDownload(request)) {
      void answerStatement({ app, config }, request, response);
      return;
    }
    graph.answer(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    try {
      sockets.upgrade(request, socket, head);
    } catch (error) {
      app.log.error({ err: error }, 'A socket could not be opened.');
      socket.destroy();
    }
  });
  await listen(server, config.http);
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${hostOf(config.http.host)}:${port}${GRAPHQL_PATH}`,
    port,
    async stop() {
      isStopping = true;
      const { flow } = app.streams;
      const isFlushed = () =>
        flow.isDry && graph.liveWork.isIdle && sockets.isFlushed() && graph.httpStreams.isFlushed();
      await stopServer({
        ...{ server, timers: app.timers, isFlushed },
        noticeMs: config.http.shutdownNoticeMs,
        graceMs: config.http.shutdownGraceMs,
        hold() {
          flow.hold();
        },
        endStreams() {
          sockets.closeAll();
          graph.httpStreams.endAll();
        },
        terminate() {
          sockets.terminateAll();
        },
      });
      // The app may live on, as it does in tests.
      flow.release();
    },
  };
}

function listen(server: Server, { host, port }: ServerConfig['http']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isHealthCheck({ method, url }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && url?.split('?', 1)[0] === '/health';
}

/** For load balancers: 200 while requests can be answered, 503 when not, and not for long any more. */
function answerHealth(
  {
    app: { services, log },
    config,
    isStopping,
  }: Pick<StartServerOptions, 'app' | 'config'> & { readonly isStopping: boolean },
  response: ServerResponse,
): void {
  const headers = securityHeaders(config.environment);
  services.health.check().then(
    (report) => {
      const status = isStopping || report.status === 'DOWN' ? 503 : 200;
      response.writeHead(status, { ...headers, 'content-type': 'application/json' });
      response.end(JSON.stringify(report));
    },
    (error: unknown) => {
      log.error({ err: error }, 'The health check failed.');
      response.writeHead(500, headers).end();
    },
  );
}

/** A browser opens `localhost`; an address of IPv6 stands in brackets. */
function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
