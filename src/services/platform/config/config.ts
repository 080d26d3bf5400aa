import type { DatabaseUrls } from './database-urls.ts';
import type { MailAddress } from './mail-address.ts';
import type { SmtpConfig } from './mail-variables.ts';
import type { TokenKey } from './token-keys.ts';
import type { Variables } from './variables.ts';

export type Environment = Variables['NODE_ENV'];

/** What this process does of all that the program does. */
export interface ProcessConfig {
  /** `api`: HTTP alone, beside workers; `all`: everything by itself. A worker does the rest of `api`. */
  readonly parts: 'all' | 'api';
  /** Where a worker answers whether it is well. */
  readonly workerPort: number;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Origins whose pages may call the API. Never "any": cookies and tokens travel with a call. */
  readonly corsAllowedOrigins: readonly string[];
  /** Whether a log-in gives pages of those origins cookies as well, which no page can read. */
  readonly authCookies: boolean;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly requestTimeoutMs: number;
  /** How long a server that is told to stop lets balancers know, before it takes no more connections. */
  readonly shutdownNoticeMs: number;
  /** How long an orderly stop waits for requests that are under way. */
  readonly shutdownGraceMs: number;
}

export interface DatabaseConfig {
  readonly urls: DatabaseUrls;
  /** Connections of one pool; a process holds one for the server's role, one for the worker's. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly transactionTimeoutMs: number;
}

export interface EventsConfig {
  /** How many days an event can be replayed. */
  readonly keptDays: number;
}

export interface AuthConfig {
  /** The first one signs access tokens, the others are known still. */
  readonly jwtKeys: readonly TokenKey[];
  readonly accessTokenLifetimeSeconds: number;
  /** Of a refresh token, and so of a session from its last use on. */
  readonly refreshTokenLifetimeSeconds: number;
  readonly demoTokenLifetimeSeconds: number;
  /**
   * `open`: a new user may log in at once. `approval`: an administrator decides first. `allow-list`: who
   * confirms an address that was approved before enters, and an administrator decides of all others.
   */
  readonly signUpPolicy: 'open' | 'approval' | 'allow-list';
  readonly defaultRole: 'VIEWER' | 'USER';
  readonly argon2: {
    readonly memoryKib: number;
    readonly passes: number;
    readonly lanes: number;
  };
}

/** A key with its id, which is stored with what it signed or sealed. */
export interface NamedKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

export interface AuditConfig {
  /**
   * The first signs; the others verify what they signed while they were first. Empty only for an
   * operator's command in production that was given none.
   */
  readonly keys: readonly NamedKey[];
  /** Absolute path of the file where the newest link is written down outside of the database. */
  readonly anchorFile: string;
  readonly sealIntervalMs: number;
}

export interface VaultConfig {
  /**
   * The first seals; the others open what they sealed while they were first. Empty only for an
   * operator's command in production that was given none.
   */
  readonly keys: readonly NamedKey[];
}

export interface MailConfig {
  /** To a relay, to files of development, or nowhere, where mails wait. */
  readonly delivery:
    | { readonly kind: 'SMTP'; readonly smtp: SmtpConfig }
    | { readonly kind: 'FILES'; readonly directory: string }
    | { readonly kind: 'OFF' };
  readonly from: MailAddress;
  /** Who is told of new sign-ups; undefined for nobody. */
  readonly adminEmail: string | undefined;
  /** Where the pages are that links of mails lead to, without a slash at its end. */
  readonly publicUrl: string;
}

export interface WebAuthnConfig {
  /** The domain that passkeys belong to: its pages, and those below it, may use them. */
  readonly rpId: string;
  /** The pages that may. */
  readonly origins: readonly string[];
}

/** The most that one caller may ask for. */
export interface LimitsConfig {
  readonly queryDepth: number;
  readonly queryAliases: number;
  readonly queryDirectives: number;
  readonly queryTokens: number;
  readonly queryCost: number;
  readonly bodyBytes: number;
  /** What kept answers of public reads may take in memory, about; none are kept with 0. */
  readonly publicAnswersBytes: number;
  readonly webSocketMessageBytes: number;
  /** What the operations of one caller may cost in a minute, by role. */
  readonly costBudget: {
    readonly anonymous: number;
    readonly user: number;
    readonly premium: number;
    readonly admin: number;
  };
  /** Of those who are not logged in yet, by their address. */
  readonly entry: {
    /** Wrong log-ins in a quarter of an hour. */
    readonly logInsPerAddress: number;
    /** Sign-ups in an hour. */
    readonly signUpsPerAddress: number;
    /** Refreshed sessions in a quarter of an hour. */
    readonly refreshesPerAddress: number;
    /** Mails with a link that are asked for in an hour, and links that are brought. */
    readonly linksPerAddress: number;
    /** Such mails to one e-mail address in an hour. */
    readonly linksPerEmail: number;
  };
  /** Sign-ups in an hour past which each is flagged for the approver. */
  readonly signUpRisks: {
    /** From one network. */
    readonly perNetwork: number;
    /** With e-mail addresses of one domain. */
    readonly perDomain: number;
  };
  /** Sockets of one process, and as many event streams over HTTP. */
  readonly openStreams: number;
  /** The same of one address. */
  readonly openStreamsPerAddress: number;
  /** The same of one person, from wherever. */
  readonly openStreamsPerPerson: number;
  /** Events that wait for one slow reader of a durable stream before it is closed. */
  readonly streamQueueEvents: number;
  /** What these may come to in bytes, and what a socket or an event stream has not taken yet. */
  readonly streamQueueBytes: number;
}

export interface MarketConfig {
  /** Whether instruments, bars and quotes may be read without a log-in. */
  readonly isPublic: boolean;
  /** A market order fills at a quote younger than this. */
  readonly quoteFreshnessMs: number;
  /** Undefined when no simulated market runs. */
  readonly simulated: { readonly seed: number; readonly tickMs: number } | undefined;
}

export interface TradingConfig {
  /** Whether orders may move real money at brokers; each account has to let it as well. */
  readonly isLiveTrading: boolean;
  /** How often the books are compared with those of brokers. */
  readonly reconcileMs: number;
}

export interface PortfolioConfig {
  /** How often what live accounts are worth is recorded. */
  readonly equityIntervalMs: number;
  /** Open accounts of one person, beside those that models trade. */
  readonly accountsMax: number;
}

/** Everything that the environment decides, parsed once and trusted from there on. */
export interface Config {
  readonly environment: Environment;
  /** Absolute path of the folder for the embedded database and what else this machine keeps. */
  readonly dataDirectory: string;
  readonly log: { readonly level: Variables['LOG_LEVEL'] };
  readonly process: ProcessConfig;
  readonly http: HttpConfig;
  readonly database: DatabaseConfig;
  /** Undefined in a single process, whose event bus is its own memory. */
  readonly redisUrl: string | undefined;
  readonly events: EventsConfig;
  readonly auth: AuthConfig;
  readonly audit: AuditConfig;
  readonly vault: VaultConfig;
  /** Undefined where no domain is known for passkeys: there are none then. */
  readonly webAuthn: WebAuthnConfig | undefined;
  readonly mail: MailConfig;
  readonly limits: LimitsConfig;
  readonly market: MarketConfig;
  readonly portfolio: PortfolioConfig;
  readonly trading: TradingConfig;
}

/**
 * A `Config` whose database may not be there yet: without DATABASE_URL, development runs an
 * embedded one, and its address is known only once it has started.
 */
export interface Settings extends Omit<Config, 'database'> {
  readonly database: Omit<DatabaseConfig, 'urls'> & {
    readonly urls: DatabaseUrls | undefined;
    /** What development was told to use instead of URLs derived from the owner's. */
    readonly given: { readonly server: string | undefined; readonly worker: string | undefined };
  };
}
