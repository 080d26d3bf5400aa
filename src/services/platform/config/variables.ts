import { z } from 'zod';
import {
  domain,
  flag,
  keyList,
  networkList,
  oneOf,
  originList,
  postgresUrl,
  redisUrl,
  secret,
  text,
  wholeNumber,
} from './variable-kinds.ts';
import { mailAddress, pageUrl, smtpUrl } from './mail-variables.ts';
import { tokenKeyList } from './token-keys.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/**
 * Every variable that the program reads, with its default. A variable without a default here is
 * either optional or has one that depends on NODE_ENV; those are in `settings.ts`. The file
 * `.env.example` lists the same names, and a test keeps the two alike.
 */
export const VARIABLES = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  DATA_DIRECTORY: text().default('.data'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  PROCESS_PARTS: oneOf(['all', 'api']).default('all'),
  WORKER_PORT: wholeNumber({ min: 0, max: 65_535 }, 4001),
  HOST: text().optional(),
  PORT: wholeNumber({ min: 0, max: 65_535 }, 4000),
  CORS_ALLOWED_ORIGINS: originList().optional(),
  AUTH_COOKIES: flag().default(false),
  TRUSTED_PROXIES: networkList().optional(),
  REQUEST_TIMEOUT_MS: wholeNumber({ min: 100, max: 10 * MINUTE_MS }, 30 * SECOND_MS),
  SHUTDOWN_NOTICE_MS: wholeNumber({ min: 0, max: MINUTE_MS }, 2 * SECOND_MS)
    .unwrap()
    .optional(),
  SHUTDOWN_GRACE_MS: wholeNumber({ min: 0, max: 10 * MINUTE_MS }, 5 * SECOND_MS),

  DATABASE_URL: postgresUrl().optional(),
  DATABASE_SERVER_URL: postgresUrl().optional(),
  DATABASE_WORKER_URL: postgresUrl().optional(),
  DATABASE_POOL_SIZE: wholeNumber({ min: 1, max: 1000 }, 10),
  DATABASE_CONNECT_TIMEOUT_MS: wholeNumber({ min: 100, max: MINUTE_MS }, 5 * SECOND_MS),
  DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber({ min: 100, max: 10 * MINUTE_MS }, 5 * SECOND_MS),
  DATABASE_TRANSACTION_TIMEOUT_MS: wholeNumber({ min: 100, max: 10 * MINUTE_MS }, 10 * SECOND_MS),
  REDIS_URL: redisUrl().optional(),
  EVENT_LOG_DAYS: wholeNumber({ min: 1, max: 365 }, 7),

  JWT_SECRET: secret().optional(),
  JWT_KEYS: tokenKeyList().optional(),
  ACCESS_TOKEN_LIFETIME_SECONDS: wholeNumber({ min: 60, max: DAY_SECONDS }, 900),
  REFRESH_TOKEN_LIFETIME_SECONDS: wholeNumber(
    { min: HOUR_SECONDS, max: 90 * DAY_SECONDS },
    7 * DAY_SECONDS,
  ),
  DEMO_TOKEN_LIFETIME_SECONDS: wholeNumber({ min: 60, max: 30 * DAY_SECONDS }, DAY_SECONDS),
  SIGN_UP_POLICY: oneOf(['open', 'approval', 'allow-list']).optional(),
  DEFAULT_ROLE: oneOf(['VIEWER', 'USER']).default('USER'),
  ARGON2_MEMORY_KIB: wholeNumber({ min: 8 * KIBIBYTE, max: MEBIBYTE }, 19_456),
  ARGON2_PASSES: wholeNumber({ min: 1, max: 10 }, 2),
  ARGON2_LANES: wholeNumber({ min: 1, max: 16 }, 1),

  AUDIT_KEYS: keyList().optional(),
  AUDIT_ANCHOR_FILE: text().optional(),
  AUDIT_SEAL_INTERVAL_SECONDS: wholeNumber({ min: 1, max: 3600 }, 5),

  VAULT_KEYS: keyList().optional(),

  WEBAUTHN_RP_ID: domain().optional(),
  WEBAUTHN_ORIGINS: originList().optional(),

  SMTP_URL: smtpUrl().optional(),
  MAIL_FROM: mailAddress().optional(),
  ADMIN_EMAIL: mailAddress().optional(),
  PUBLIC_URL: pageUrl().optional(),

  QUERY_DEPTH_LIMIT: wholeNumber({ min: 1, max: 100 }, 12),
  QUERY_ALIAS_LIMIT: wholeNumber({ min: 0, max: 1000 }, 15),
  QUERY_DIRECTIVE_LIMIT: wholeNumber({ min: 0, max: 1000 }, 10),
  QUERY_TOKEN_LIMIT: wholeNumber({ min: 10, max: 100_000 }, 1500),
  QUERY_COST_LIMIT: wholeNumber({ min: 1, max: 10_000_000 }, 10_000),
  BODY_LIMIT_BYTES: wholeNumber({ min: KIBIBYTE, max: 100 * MEBIBYTE }, MEBIBYTE),
  PUBLIC_ANSWERS_BYTES: wholeNumber({ min: 0, max: 1024 * MEBIBYTE }, 32 * MEBIBYTE),
  WEBSOCKET_MESSAGE_LIMIT_BYTES: wholeNumber({ min: KIBIBYTE, max: 10 * MEBIBYTE }, 64 * KIBIBYTE),
  COST_BUDGET_ANONYMOUS: wholeNumber({ min: 1, max: 1_000_000_000 }, 60_000),
  COST_BUDGET_USER: wholeNumber({ min: 1, max: 1_000_000_000 }, 600_000),
  COST_BUDGET_PREMIUM: wholeNumber({ min: 1, max: 1_000_000_000 }, 3_000_000),
  COST_BUDGET_ADMIN: wholeNumber({ min: 1, max: 1_000_000_000 }, 6_000_000),
  LOG_IN_LIMIT_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }, 5),
  SIGN_UP_LIMIT_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }, 20),
  REFRESH_LIMIT_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }, 300),
  MAILED_LINK_LIMIT_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }, 20),
  MAILED_LINK_LIMIT_PER_EMAIL: wholeNumber({ min: 1, max: 1_000_000 }, 5),
  SIGN_UP_RISK_PER_NETWORK: wholeNumber({ min: 1, max: 1_000_000 }, 10),
  SIGN_UP_RISK_PER_DOMAIN: wholeNumber({ min: 1, max: 1_000_000 }, 50),
  OPEN_STREAM_LIMIT: wholeNumber({ min: 1, max: 1_000_000 }, 5000),
  OPEN_STREAM_LIMIT_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }, 500),
  OPEN_STREAM_LIMIT_PER_PERSON: wholeNumber({ min: 1, max: 1_000_000 }, 200),
  STREAM_QUEUE_LIMIT_EVENTS: wholeNumber({ min: 1, max: 1_000_000 }, 1000),
  STREAM_QUEUE_LIMIT_BYTES: wholeNumber({ min: KIBIBYTE, max: 1024 * MEBIBYTE }, 4 * MEBIBYTE),

  PUBLIC_MARKET_DATA: flag().default(true),
  QUOTE_FRESHNESS_SECONDS: wholeNumber({ min: 1, max: 3600 }, 15),
  ACCOUNT_LIMIT_PER_PERSON: wholeNumber({ min: 1, max: 10_000 }, 20),
  EQUITY_INTERVAL_SECONDS: wholeNumber({ min: 1, max: DAY_SECONDS }, 60),
  LIVE_TRADING: flag().default(false),
  BROKER_RECONCILE_SECONDS: wholeNumber({ min: 5, max: 3600 }, 60),
  SIMULATED_MARKET: flag().optional(),
  SIMULATED_SEED: wholeNumber({ min: 0, max: 4_294_967_295 }, 20_261_121),
  SIMULATED_TICK_MS: wholeNumber({ min: 10, max: MINUTE_MS }, 500),
});

export type Variables = z.infer<typeof VARIABLES>;
