import type { ApiKeyAccess } from '../services/accounts/api-key-access.ts';
import type { ApiKeyRate } from '../services/accounts/api-key-rate.ts';
import type { ApiKeys } from '../services/accounts/api-keys.ts';
import type { CostBudget } from '../services/accounts/cost-budget.ts';
import type { AiProviders } from '../services/accounts/ai-providers.ts';
import type { Capability } from '../services/accounts/capabilities.ts';
import type { Credentials } from '../services/accounts/credentials.ts';
import type { OwnSessions } from '../services/accounts/own-sessions.ts';
import type { SessionTokens } from '../services/accounts/session-tokens.ts';
import type { PasskeyLogIn } from '../services/accounts/passkey-log-in.ts';
import type { Passkeys } from '../services/accounts/passkeys.ts';
import type { SecondFactors } from '../services/accounts/second-factors.ts';
import type { TotpSetup } from '../services/accounts/totp-setup.ts';
import type { Sessions } from '../services/accounts/sessions.ts';
import type { UserCreation } from '../services/accounts/user-creation.ts';
import type { UserDeletion } from '../services/accounts/user-deletion.ts';
import type { UserRecords } from '../services/accounts/user-records.ts';
import type { AuditLog } from '../services/administration/audit-log.ts';
import type { Statistics } from '../services/administration/statistics.ts';
import type { UserAdministration } from '../services/accounts/user-administration.ts';
import type { UserDirectory } from '../services/accounts/user-directory.ts';
import type { ApprovedEmails } from '../services/accounts/approved-emails.ts';
import type { EmailVerification } from '../services/accounts/email-verification.ts';
import type { PasswordChange } from '../services/accounts/password-change.ts';
import type { PasswordReset } from '../services/accounts/password-reset.ts';
import type { Profile } from '../services/accounts/profile.ts';
import type { Users } from '../services/accounts/users.ts';
import type { ViewerEvents } from '../services/accounts/viewer-events.ts';
import type { MailAdministration } from '../services/administration/mail-administration.ts';
import type { AgentLog } from '../services/agents/agent-log.ts';
import type { AgentLogEvents } from '../services/agents/agent-log-events.ts';
import type { Models } from '../services/agents/models.ts';
import type { OwnNews } from '../services/agents/own-news.ts';
import type { Bars } from '../services/market/bars.ts';
import type { Instruments } from '../services/market/instruments.ts';
import type { KnownInstruments } from '../services/market/known-instruments.ts';
import type { LiveQuotes } from '../services/market/live-quotes.ts';
import type { MarketHours } from '../services/market/market-hours.ts';
import type { News } from '../services/market/news.ts';
import type { QuoteBook } from '../services/market/quote-book.ts';
import type { EquityCurves } from '../services/performance/equity-curve.ts';
import type { Leaderboard } from '../services/performance/leaderboard.ts';
import type { SnapshotClient } from '../services/platform/database.ts';
import type { Health } from '../services/platform/health.ts';
import type { Condition } from '../services/platform/list-conditions.ts';
import type { Soon } from '../services/platform/soon.ts';
import type { Fields, Page, PageRequest } from '../services/platform/page.ts';
import type {
  Account,
  AgentLogEntry,
  Instrument,
  BrokerConnection,
  KillSwitch,
  ModelSecrets,
  Order,
  Position,
  RiskLimits,
  Trade,
  TradingModel,
  User,
} from '../services/platform/prisma/client.ts';
import type { ApiKeyScope } from '../services/platform/prisma/enums.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import type { AccountCash } from '../services/portfolio/account-cash.ts';
import type { AccountDay } from '../services/portfolio/account-days.ts';
import type { AccountDirectory } from '../services/portfolio/account-directory.ts';
import type { AccountEvents } from '../services/portfolio/account-events.ts';
import type { LiveAccounts } from '../services/portfolio/live-accounts.ts';
import type {
  AccountFigures,
  AccountFiguresReader,
  AccountTotals,
} from '../services/portfolio/account-figures.ts';
import type { AccountReset } from '../services/portfolio/account-reset.ts';
import type { CorporateActions } from '../services/portfolio/corporate-actions.ts';
import type { LedgerEntryRow } from '../services/portfolio/ledger-entries.ts';
import type { OwnAccounts } from '../services/portfolio/own-accounts.ts';
import type { Portfolios } from '../services/portfolio/portfolios.ts';
import type { PositionsAsOf } from '../services/portfolio/positions-as-of.ts';
import type { StatementLinks } from '../services/portfolio/statement-links.ts';
import type {
  Statements,
  StatementSummary,
  StatementTimes,
} from '../services/portfolio/statements.ts';
import type { TradeReports } from '../services/portfolio/trade-reports.ts';
import type { PositionMark, Valuation } from '../services/portfolio/valuation.ts';
import type { BrokerConnections } from '../services/trading/brokers/broker-connections.ts';
import type { OrderPreviews } from '../services/trading/order-preview.ts';
import type { DisconnectSwitches, WatchedSocket } from '../services/trading/disconnect-switches.ts';
import type { OrderBatches } from '../services/trading/order-batches.ts';
import type { OrderEvents } from '../services/trading/order-events.ts';
import type { OrderStep } from '../services/trading/order-timeline.ts';
import type { Orders } from '../services/trading/orders.ts';
import type { KillSwitches } from '../services/trading/risk/kill-switches.ts';
import type { RiskEvents } from '../services/trading/risk/risk-events.ts';
import type { RiskLimitSettings } from '../services/trading/risk/risk-limits.ts';
import type { Webhooks } from '../services/webhooks/webhooks.ts';

/** What the resolvers may call. The composition root makes them, once for the process. */
export interface Services {
  readonly accountCash: AccountCash;
  readonly accountDirectory: AccountDirectory;
  readonly accountEvents: AccountEvents;
  readonly accountFigures: AccountFiguresReader;
  readonly accountReset: AccountReset;
  readonly agentLog: AgentLog;
  readonly agentLogEvents: AgentLogEvents;
  readonly apiKeyAccess: ApiKeyAccess;
  readonly apiKeyRate: ApiKeyRate;
  readonly apiKeys: ApiKeys;
  readonly approvedEmails: ApprovedEmails;
  readonly auditLog: AuditLog;
  readonly aiProviders: AiProviders;
  readonly bars: Bars;
  readonly brokerConnections: BrokerConnections;
  readonly costBudget: CostBudget;
  readonly corporateActions: CorporateActions;
  readonly credentials: Credentials;
  readonly emailVerification: EmailVerification;
  readonly equityCurves: EquityCurves;
  readonly health: Health;
  readonly instruments: Instruments;
  readonly killSwitches: KillSwitches;
  readonly knownInstruments: KnownInstruments;
  readonly leaderboard: Leaderboard;
  readonly liveAccounts: LiveAccounts;
  readonly liveQuotes: LiveQuotes;
  readonly mailAdministration: MailAdministration;
  readonly marketHours: MarketHours;
  readonly models: Models;
  readonly news: News;
  readonly disconnectSwitches: Pick<DisconnectSwitches, 'set'>;
  readonly orderBatches: OrderBatches;
  readonly orderEvents: OrderEvents;
  readonly orderPreviews: OrderPreviews;
  readonly orders: Orders;
  readonly ownAccounts: OwnAccounts;
  readonly ownSessions: OwnSessions;
  readonly passwordChange: PasswordChange;
  readonly passwordReset: PasswordReset;
  readonly passkeyLogIn: PasskeyLogIn;
  readonly passkeys: Passkeys;
  readonly portfolios: Portfolios;
  readonly positionsAsOf: PositionsAsOf;
  readonly profile: Profile;
  readonly quotes: QuoteBook;
  readonly riskEvents: RiskEvents;
  readonly riskLimitSettings: RiskLimitSettings;
  readonly secondFactors: SecondFactors;
  readonly sessions: Sessions;
  readonly totpSetup: TotpSetup;
  readonly statementLinks: StatementLinks;
  readonly statements: Statements;
  readonly statistics: Statistics;
  readonly tradeReports: TradeReports;
  readonly userAdministration: UserAdministration;
  readonly userCreation: UserCreation;
  readonly userDeletion: UserDeletion;
  readonly userDirectory: UserDirectory;
  readonly userRecords: UserRecords;
  readonly users: Users;
  readonly valuation: Valuation;
  readonly viewerEvents: ViewerEvents<OwnNews>;
  readonly webhooks: Webhooks;
}

/** What the viewer is, in the words of src/schema/access.ts. */
export interface Rights {
  readonly isLoggedIn: boolean;
  readonly isAdministrator: boolean;
  readonly mayReadMarketData: boolean;
  may(capability: Capability): boolean;
  /** Whether a key, if they came with one, has one of these scopes. */
  hasAnyScope(scopes: readonly ApiKeyScope[]): boolean;
}

/** Rows that others point to. */
export interface Entities {
  readonly account: Account;
  readonly instrument: Instrument;
  /** By the id of its account, or of its person. */
  readonly brokerConnection: BrokerConnection;
  readonly killSwitchOfAccount: KillSwitch;
  readonly killSwitchOfUser: KillSwitch;
  /** What administrators set: beside that of the owner, which goes by the plain name. */
  readonly adminKillSwitchOfAccount: KillSwitch;
  readonly adminKillSwitchOfUser: KillSwitch;
  readonly adminLimitsOfAccount: RiskLimits;
  readonly adminLimitsOfUser: RiskLimits;
  /** The same; of the deployment by that word. */
  readonly limitsOfAccount: RiskLimits;
  readonly limitsOfDeployment: RiskLimits;
  readonly limitsOfUser: RiskLimits;
  readonly model: TradingModel;
  /** By the id of its model. */
  readonly modelSecrets: ModelSecrets;
  readonly order: Order;
  readonly trade: Trade;
  readonly user: Omit<User, 'passwordHash'>;
}

/** Rows that belong to another, by the name of the list. */
export interface NestedRows {
  readonly accountsOfModel: Account;
  readonly accountsOfUser: Account;
  readonly entriesOfAccount: LedgerEntryRow;
  readonly logOfModel: AgentLogEntry;
  readonly modelsOfUser: TradingModel;
  readonly ordersOfAccount: Order;
  readonly positionsOfAccount: Position;
  readonly tradesOfAccount: Trade;
  readonly tradesOfOrder: Trade;
}

export interface NestedRequest {
  readonly parentId: string;
  readonly conditions?: readonly Condition[];
}

/** Reads of one request, gathered level by level into one statement each. */
export interface Loaders {
  /** Null when there is no such row, or none that the viewer may see. */
  byId<Name extends keyof Entities>(name: Name, id: string): Promise<Entities[Name] | null>;
  /** By its id; one that was read lately is there at once. */
  instrument(id: string): Soon<Instrument | null>;
  page<Name extends keyof NestedRows>(
    name: Name,
    request: NestedRequest & { readonly page: PageRequest },
  ): Promise<Page<NestedRows[Name]> | null>;
  count(name: keyof NestedRows, request: NestedRequest): Promise<number>;
  /** The steps of an order, in their order. */
  timeline(orderId: string): Promise<readonly OrderStep[]>;
  /** The orders of a group, those that others took the place of left out. */
  orderGroup(groupId: string): Promise<readonly Order[]>;
  /** Null when the instrument had no price yet, by `asOf` when it is given. */
  mark(instrumentId: string, asOf?: Date | null): Promise<PositionMark | null>;
  /** What an account is worth now; null when it may not be seen. So are those below. */
  figures(accountId: string): Promise<AccountFigures | null>;
  totals(accountId: string): Promise<AccountTotals | null>;
  day(account: Pick<Account, 'id' | 'zone'>): Promise<AccountDay | null>;
  statement(accountId: string, times: StatementTimes): Promise<StatementSummary | null>;
  /** Forgets what was read: after a write, it may be different. */
  clear(): void;
}

/** The tokens of a session, where a browser keeps them out of its pages' reach. */
export interface SessionCookies {
  /** Undefined when none came, or none that counts. */
  readonly refreshToken: string | undefined;
  /** Gives the browser the tokens, if it is one that gets cookies. */
  keep(tokens: SessionTokens): void;
  /** Takes them away. */
  drop(): void;
}

/** What of the rows of these types a document selects; all of those that it does not tell. */
export type FieldsRead = Readonly<Partial<Record<'Order' | 'Trade', Fields | undefined>>>;

/** What a resolver knows. Made anew for each request and for each event of a stream. */
export interface Context {
  readonly viewer: Viewer;
  readonly rights: Rights;
  /** Pothos' client: reads in the request's snapshot. */
  readonly db: SnapshotClient;
  readonly load: Loaders;
  readonly cookies: SessionCookies;
  /** The socket that it came over; null for a request of HTTP. */
  readonly socket: WatchedSocket | null;
  readonly services: Services;
  /** Of the query that runs. */
  fieldsRead?: FieldsRead;
}
