import {
  NoSchemaIntrospectionCustomRule,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { IncomingMessage } from 'node:http';
import { soon } from '../services/platform/soon.ts';
import { SIMULATED_SYMBOLS } from '../services/market/simulated-instruments.ts';
import type { Config } from '../services/platform/config/config.ts';
import { createCallers } from './callers.ts';
import { createClientAddress } from './client-address.ts';
import { sharedContext } from './context.ts';
import { corsHeaders, corsOf } from './cors.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { createKeptDocuments } from './kept-documents.ts';
import { createLiveWork } from './live-work.ts';
import { createOpenPlaces } from './open-places.ts';
import { createMaskError } from './errors.ts';
import { GRAPHQL_PATH } from './graph-path.ts';
import { graphiqlOptions } from './graphiql.ts';
import { createPlainPosts } from './plain-posts.ts';
import { createContextOf, type ServerInitialContext } from './request-context.ts';
import type { ServerApp } from './ports.ts';
import type { ServerContext } from './server-context.ts';
import { createSharedResults } from './shared-results.ts';
import { createCookieJars, type CookieJars } from './session-cookies.ts';
import { createHookedExecution } from './hooked-execution.ts';
import { useApiKeyRate } from './use-api-key-rate.ts';
import { useCost } from './use-cost.ts';
import { usePostCsrfPrevention } from './use-csrf-prevention.ts';
import { useErrorCodes } from './use-error-codes.ts';
import { useGetParameters } from './use-get-parameters.ts';
import { createHttpStreams, type StreamPlaces } from './use-http-streams.ts';
import { useLimits } from './use-limits.ts';
import { executeEvent, useLive } from './use-live.ts';
import { useOperationLog } from './use-operation-log.ts';
import { usePublicReads } from './use-public-reads.ts';
import { securityHeaders, useSecurityHeaders } from './use-security-headers.ts';
import { useSnapshot } from './use-snapshot.ts';
import { useStorableText } from './use-storable-text.ts';

export type ServerConfig = Pick<Config, 'environment' | 'http' | 'limits' | 'market'>;

export interface GraphServerOptions {
  readonly app: ServerApp;
  readonly config: ServerConfig;
  readonly schema: GraphQLSchema;
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
  const executeForAll = (args: ExecutionArgs, event?: unknown) =>
    executeEvent({ db, work: liveWork }, args, {
      event,
      contextValue: sharedContext(contextPorts),
    });
  const shared = createSharedResults(executeForAll);

  const { publicAnswersBytes: bytesMax } = config.limits;
  const publicReads = usePublicReads({
    answers: createKeptAnswers({ changes: app.publicChanges, clock, bytesMax }),
    changes: app.publicChanges,
    execute: async (args) => executeForAll(args),
  });

  const contextOf = createContextOf({
    ...{ ...contextPorts, callers, ids, clock, clientAddress, cookieJars },
  });
  const plugins = [
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
    publicReads,
    useSnapshot(db),
    useLive({ db, work: liveWork, shared }),
    httpStreams.plugin,
  ];

  const yoga = createYoga<ServerInitialContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    logging: false,
    landingPage: false,
    batching: false,
    multipart: false,
    parserAndValidationCache: boundedCaches(),
    maxRequestBodySize: config.limits.bodyBytes,
    maskedErrors: { maskError, isDev: false },
    cors: (request) => corsOf(request, config.http),
    graphiql: isProduction ? false : graphiqlOptions(SIMULATED_SYMBOLS.slice(0, 3)),
    renderGraphiQL,
    // Yoga copies what a context has of its own.
    context: (initial) => soon(contextOf(initial), copied),
    plugins,
  });
  const answer = createPlainPosts({
    ...{ schema, yoga, maskError, contextOf, bodyBytesMax: config.limits.bodyBytes, log },
    // Each look at a property of Yoga binds its function anew.
    getEnveloped: yoga.getEnveloped,
    execute: createHookedExecution([...plugins, useMask(maskError)]),
    headersOf: createHeaders(config, cookieJars),
  });
  return { yoga, answer, liveWork, callers, maskError, httpStreams, clientAddress, cookieJars };
}

/** By default Yoga keeps a thousand texts and errors of any length, which anyone may send. */
const boundedCaches = () => ({
  documentCache: createKeptDocuments(),
  errorCache: { get: () => undefined, set: () => undefined },
  validationCache: true,
});

/** Of sockets, and of event streams: each kind has its own. */
export function createStreamPlaces(limits: ServerConfig['limits']): StreamPlaces {
  const { openStreams: all, openStreamsPerAddress, openStreamsPerPerson } = limits;
  return {
    ofAddresses: createOpenPlaces({ all, each: openStreamsPerAddress }),
    ofPeople: createOpenPlaces({ all, each: openStreamsPerPerson }),
  };
}

/** Of answers that Yoga does not write: what its plugins put on all others. */
function createHeaders({ environment, http }: ServerConfig, cookieJars: CookieJars) {
  const fixed = Object.entries(securityHeaders(environment)).flat();
  return ({ req, request }: { readonly req: IncomingMessage; readonly request: Request }) => [
    ...fixed,
    ...corsHeaders(req.headers.origin, http),
    ...cookieJars.linesOf(request).flatMap((line) => ['set-cookie', line]),
  ];
}

/** A context without anything that is made when it is needed. */
const copied = ({ db, load, ...others }: ServerContext): ServerContext => ({ ...others, db, load });

/** For sockets too, where the plugin that Yoga offers is not asked. */
function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

/** What Yoga has behind the plugins that it is given. */
function useMask(maskError: (error: unknown) => GraphQLError): Plugin {
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        const { errors } = result as ExecutionResult;
        if (errors) setResult({ ...result, errors: errors.map(maskError) });
      },
    }),
  };
}

/** The page brings megabytes of scripts, which only a browser needs. */
const renderGraphiQL = (async (options: object) => {
  const page = await import('@graphql-yoga/render-graphiql');
  return page.renderGraphiQL(options);
}) as unknown as (options: object) => string;
