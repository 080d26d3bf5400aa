import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { auditSettings } from './audit-settings.ts';
import type { Config, Settings } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { urlsFromOwner, type DatabaseUrls } from './database-urls.ts';
import type { DevelopmentSecret } from './development-secret.ts';
import { mailProblems, mailSettings } from './mail-settings.ts';
import { productionProblems } from './production-rules.ts';
import { keyOfSecret, type TokenKey } from './token-keys.ts';
import { VARIABLES, type Variables } from './variables.ts';
import { webAuthnProblems, webAuthnSettings } from './webauthn-settings.ts';

/**
 * What the program is started for. A server is not given the owner's URL in production, so that
 * what runs in it cannot change tables; an operator's command needs that URL and little else.
 */
export type Purpose = 'server' | 'operator';

export interface SettingsSources {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly purpose: Purpose;
  /** Absolute; relative paths in the variables start here. */
  readonly rootDirectory: string;
  /** Gives a secret of this machine when development has none of its own: no JWT_SECRET, say. */
  readonly developmentSecret: (dataDirectory: string, name: DevelopmentSecret) => string;
}

/** A balancer that asks for the health each second has then asked twice. */
const PRODUCTION_NOTICE_MS = 2_000;
const DEVELOPMENT_ORIGINS = ['http://localhost:3000', 'http://localhost:5173'];

/**
 * Parses the environment. An empty variable counts as one that is not set.
 * @throws ConfigError that names every wrong variable at once
 */
export function parseSettings(sources: SettingsSources): Settings {
  const values = parseVariables(sources);
  const isProduction = values.NODE_ENV === 'production';
  const dataDirectory = path.resolve(sources.rootDirectory, values.DATA_DIRECTORY);
  const ownSecret = (name: DevelopmentSecret) => sources.developmentSecret(dataDirectory, name);
  const madeSecret = () => (isProduction ? nobodysSecret() : ownSecret('jwtSecret'));
  const developmentKey = isProduction ? undefined : () => ownSecret('auditKey');

  return {
    environment: values.NODE_ENV,
    dataDirectory,
    log: { level: values.LOG_LEVEL },
    process: { parts: values.PROCESS_PARTS, workerPort: values.WORKER_PORT },
    http: {
      // In development nobody but this machine should reach a server with demo log-ins.
      host: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      port: values.PORT,
      corsAllowedOrigins: values.CORS_ALLOWED_ORIGINS ?? (isProduction ? [] : DEVELOPMENT_ORIGINS),
      authCookies: values.AUTH_COOKIES,
      trustedProxies: values.TRUSTED_PROXIES ?? [],
      requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
      shutdownNoticeMs: values.SHUTDOWN_NOTICE_MS ?? (isProduction ? PRODUCTION_NOTICE_MS : 0),
      shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    },
    database: databaseOf(values, sources.purpose),
    redisUrl: values.REDIS_URL,
    auth: {
      jwtKeys: jwtKeysOf(values, madeSecret),
      accessTokenLifetimeSeconds: values.ACCESS_TOKEN_LIFETIME_SECONDS,
      refreshTokenLifetimeSeconds: values.REFRESH_TOKEN_LIFETIME_SECONDS,
      demoTokenLifetimeSeconds: values.DEMO_TOKEN_LIFETIME_SECONDS,
      signUpPolicy: values.SIGN_UP_POLICY ?? (isProduction ? 'approval' : 'open'),
      defaultRole: values.DEFAULT_ROLE,
      argon2: {
        memoryKib: values.ARGON2_MEMORY_KIB,
        passes: values.ARGON2_PASSES,
        lanes: values.ARGON2_LANES,
      },
    },
    audit: auditSettings({ ...sources, values, dataDirectory, developmentKey }),
    vault: {
      keys: values.VAULT_KEYS ?? (isProduction ? [] : [ownKey(ownSecret('vaultKey'))]),
    },
    events: { keptDays: values.EVENT_LOG_DAYS },
    webAuthn: webAuthnSettings(values, DEVELOPMENT_ORIGINS),
    mail: mailSettings(values, dataDirectory),
    limits: limitsOf(values),
    market: {
      isPublic: values.PUBLIC_MARKET_DATA,
      quoteFreshnessMs: values.QUOTE_FRESHNESS_SECONDS * 1000,
      simulated:
        (values.SIMULATED_MARKET ?? !isProduction)
          ? { seed: values.SIMULATED_SEED, tickMs: values.SIMULATED_TICK_MS }
          : undefined,
    },
    trading: {
      isLiveTrading: values.LIVE_TRADING,
      reconcileMs: values.BROKER_RECONCILE_SECONDS * 1000,
    },
    portfolio: {
      equityIntervalMs: values.EQUITY_INTERVAL_SECONDS * 1000,
      accountsMax: values.ACCOUNT_LIMIT_PER_PERSON,
    },
  };
}

/** The whole config, once the URLs of the database are known. */
export function configWith(settings: Settings, urls: DatabaseUrls): Config {
  return { ...settings, database: { ...settings.database, urls } };
}

function parseVariables({ variables, purpose }: SettingsSources): Variables {
  const present = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value?.trim()),
  );
  const parsed = VARIABLES.safeParse(present);
  const isProduction = present['NODE_ENV'] === 'production';
  // All that is wrong is told at once, the first thing of each variable.
  const problems = new Map<string, ConfigProblem>();
  for (const problem of [
    ...(parsed.error?.issues ?? []).map((issue) => ({
      variable: String(issue.path[0]),
      fix: issue.message,
    })),
    ...(isProduction ? productionProblems(present, purpose) : []),
    ...(parsed.success ? webAuthnProblems(parsed.data) : []),
    ...(purpose === 'server' ? mailProblems(present) : []),
    ...(parsed.success ? processProblems(parsed.data) : []),
  ]) {
    if (!problems.has(problem.variable)) problems.set(problem.variable, problem);
  }
  if (parsed.success && problems.size === 0) return parsed.data;
  throw new ConfigError([...problems.values()]);
}

/** Workers and an API that do not hear each other would trade at prices that stand still. */
function processProblems({
  PROCESS_PARTS: parts,
  REDIS_URL: redisUrl,
}: Variables): ConfigProblem[] {
  if (parts === 'all' || redisUrl !== undefined) return [];
  const fix = 'is not set, and PROCESS_PARTS=api needs it: workers are reached over Redis.';
  return [{ variable: 'REDIS_URL', fix }];
}

/** JWT_SECRET beside a list is an old key: it signs no more, and is known still. */
function jwtKeysOf(values: Variables, madeSecret: () => string): readonly TokenKey[] {
  const { JWT_KEYS: keys = [], JWT_SECRET: secret } = values;
  if (secret === undefined && keys.length > 0) return keys;
  return [...keys, keyOfSecret(secret ?? madeSecret())];
}

/** As VAULT_KEYS would be read, so that the key of a data directory can be put there. */
const ownKey = (secret: string) => ({ id: 'development', secret: Buffer.from(secret, 'base64') });

/** An operator's command signs nothing in production; what it might sign, no server accepts. */
function nobodysSecret(): string {
  return randomBytes(48).toString('base64url');
}

function databaseOf(values: Variables, purpose: Purpose): Settings['database'] {
  const given = { server: values.DATABASE_SERVER_URL, worker: values.DATABASE_WORKER_URL };
  return {
    urls: urlsOf(values, purpose),
    given,
    poolSize: values.DATABASE_POOL_SIZE,
    connectTimeoutMs: values.DATABASE_CONNECT_TIMEOUT_MS,
    statementTimeoutMs: values.DATABASE_STATEMENT_TIMEOUT_MS,
    transactionTimeoutMs: values.DATABASE_TRANSACTION_TIMEOUT_MS,
  };
}

function urlsOf(values: Variables, purpose: Purpose): DatabaseUrls | undefined {
  const { DATABASE_URL: owner, DATABASE_SERVER_URL: server, DATABASE_WORKER_URL: worker } = values;
  if (values.NODE_ENV === 'production' && purpose === 'server') {
    return server && worker ? { owner: undefined, server, worker } : undefined;
  }
  return owner ? urlsFromOwner(owner, { server, worker }) : undefined;
}

function limitsOf(values: Variables): Config['limits'] {
  return {
    queryDepth: values.QUERY_DEPTH_LIMIT,
    queryAliases: values.QUERY_ALIAS_LIMIT,
    queryDirectives: values.QUERY_DIRECTIVE_LIMIT,
    queryTokens: values.QUERY_TOKEN_LIMIT,
    queryCost: values.QUERY_COST_LIMIT,
    bodyBytes: values.BODY_LIMIT_BYTES,
    publicAnswersBytes: values.PUBLIC_ANSWERS_BYTES,
    webSocketMessageBytes: values.WEBSOCKET_MESSAGE_LIMIT_BYTES,
    costBudget: {
      anonymous: values.COST_BUDGET_ANONYMOUS,
      user: values.COST_BUDGET_USER,
      premium: values.COST_BUDGET_PREMIUM,
      admin: values.COST_BUDGET_ADMIN,
    },
    entry: {
      logInsPerAddress: values.LOG_IN_LIMIT_PER_ADDRESS,
      signUpsPerAddress: values.SIGN_UP_LIMIT_PER_ADDRESS,
      refreshesPerAddress: values.REFRESH_LIMIT_PER_ADDRESS,
      linksPerAddress: values.MAILED_LINK_LIMIT_PER_ADDRESS,
      linksPerEmail: values.MAILED_LINK_LIMIT_PER_EMAIL,
    },
    signUpRisks: {
      perNetwork: values.SIGN_UP_RISK_PER_NETWORK,
      perDomain: values.SIGN_UP_RISK_PER_DOMAIN,
    },
    openStreams: values.OPEN_STREAM_LIMIT,
    openStreamsPerAddress: values.OPEN_STREAM_LIMIT_PER_ADDRESS,
    openStreamsPerPerson: values.OPEN_STREAM_LIMIT_PER_PERSON,
    streamQueueEvents: values.STREAM_QUEUE_LIMIT_EVENTS,
    streamQueueBytes: values.STREAM_QUEUE_LIMIT_BYTES,
  };
}
