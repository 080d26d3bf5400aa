/**
 * Who may read what: the one table of it. The builder derives every scope from here, and refuses to
 * build a schema with a type or a root field that has no line. Row-level security and the owner
 * filters of the services stand behind it and are written without looking at it. Which keys of the API
 * open what is the table beside this one, key-access.ts.
 *
 * - `everyone`: no log-in is needed. On a type: it only carries others, which have lines of their own.
 * - `marketData`: everyone, unless PUBLIC_MARKET_DATA=false; then who is logged in.
 * - `loggedIn`: who is logged in.
 * - `owner`: whose it is, and administrators.
 * - `self`: whose it is, and nobody else.
 * - `modelReaders`: everyone for a public model, else its owner and administrators.
 * - `logReaders`: as the model, and only if its owner publishes the log.
 * - `administrators`: they alone. Their writes are `loggedIn` here: the service refuses all others,
 *   since it writes down who tried.
 */
export type Audience =
  | 'everyone'
  | 'marketData'
  | 'loggedIn'
  | 'owner'
  | 'self'
  | 'modelReaders'
  | 'logReaders'
  | 'administrators';

/** What may be asked. The objects in the answer are guarded by their types besides. */
export const ROOT_ACCESS = {
  Query: {
    admin: 'administrators',
    agentLogs: 'everyone',
    bars: 'marketData',
    corporateActions: 'everyone',
    equityCurve: 'everyone',
    events: 'loggedIn',
    health: 'everyone',
    instrument: 'marketData',
    instruments: 'marketData',
    leaderboard: 'everyone',
    model: 'everyone',
    models: 'everyone',
    news: 'marketData',
    node: 'everyone',
    nodes: 'everyone',
    orders: 'loggedIn',
    positions: 'loggedIn',
    previewOrder: 'loggedIn',
    quotes: 'marketData',
    rateLimit: 'everyone',
    trades: 'loggedIn',
    tradingStatus: 'loggedIn',
    viewer: 'everyone',
  },
  Mutation: {
    announceCorporateAction: 'loggedIn',
    closeAccount: 'loggedIn',
    createAccount: 'loggedIn',
    createStatement: 'loggedIn',
    depositFunds: 'loggedIn',
    recordTrade: 'loggedIn',
    resetAccount: 'loggedIn',
    updateAccount: 'loggedIn',
    withdrawFunds: 'loggedIn',
    approveEmails: 'loggedIn',
    approveUser: 'loggedIn',
    cancelAllOrders: 'loggedIn',
    cancelOnDisconnect: 'loggedIn',
    cancelOrder: 'loggedIn',
    closeAllPositions: 'loggedIn',
    closePosition: 'loggedIn',
    changePassword: 'loggedIn',
    confirmSecondFactor: 'loggedIn',
    changeBrokerKeys: 'loggedIn',
    connectBroker: 'loggedIn',
    confirmTotp: 'loggedIn',
    createApiKey: 'loggedIn',
    createModel: 'loggedIn',
    createUser: 'loggedIn',
    createWebhook: 'loggedIn',
    deleteCredential: 'loggedIn',
    deleteUser: 'loggedIn',
    deleteWebhook: 'loggedIn',
    disableTotp: 'loggedIn',
    disableUser: 'loggedIn',
    enableTotp: 'loggedIn',
    enableUser: 'loggedIn',
    endSession: 'loggedIn',
    logIn: 'everyone',
    logInWithPasskey: 'everyone',
    logOut: 'loggedIn',
    placeOrder: 'loggedIn',
    placeOrders: 'loggedIn',
    replaceOrder: 'loggedIn',
    refreshSession: 'everyone',
    registerPasskey: 'loggedIn',
    rejectUser: 'loggedIn',
    removePasskey: 'loggedIn',
    renewRecoveryCodes: 'loggedIn',
    requestPasskeyChallenge: 'everyone',
    requestPasswordReset: 'everyone',
    resendVerification: 'everyone',
    replayWebhook: 'loggedIn',
    resetPassword: 'everyone',
    retryMail: 'loggedIn',
    revokeApiKey: 'loggedIn',
    rotateWebhookSecret: 'loggedIn',
    setKillSwitch: 'loggedIn',
    disconnectBroker: 'loggedIn',
    setLiveTrading: 'loggedIn',
    setRiskLimits: 'loggedIn',
    setUserRole: 'loggedIn',
    signUp: 'everyone',
    startModel: 'loggedIn',
    stopModel: 'loggedIn',
    storeCredential: 'loggedIn',
    unapproveEmail: 'loggedIn',
    updateModel: 'loggedIn',
    updateProfile: 'loggedIn',
    updateSettings: 'loggedIn',
    updateUser: 'loggedIn',
    updateWebhook: 'loggedIn',
    verifyEmail: 'everyone',
  },
  Subscription: {
    agentLog: 'loggedIn',
    balanceChanged: 'loggedIn',
    deploymentRiskEvents: 'loggedIn',
    equityUpdated: 'loggedIn',
    orderEvents: 'loggedIn',
    positionChanged: 'loggedIn',
    positionMarks: 'loggedIn',
    quotes: 'marketData',
    riskEvents: 'loggedIn',
    tradeExecuted: 'loggedIn',
    viewerEvents: 'loggedIn',
  },
} as const satisfies Record<string, Readonly<Record<string, Audience>>>;

/** Who may read an object, all fields of it but those of {@link FIELD_ACCESS}. */
export const TYPE_ACCESS: Readonly<Record<string, Audience>> = {
  ApiKey: 'owner',
  Account: 'owner',
  AccountStatement: 'everyone',
  Admin: 'administrators',
  AgentLogEntry: 'logReaders',
  AgentLogged: 'everyone',
  AiProvider: 'administrators',
  AssetClassTotal: 'everyone',
  AuditRecord: 'administrators',
  BalanceChanged: 'everyone',
  ApprovedEmail: 'administrators',
  Bar: 'marketData',
  CorporateAction: 'everyone',
  Credential: 'self',
  CurrencyVolume: 'administrators',
  DayStatistics: 'administrators',
  DisconnectSwitch: 'everyone',
  DeploymentLimitsChanged: 'everyone',
  EffectiveRiskLimits: 'owner',
  EquityBenchmark: 'marketData',
  EquityBenchmarkPoint: 'marketData',
  EquityCurve: 'everyone',
  EquityPoint: 'everyone',
  EquityUpdate: 'everyone',
  FigureTimes: 'everyone',
  Health: 'everyone',
  Instrument: 'marketData',
  BrokerConnection: 'owner',
  BrokerDiscrepancy: 'owner',
  KillSwitch: 'owner',
  KillSwitchChanged: 'everyone',
  Leaderboard: 'everyone',
  LeaderboardBenchmark: 'everyone',
  LeaderboardEntry: 'everyone',
  LedgerEntry: 'everyone',
  Mail: 'administrators',
  MarketSession: 'marketData',
  Model: 'modelReaders',
  ModelChanged: 'everyone',
  NewsArticle: 'marketData',
  NewsMention: 'marketData',
  Order: 'owner',
  OrderChanged: 'everyone',
  OrderPreview: 'everyone',
  OrderStep: 'everyone',
  PageInfo: 'everyone',
  Passkey: 'owner',
  PeopleStatistics: 'administrators',
  Position: 'owner',
  PositionChanged: 'everyone',
  PositionMark: 'everyone',
  PositionMarks: 'everyone',
  PresentStatistics: 'administrators',
  Quote: 'marketData',
  SecondFactors: 'loggedIn',
  Session: 'owner',
  Settings: 'administrators',
  RateLimit: 'everyone',
  RiskLimits: 'owner',
  RiskLimitsChanged: 'everyone',
  Statistics: 'administrators',
  StorageStatistics: 'administrators',
  StreamGap: 'everyone',
  TableSize: 'administrators',
  Trade: 'owner',
  TradeExecuted: 'everyone',
  TradingStatus: 'loggedIn',
  TradingStatusChanged: 'everyone',
  User: 'owner',
  ValuedPosition: 'everyone',
  UserRoleCount: 'administrators',
  UserStatusCount: 'administrators',
  Viewer: 'loggedIn',
  ViewerEventsPage: 'everyone',
  Webhook: 'self',
  WebhookDisabled: 'everyone',
};

/**
 * What the owner and administrators alone may read, even on an object that is public. For everyone
 * else such a field is null, without an error, so that a list of public models stays whole.
 */
export const FIELD_ACCESS: Readonly<Record<string, Audience>> = {
  'Model.accounts': 'owner',
  'Model.costUsd': 'owner',
  'Model.prompt': 'owner',
  'User.email': 'owner',
  'User.signUpRisks': 'administrators',
};

/** Types that only carry an object, an answer or a refusal. */
const CARRIERS = /(Connection|Edge|Success|Error)$/;

export function typeAudience(typeName: string): Audience | undefined {
  return TYPE_ACCESS[typeName] ?? (CARRIERS.test(typeName) ? 'everyone' : undefined);
}

export function rootFieldAudience(typeName: string, fieldName: string): Audience | undefined {
  const fields: Readonly<Record<string, Readonly<Record<string, Audience>>>> = ROOT_ACCESS;
  return fields[typeName]?.[fieldName];
}
