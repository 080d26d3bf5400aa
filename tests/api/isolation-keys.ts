/**
 * Which scope of a key opens each root field: written from the issue, and not from
 * src/schema/key-access.ts, so that each of the two shows a slip of the other. `SESSION`: no key, of
 * whatever scopes; `PERSON`: the same of what is for administrators. `ANY`: a key of any scope, since one
 * needs none.
 */
const KEY_TABLE = `
ANY:     Query.corporateActions Query.bars Query.health Query.instrument Query.instruments Query.leaderboard Query.news
         Query.quotes Query.rateLimit Subscription.quotes
         Mutation.logIn Mutation.refreshSession Mutation.signUp
         Mutation.requestPasswordReset Mutation.resendVerification Mutation.resetPassword
         Mutation.verifyEmail Mutation.logInWithPasskey Mutation.requestPasskeyChallenge
READ:    Mutation.createStatement Query.tradingStatus Query.agentLogs Query.equityCurve Query.events Query.model Query.models Query.node Query.nodes Query.orders
         Query.positions Query.trades Query.viewer
         Subscription.agentLog Subscription.viewerEvents Subscription.balanceChanged Subscription.tradeExecuted
         Subscription.orderEvents Subscription.positionChanged
         Subscription.equityUpdated Subscription.positionMarks
         Subscription.riskEvents Subscription.deploymentRiskEvents
TRADE:   Mutation.createAccount Mutation.updateAccount Mutation.closeAccount Mutation.resetAccount
         Mutation.depositFunds Mutation.withdrawFunds Mutation.recordTrade
         Mutation.setKillSwitch Mutation.cancelOrder Mutation.cancelAllOrders Mutation.placeOrder Mutation.closePosition Mutation.closeAllPositions Mutation.cancelOnDisconnect Mutation.placeOrders Mutation.replaceOrder Query.previewOrder
AGENT:   Mutation.createModel Mutation.startModel Mutation.stopModel Mutation.updateModel
ADMIN:   Query.admin
         Mutation.approveUser Mutation.disableUser Mutation.enableUser Mutation.rejectUser
         Mutation.updateUser Mutation.approveEmails Mutation.unapproveEmail Mutation.retryMail
PERSON:  Mutation.announceCorporateAction Mutation.setUserRole Mutation.createUser Mutation.deleteUser Mutation.updateSettings
SESSION: Mutation.connectBroker Mutation.changeBrokerKeys Mutation.disconnectBroker Mutation.setLiveTrading Mutation.setRiskLimits Mutation.endSession Mutation.logOut Mutation.createApiKey Mutation.revokeApiKey
         Mutation.changePassword Mutation.updateProfile
         Mutation.enableTotp Mutation.confirmTotp Mutation.disableTotp Mutation.confirmSecondFactor
         Mutation.registerPasskey Mutation.removePasskey Mutation.renewRecoveryCodes
         Mutation.storeCredential Mutation.deleteCredential
         Mutation.createWebhook Mutation.updateWebhook Mutation.rotateWebhookSecret
         Mutation.replayWebhook Mutation.deleteWebhook
`;

/** What of one's own things a key of all scopes does not read either. */
export const SESSION_FIELDS = [
  'viewer { apiKeys { totalCount } }',
  'viewer { secondFactors { isFresh } }',
  'viewer { sessions { totalCount } }',
  'viewer { webhooks { totalCount } }',
] as const;

/** The owner's things, by their names in the root table, that no key reads, by whatever way. */
export const SESSION_THINGS: readonly string[] = [
  'apiKey',
  'credential',
  'endedSession',
  'passkey',
  'session',
  'webhook',
];

export const SCOPES = ['READ', 'TRADE', 'AGENT', 'ADMIN'] as const;
export type Scope = (typeof SCOPES)[number];
export type Wanted = Scope | 'ANY' | 'SESSION' | 'PERSON';

/** `Query.viewer` → `READ`. Throws for a field that has two lines. */
export function readKeyTable(): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  // A line goes on where the next one is indented.
  for (const line of KEY_TABLE.replaceAll(/\n +/g, ' ').split('\n')) {
    const [, scope, places = ''] = /^(\w+):\s+(.*)$/.exec(line) ?? [];
    for (const place of places.split(/\s+/).filter(Boolean)) {
      if (wanted.has(place)) throw new Error(`${place} has two lines.`);
      wanted.set(place, scope as Wanted);
    }
  }
  return wanted;
}
