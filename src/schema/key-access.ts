import type { ApiKeyScope } from '../services/platform/prisma/enums.ts';

/**
 * What a key of the API opens, beside what its owner may: the one table of it. The builder refuses a root
 * field without a line. Sessions pass all of it, and so does nobody, who has src/schema/access.ts to pass.
 *
 * - a scope: keys that have it.
 * - `session`: no key at all. What opens an account is for people: passwords, factors, keys, secrets, and
 *   whatever makes or changes such ways in: a key that leaked would outlive itself with it.
 * - `none`: every key, since everyone may.
 */
export type KeyAccess = ApiKeyScope | 'session' | 'none';

/**
 * What may be asked. Writes of `ADMIN` are let through to their service, which refuses them and writes
 * down who tried.
 */
const ROOT_KEYS: Readonly<Record<string, Readonly<Record<string, KeyAccess>>>> = {
  Query: {
    admin: 'ADMIN',
    agentLogs: 'READ',
    bars: 'none',
    corporateActions: 'none',
    equityCurve: 'READ',
    events: 'READ',
    health: 'none',
    instrument: 'none',
    instruments: 'none',
    leaderboard: 'none',
    model: 'READ',
    models: 'READ',
    news: 'none',
    node: 'READ',
    nodes: 'READ',
    orders: 'READ',
    positions: 'READ',
    previewOrder: 'TRADE',
    quotes: 'none',
    rateLimit: 'none',
    trades: 'READ',
    tradingStatus: 'READ',
    viewer: 'READ',
  },
  Mutation: {
    announceCorporateAction: 'session',
    closeAccount: 'TRADE',
    createAccount: 'TRADE',
    createStatement: 'READ',
    depositFunds: 'TRADE',
    recordTrade: 'TRADE',
    resetAccount: 'TRADE',
    updateAccount: 'TRADE',
    withdrawFunds: 'TRADE',
    approveEmails: 'ADMIN',
    approveUser: 'ADMIN',
    cancelAllOrders: 'TRADE',
    cancelOnDisconnect: 'TRADE',
    cancelOrder: 'TRADE',
    closeAllPositions: 'TRADE',
    closePosition: 'TRADE',
    changePassword: 'session',
    confirmSecondFactor: 'session',
    changeBrokerKeys: 'session',
    connectBroker: 'session',
    confirmTotp: 'session',
    createApiKey: 'session',
    createModel: 'AGENT',
    createUser: 'session',
    createWebhook: 'session',
    deleteCredential: 'session',
    deleteUser: 'session',
    deleteWebhook: 'session',
    disableTotp: 'session',
    disableUser: 'ADMIN',
    enableTotp: 'session',
    enableUser: 'ADMIN',
    endSession: 'session',
    logIn: 'none',
    logInWithPasskey: 'none',
    logOut: 'session',
    placeOrder: 'TRADE',
    placeOrders: 'TRADE',
    replaceOrder: 'TRADE',
    refreshSession: 'none',
    registerPasskey: 'session',
    rejectUser: 'ADMIN',
    removePasskey: 'session',
    renewRecoveryCodes: 'session',
    requestPasskeyChallenge: 'none',
    requestPasswordReset: 'none',
    resendVerification: 'none',
    replayWebhook: 'session',
    resetPassword: 'none',
    retryMail: 'ADMIN',
    revokeApiKey: 'session',
    rotateWebhookSecret: 'session',
    setKillSwitch: 'TRADE',
    disconnectBroker: 'session',
    setLiveTrading: 'session',
    setRiskLimits: 'session',
    setUserRole: 'session',
    signUp: 'none',
    startModel: 'AGENT',
    stopModel: 'AGENT',
    storeCredential: 'session',
    unapproveEmail: 'ADMIN',
    updateModel: 'AGENT',
    updateProfile: 'session',
    updateSettings: 'session',
    updateUser: 'ADMIN',
    updateWebhook: 'session',
    verifyEmail: 'none',
  },
  Subscription: {
    agentLog: 'READ',
    balanceChanged: 'READ',
    deploymentRiskEvents: 'READ',
    equityUpdated: 'READ',
    orderEvents: 'READ',
    positionChanged: 'READ',
    positionMarks: 'READ',
    quotes: 'none',
    riskEvents: 'READ',
    tradeExecuted: 'READ',
    viewerEvents: 'READ',
  },
};

const OF_READING = ['READ', 'ADMIN'] as const;
const OF_TRADING = ['TRADE', ...OF_READING] as const;
const OF_MODELS = ['AGENT', ...OF_READING] as const;

/**
 * Which private objects a key reads, wherever it comes to them: one of the scopes is enough. A key that
 * trades sees what it did and the account that it did it in, and not whose that is. A type without a line
 * is for no key; those for administrators alone ask for `ADMIN` by themselves.
 */
const TYPE_KEYS: Readonly<Record<string, readonly ApiKeyScope[]>> = {
  Account: OF_TRADING,
  AgentLogEntry: OF_MODELS,
  BrokerConnection: OF_TRADING,
  BrokerDiscrepancy: OF_TRADING,
  EffectiveRiskLimits: OF_TRADING,
  KillSwitch: OF_TRADING,
  Model: OF_MODELS,
  Order: OF_TRADING,
  Position: OF_TRADING,
  RiskLimits: OF_TRADING,
  Trade: OF_TRADING,
  TradingStatus: OF_TRADING,
  User: OF_READING,
  Viewer: ['READ'],
};

/** What is for people alone on objects that keys read. */
const SESSION_FIELDS: readonly string[] = [
  'Admin.apiKeys',
  'Viewer.apiKeys',
  'Viewer.credentials',
  'Viewer.secondFactors',
  'Viewer.sessions',
  'Viewer.webhooks',
];

export function rootKeyAccess(typeName: string, fieldName: string): KeyAccess | undefined {
  return ROOT_KEYS[typeName]?.[fieldName];
}

/** The scopes of which a key needs one to read a private object; none will do when there are none. */
export function typeKeyScopes(typeName: string): readonly ApiKeyScope[] {
  return TYPE_KEYS[typeName] ?? [];
}

export function isForSessions(typeName: string, fieldName: string): boolean {
  return SESSION_FIELDS.includes(`${typeName}.${fieldName}`);
}
