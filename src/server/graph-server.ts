import { NoSchemaIntrospectionCustomRule, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { IncomingMessage } from 'node:http';
import { SIMULATED_SYMBOLS } from '../services/market/simulated-instruments.ts';
import type { Config } from '../services/platform/config/config.ts';
import { bearerToken } from './bearer.ts';
import { createCallers, type Caller, type Callers } from './callers.ts';
import { createClientAddress, type ClientAddress } from './client-address.ts';
import { createContext, sharedContext } from './context.ts';
import { createLiveWork } from './live-work.ts';
import { createOpenPlaces } from './open-places.ts';
import { refuseExpired } from './session-end.ts';
import { createMaskError } from './errors.ts';
import { GRAPHQL_PATH } from './graph-path.ts';
import { graphiqlOptions } from './graphiql.ts';
import type { LiveSocket } from './live-socket.ts';
import { createPlainPosts } from './plain-posts.ts';
import type { ServerApp } from './ports.ts';
import { createSharedResults } from './shared-results.ts';
import type { Deliver } from './shared-stream.ts';
import { createCookieJars, NO_COOKIES, type CookieJars } from './session-cookies.ts';
import { useApiKeyRate } from './use-api-key-rate.ts';
import { userAgentOf } from './user-agent.ts';
import { useCost } from './use-cost.ts';
import { usePostCsrfPrevention } from './use-csrf-prevention.ts';
import { useErrorCodes } from './use-error-codes.ts';
import { useGetParameters } from './use-get-parameters.ts';
import { createHttpStreams, type StreamPlaces } from './use-http-streams.ts';
import { useLimits } from './use-limits.ts';
import { executeEvent, useLive } from './use-live.ts';
import { useOperationLog } from './use-operation-log.ts';
import { useSecurityHeaders } from './use-security-headers.ts';
import { useSnapshot } from './use-snapshot.ts';
import { useStorableText } from './use-storable-text.ts';

export type ServerConfig = Pick<Config, 'environment' | 'http' | 'limits' | 'market'>;

export interface GraphServerOptions {
  readonly app: ServerApp;
  readonly config: ServerConfig;
  readonly schema: GraphQLSchema;
}

/** What a socket gives to its operations in place of a request. */
export interface SocketContext {
  readonly currentCaller: () => Caller;
  readonly socket: LiveSocket;
  readonly deliver: Deliver;
}

interface ServerInitialContext extends Partial<SocketContext> {
  readonly req?: IncomingMessage;
}

export type GraphServer = ReturnType<typeof createGraphServer>;

/** GraphQL over `fetch`, with all checks; sockets run their operations through the same plugins. */
export function createGraphServer({ app, config, schema }: GraphServerOptions) {
  const { db, services, ids, log, clock } = app;
  const isProduction = config.environment === 'production';
  const maskError = createMaskError({ ids, log, isHelpful: !isProduction });
  const callers = createCallers({
    apiKeys: services.apiKeyAccess,
    sessions: services.sessions,
  });
  const httpStreams = createHttpStreams(app, createStreamPlaces(config.limits));
  const liveWork = createLiveWork();
  const clientAddress = createClientAddress(config.http.trustedProxies);
  const cookieJars = createCookieJars({ config, clock });
  const contextPorts = { db, services, isMarketDataPublic: config.market.isPublic };
  const shared = createSharedResults((args, event) =>
    executeEvent({ db, work: liveWork }, args, {
      event,
      contextValue: sharedContext(contextPorts),
    }),
  );

  const yoga = createYoga<ServerInitialContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    logging: false,
    landingPage: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: config.limits.bodyBytes,
    maskedErrors: { maskError, isDev: false },
    cors: (request) => corsOf(request, config.http),
    graphiql: isProduction ? false : graphiqlOptions(SIMULATED_SYMBOLS.slice(0, 3)),
    renderGraphiQL,
    async context(initial) {
      const caller = await callerOf(initial, { callers, ids, clientAddress, cookieJars });
      const { request } = initial as Partial<YogaInitialContext>;
      const cookies = request ? cookieJars.of(request) : NO_COOKIES;
      const confirm = () => {
        const current = initial.currentCaller?.() ?? caller;
        refuseExpired(current, clock.now());
        return current;
      };
      const brought = { cookies, socket: initial.socket ?? null };
      const renew = () => createContext(contextPorts, confirm().viewer, brought);
      const lastEventId = request?.headers.get('last-event-id');
      const ofRequest = !initial.currentCaller && { caller, ...(lastEventId && { lastEventId }) };
      const { deliver } = initial;
      return { ...renew(), renew, confirm, ...(deliver && { deliver }), ...ofRequest };
    },
    plugins: [
      useSecurityHeaders(config.environment),
      cookieJars.plugin,
      usePostCsrfPrevention(),
      useGetParameters(),
      ...useLimits(config.limits),
      ...(isProduction ? [useNoIntrospection()] : []),
      useErrorCodes(maskError),
      useOperationLog({ log, clock }),
      useStorableText(),
      useApiKeyRate(services.apiKeyRate),
      useCost({ limit: config.limits.queryCost, budget: services.costBudget }),
      useSnapshot(db),
      useLive({ db, work: liveWork, shared }),
      httpStreams.plugin,
    ],
  });
  const answer = createPlainPosts(yoga, config.limits.bodyBytes);
  return { yoga, answer, liveWork, callers, maskError, httpStreams, clientAddress, cookieJars };
}

/** Of sockets, and of event streams: each kind has its own. */
export function createStreamPlaces(limits: ServerConfig['limits']): StreamPlaces {
  const { openStreams: all, openStreamsPerAddress, openStreamsPerPerson } = limits;
  return {
    ofAddresses: createOpenPlaces({ all, each: openStreamsPerAddress }),
    ofPeople: createOpenPlaces({ all, each: openStreamsPerPerson }),
  };
}

interface CallerPorts {
  readonly callers: Callers;
  readonly ids: ServerApp['ids'];
  readonly clientAddress: ClientAddress;
  readonly cookieJars: CookieJars;
}

async function callerOf(
  initial: ServerInitialContext & Partial<YogaInitialContext>,
  { callers, ids, clientAddress, cookieJars }: CallerPorts,
): Promise<Caller> {
  if (initial.currentCaller) return initial.currentCaller();
  const { request } = initial;
  const circumstances = {
    requestId: ids.next(),
    address: initial.req ? clientAddress(initial.req) : null,
    userAgent: userAgentOf(request?.headers.get('user-agent')),
  };
  const token = bearerToken(request?.headers.get('authorization'));
  const cookie = request && cookieJars.of(request).accessToken;
  return token === undefined
    ? callers.identifyByCookie(cookie, circumstances)
    : callers.identify(token, circumstances);
}

/** Pages of the listed origins may read our answers, and send cookies where there are some. */
function corsOf(request: Request, { corsAllowedOrigins, authCookies }: ServerConfig['http']) {
  const origin = request.headers.get('origin');
  if (origin === null || !corsAllowedOrigins.includes(origin)) return false;
  return {
    origin: [origin],
    credentials: authCookies,
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: ['content-type', 'authorization', 'accept', 'last-event-id'],
    maxAge: 600,
  };
}

/** For sockets too, where the plugin that Yoga offers is not asked. */
function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

/** The page brings megabytes of scripts, which only a browser needs. */
const renderGraphiQL = (async (options: object) => {
  const page = await import('@graphql-yoga/render-graphiql');
  return page.renderGraphiQL(options);
}) as unknown as (options: object) => string;
