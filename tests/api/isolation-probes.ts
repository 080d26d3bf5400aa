import { randomUUID } from 'node:crypto';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { FAILED_MAIL } from '../support/estate-secrets.ts';
import type { Thing } from './isolation-things.ts';

type Probe = (thing: Thing | undefined) => string;

const page = '{ totalCount nodes { id } }';
const ofAccount = (thing: Thing | undefined) => (thing ? `(accountId: "${thing.id}")` : '');
/** A key of its own each time: the same again would get the answer of the first. */
const key = () => `idempotencyKey: "${randomUUID()}"`;
const refusal = '... on Error { code }';

/** A change of a person by an administrator. */
const changeOf = (field: string, user: Thing | undefined, given = '') =>
  `${field}(input: { userId: "${String(user?.id)}", ${given}${key()} })
    { __typename ${refusal} ... on ${field.charAt(0).toUpperCase()}${field.slice(1)}Success
      { user { id status role } } }`;

/** An account, a person, or, for nothing in particular, everybody. */
const riskTarget = (target: Thing | undefined) => {
  if (!target) return 'scope: DEPLOYMENT';
  const { typeName, id } = target;
  return typeName === 'User'
    ? `scope: USER, userId: "${id}"`
    : `scope: ACCOUNT, accountId: "${id}"`;
};

/** A write to an account. */
const accountWrite = (field: string, account: Thing | undefined, given = '') =>
  `${field}(input: { accountId: "${String(account?.id)}", ${given} ${key()} })
    { __typename ${refusal} ... on ${field.charAt(0).toUpperCase()}${field.slice(1)}Success
      { account { id cash } } }`;

/** How each root field is asked for, or about a thing. */
export const PROBES: Readonly<Record<string, Probe>> = {
  'Query.admin': () =>
    `admin { users ${page} pendingUsers ${page} approvedEmails { totalCount nodes { email } }
      riskLimits { scope } killSwitches { scope } models ${page} accounts ${page} auditLog ${page} mails ${page} leaderboard { entries { totalCount } }
      statistics { people { byRole { count } } storage { databaseBytes } } }`,
  'Query.agentLogs': (model) => `agentLogs(modelId: "${String(model?.id)}") ${page}`,
  'Query.bars': () => 'bars(symbol: "ACME.SIM", interval: MINUTE_1) { totalCount nodes { close } }',
  'Query.equityCurve': (thing) =>
    `equityCurve(${thing?.typeName === 'Model' ? 'modelId' : 'accountId'}: "${String(thing?.id)}")
      { pointCount points { equity } }`,
  'Query.health': () => 'health { status }',
  'Query.instrument': () => 'instrument(symbol: "ACME.SIM") { name quote { bid } }',
  'Query.instruments': () => `instruments ${page}`,
  'Query.leaderboard': () => 'leaderboard { entries { totalCount nodes { modelName } } }',
  'Query.model': (model) => `model(id: "${String(model?.id)}") { name }`,
  'Query.models': () => `models ${page}`,
  'Query.news': () => 'news { totalCount nodes { title mentions { symbol } } }',
  'Query.node': (thing) => `node(id: "${String(thing?.id)}") { id }`,
  'Query.nodes': (thing) => `nodes(ids: ["${String(thing?.id)}"]) { id }`,
  'Query.orders': (account) => `orders${ofAccount(account)} ${page}`,
  'Query.positions': (account) => `positions${ofAccount(account)} ${page}`,
  'Query.quotes': () => 'quotes(symbols: ["ACME.SIM"]) { bid }',
  'Query.rateLimit': () => 'rateLimit { limit remaining resetAt }',
  'Query.events': () => 'events { cursor events { __typename } }',
  'Query.trades': (account) => `trades${ofAccount(account)} ${page}`,
  'Query.tradingStatus': () => 'tradingStatus { isHalted }',
  'Query.viewer': () => 'viewer { user { id } }',

  'Query.corporateActions': () => 'corporateActions { totalCount nodes { id kind } }',
  'Mutation.announceCorporateAction': () =>
    `announceCorporateAction(input: { symbol: "ACME.SIM", kind: DIVIDEND, amount: "0.01",
      effectiveAt: "${new Date(Date.now() + 1e9).toISOString()}", ${key()} })
      { __typename ${refusal} ... on AnnounceCorporateActionSuccess { corporateAction { id } } }`,
  'Mutation.createAccount': () =>
    `createAccount(input: { name: "New", startingCash: "1000", ${key()} })
      { __typename ${refusal} ... on CreateAccountSuccess { account { id cash } } }`,
  'Mutation.updateAccount': (account) => accountWrite('updateAccount', account, 'name: "Changed"'),
  'Mutation.closeAccount': (account) => accountWrite('closeAccount', account),
  'Mutation.resetAccount': (account) => accountWrite('resetAccount', account),
  'Mutation.depositFunds': (account) => accountWrite('depositFunds', account, 'amount: "7"'),
  'Mutation.withdrawFunds': (account) => accountWrite('withdrawFunds', account, 'amount: "3"'),
  'Mutation.recordTrade': (account) =>
    `recordTrade(input: { accountId: "${String(account?.id)}", symbol: "ACME.SIM", side: BUY,
      quantity: "1", price: "1", executedAt: "${new Date().toISOString()}", tradeId: "${randomUUID()}" })
      { __typename ${refusal} ... on RecordTradeSuccess { trade { id } } }`,
  'Mutation.createStatement': (account) =>
    `createStatement(input: { accountId: "${String(account?.id)}", from: "2026-01-01T00:00:00Z",
      to: "2027-01-01T00:00:00Z" }) { ... on CreateStatementSuccess { path } }`,
  'Mutation.approveEmails': () =>
    `approveEmails(input: { emails: ["${randomUUID()}@new.example"], ${key()} })
      { __typename ${refusal} ... on ApproveEmailsSuccess { added } }`,
  'Mutation.changePassword': () =>
    // not a secret: nobody has it
    `changePassword(input: { currentPassword: "not the password", newPassword: "Password1234" })
      { __typename ${refusal} ... on ChangePasswordSuccess { endedSessions } }`,
  'Mutation.requestPasswordReset': () =>
    `requestPasswordReset(input: { email: "${randomUUID()}@new.example" }) { __typename }`,
  'Mutation.resendVerification': () =>
    `resendVerification(input: { email: "${randomUUID()}@new.example" }) { __typename }`,
  'Mutation.resetPassword': () =>
    `resetPassword(input: { token: "tg_mail_${randomUUID()}", newPassword: "a password of nobody" })
      { __typename ${refusal} ... on ResetPasswordSuccess { isReset } }`,
  'Mutation.unapproveEmail': () =>
    `unapproveEmail(input: { email: "${randomUUID()}@new.example", ${key()} })
      { __typename ${refusal} ... on UnapproveEmailSuccess { wasApproved } }`,
  'Mutation.updateProfile': () =>
    `updateProfile(input: { fullName: "Name ${randomUUID()}", ${key()} })
      { __typename ${refusal} ... on UpdateProfileSuccess { user { id fullName } } }`,
  'Mutation.verifyEmail': () =>
    `verifyEmail(input: { token: "tg_mail_${randomUUID()}" })
      { __typename ${refusal} ... on VerifyEmailSuccess { status } }`,
  'Mutation.approveUser': (user) => changeOf('approveUser', user),
  'Query.previewOrder': (account) =>
    `previewOrder(input: { accountId: "${String(account?.id)}", symbol: "ACME.SIM", side: BUY,
      quantity: "1" }) { isAllowed buyingPower }`,
  'Mutation.cancelAllOrders': (account) =>
    `cancelAllOrders(input: { accountId: "${String(account?.id)}", ${key()} })
      { __typename ${refusal} ... on CancelAllOrdersSuccess { orders { id status } } }`,
  'Mutation.cancelOrder': (order) =>
    `cancelOrder(input: { orderId: "${String(order?.id)}", ${key()} })
      { __typename ${refusal} ... on CancelOrderSuccess { order { id status } } }`,
  'Mutation.confirmSecondFactor': () =>
    `confirmSecondFactor(input: { code: "000000" })
      { __typename ${refusal} ... on ConfirmSecondFactorSuccess { freshUntil } }`,
  'Mutation.confirmTotp': () =>
    `confirmTotp(input: { code: "000000" })
      { __typename ${refusal} ... on ConfirmTotpSuccess { recoveryCodes } }`,
  'Mutation.disableTotp': () => `disableTotp(input: { ${key()} }) { __typename ${refusal} }`,
  'Mutation.enableTotp': () =>
    `enableTotp { __typename ${refusal} ... on EnableTotpSuccess { secret } }`,
  'Mutation.logInWithPasskey': () =>
    `logInWithPasskey(input: { response: {} })
      { __typename ${refusal} ... on LogInSuccess { userId } }`,
  'Mutation.registerPasskey': () =>
    `registerPasskey(input: { name: "New", response: {} })
      { __typename ${refusal} ... on RegisterPasskeySuccess { passkey { id } } }`,
  'Mutation.removePasskey': (passkey) =>
    `removePasskey(input: { passkeyId: "${String(passkey?.id)}", ${key()} })
      { __typename ${refusal} }`,
  'Mutation.renewRecoveryCodes': () =>
    `renewRecoveryCodes(input: { ${key()} })
      { __typename ${refusal} ... on RenewRecoveryCodesSuccess { recoveryCodes } }`,
  'Mutation.requestPasskeyChallenge': () =>
    `requestPasskeyChallenge(input: { purpose: LOG_IN })
      { __typename ${refusal} ... on RequestPasskeyChallengeSuccess { options } }`,
  'Mutation.createApiKey': () =>
    `createApiKey(input: { name: "New", environment: TEST, scopes: [READ], ${key()} })
      { __typename ${refusal} ... on CreateApiKeySuccess { secret apiKey { id prefix } } }`,
  'Mutation.createModel': () =>
    `createModel(input: { name: "New", universe: ["ACME.SIM"], startingCash: "1000",
      intervalSeconds: 86400, ${key()} })
      { __typename ${refusal} ... on CreateModelSuccess { model { id prompt } } }`,
  'Mutation.createUser': () => {
    const username = `made_${randomUUID().slice(0, 8)}`;
    return `createUser(input: { username: "${username}", email: "${username}@new.example",
      role: VIEWER, ${key()} })
      { __typename ${refusal} ... on CreateUserSuccess { user { id } } }`;
  },
  'Mutation.deleteCredential': (credential) =>
    `deleteCredential(input: { credentialId: "${String(credential?.id)}", ${key()} })
      { __typename ${refusal} ... on DeleteCredentialSuccess { credentialId } }`,
  'Mutation.deleteUser': (user) => changeOf('deleteUser', user, 'confirmUsername: "gone_gil", '),
  'Mutation.disableUser': (user) => changeOf('disableUser', user),
  'Mutation.enableUser': (user) => changeOf('enableUser', user),
  'Mutation.endSession': (session) =>
    `endSession(input: { sessionId: "${String(session?.id)}", ${key()} })
      { __typename ${refusal} ... on EndSessionSuccess { session { id endedAt } } }`,
  'Mutation.logIn': () =>
    `logIn(input: { login: "stranger_bob", password: "the password of stranger_bob" })
      { __typename ${refusal} ... on LogInSuccess { userId } }`,
  'Mutation.logOut': () => 'logOut { __typename }',
  'Mutation.placeOrder': (account) =>
    `placeOrder(input: { accountId: "${String(account?.id)}", symbol: "ACME.SIM", side: BUY,
      quantity: "1", clientOrderId: "${randomUUID()}" })
      { __typename ${refusal} ... on PlaceOrderSuccess { order { id status } } }`,
  'Mutation.cancelOnDisconnect': (account) =>
    `cancelOnDisconnect(input: { accountId: "${String(account?.id)}" })
      { __typename ${refusal} ... on CancelOnDisconnectSuccess { disconnectSwitch { isArmed } } }`,
  'Mutation.closePosition': (account) =>
    `closePosition(input: { accountId: "${String(account?.id)}", symbol: "ACME.SIM", quantity: "1",
      clientOrderId: "${randomUUID()}" })
      { __typename ${refusal} ... on ClosePositionSuccess { order { id status } } }`,
  'Mutation.closeAllPositions': (account) =>
    `closeAllPositions(input: { accountId: "${String(account?.id)}", ${key()} })
      { __typename ${refusal} ... on CloseAllPositionsSuccess { order { id status } } }`,
  'Mutation.placeOrders': (account) =>
    `placeOrders(input: { accountId: "${String(account?.id)}", orders: [{ symbol: "ACME.SIM",
      side: BUY, quantity: "1", clientOrderId: "${randomUUID()}" }] })
      { __typename ${refusal} ... on PlaceOrdersSuccess { order { id status } } }`,
  'Mutation.replaceOrder': (order) =>
    `replaceOrder(input: { orderId: "${String(order?.id)}", limitPrice: "902",
      clientOrderId: "${randomUUID()}" })
      { __typename ${refusal} ... on ReplaceOrderSuccess { order { id status } } }`,
  'Mutation.refreshSession': () =>
    `refreshSession(input: { refreshToken: "tg_refresh_${randomUUID()}" })
      { __typename ${refusal} ... on RefreshSessionSuccess { userId } }`,
  'Mutation.rejectUser': (user) => changeOf('rejectUser', user),
  'Mutation.revokeApiKey': (apiKey) =>
    `revokeApiKey(input: { apiKeyId: "${String(apiKey?.id)}", ${key()} })
      { __typename ${refusal} ... on RevokeApiKeySuccess { apiKey { id revokedAt } } }`,
  'Mutation.retryMail': () =>
    `retryMail(input: { mailId: "${FAILED_MAIL}", ${key()} })
      { __typename ${refusal} ... on RetryMailSuccess { mail { id status } } }`,
  'Mutation.connectBroker': (credential) =>
    `connectBroker(input: { name: "New", broker: CCXT, exchange: "kraken", isSandbox: true,
      credentialId: "${String(credential?.id)}", ${key()} })
      { __typename ${refusal} ... on ConnectBrokerSuccess { account { id name } } }`,
  'Mutation.changeBrokerKeys': (account) =>
    `changeBrokerKeys(input: { accountId: "${String(account?.id)}",
      credentialId: "${encodeGlobalId('Credential', randomUUID())}", ${key()} })
      { __typename ${refusal} ... on ChangeBrokerKeysSuccess { account { id kind } } }`,
  'Mutation.disconnectBroker': (account) =>
    `disconnectBroker(input: { accountId: "${String(account?.id)}", ${key()} })
      { __typename ${refusal} ... on DisconnectBrokerSuccess { account { id status } } }`,
  'Mutation.setLiveTrading': (account) =>
    `setLiveTrading(input: { accountId: "${String(account?.id)}", isEnabled: false, ${key()} })
      { __typename ${refusal} ... on SetLiveTradingSuccess { account { id kind } } }`,
  'Mutation.setKillSwitch': (target) =>
    `setKillSwitch(input: { ${riskTarget(target)}, isOn: true, ${key()} })
      { __typename ${refusal} ... on SetKillSwitchSuccess { killSwitch { scope isOn } } }`,
  'Mutation.setRiskLimits': (target) =>
    `setRiskLimits(input: { ${riskTarget(target)}, limits: { ordersPerMinute: 99999 }, ${key()} })
      { __typename ${refusal} ... on SetRiskLimitsSuccess { riskLimits { ordersPerMinute } } }`,
  'Mutation.setUserRole': (user) => changeOf('setUserRole', user, 'role: VIEWER, '),
  'Mutation.signUp': () => {
    const username = `new_${randomUUID().slice(0, 8)}`;
    return `signUp(input: { username: "${username}", email: "${username}@new.example",
      password: "a password of someone new" }) { __typename ${refusal} }`;
  },
  'Mutation.startModel': (model) =>
    `startModel(input: { id: "${String(model?.id)}", ${key()} })
      { __typename ${refusal} ... on StartModelSuccess { model { id status } } }`,
  'Mutation.stopModel': (model) =>
    `stopModel(input: { id: "${String(model?.id)}", ${key()} })
      { __typename ${refusal} ... on StopModelSuccess { model { id status } } }`,
  'Mutation.updateSettings': () =>
    `updateSettings(input: { aiProvider: { name: "openai", isEnabled: true }, ${key()} })
      { __typename ${refusal} ... on UpdateSettingsSuccess { settings { aiProviders { name } } } }`,
  'Mutation.updateUser': (user) => changeOf('updateUser', user, 'kycStatus: PENDING, '),
  // One that is paused: what it sends would go on in the background.
  'Mutation.createWebhook': () =>
    `createWebhook(input: { url: "https://hooks.example.com/new", isPaused: true, ${key()} })
      { __typename ${refusal} ... on CreateWebhookSuccess { secret webhook { id url } } }`,
  'Mutation.updateWebhook': (webhook) =>
    `updateWebhook(input: { webhookId: "${String(webhook?.id)}", isPaused: true, ${key()} })
      { __typename ${refusal} ... on UpdateWebhookSuccess { webhook { id url state } } }`,
  'Mutation.rotateWebhookSecret': (webhook) =>
    `rotateWebhookSecret(input: { webhookId: "${String(webhook?.id)}", ${key()} })
      { __typename ${refusal} ... on RotateWebhookSecretSuccess { secret webhook { id url } } }`,
  'Mutation.replayWebhook': (webhook) =>
    `replayWebhook(input: { webhookId: "${String(webhook?.id)}", after: "${encodeCursor(0n)}", ${key()} })
      { __typename ${refusal} ... on ReplayWebhookSuccess { webhook { id url cursor } } }`,
  'Mutation.deleteWebhook': (webhook) =>
    `deleteWebhook(input: { webhookId: "${String(webhook?.id)}", ${key()} })
      { __typename ${refusal} ... on DeleteWebhookSuccess { webhookId } }`,
  'Mutation.storeCredential': () =>
    `storeCredential(input: { kind: BROKER, provider: "alpaca", name: "New", value: "x", ${key()} })
      { __typename ${refusal} ... on StoreCredentialSuccess { credential { id fingerprint } } }`,
  'Mutation.updateModel': (model) =>
    `updateModel(input: { id: "${String(model?.id)}", name: "Changed", prompt: "Changed",
      visibility: PUBLIC, logVisibility: PUBLIC, ${key()} })
      { __typename ${refusal} ... on UpdateModelSuccess { model { id name } } }`,

  'Subscription.agentLog': (model) =>
    `agentLog(modelId: "${String(model?.id)}") { ... on AgentLogged { cursor entry { content } } }`,
  'Subscription.balanceChanged': (account) =>
    `balanceChanged${ofAccount(account)} { ... on BalanceChanged { cursor account { cash } } }`,
  'Subscription.equityUpdated': (account) =>
    `equityUpdated(accountId: "${String(account?.id)}") { equity cash }`,
  'Subscription.positionMarks': (account) =>
    `positionMarks(accountId: "${String(account?.id)}") { asOf positions { price } }`,
  'Subscription.orderEvents': (account) =>
    `orderEvents${ofAccount(account)} { ... on OrderChanged { cursor order { status } } }`,
  'Subscription.positionChanged': (account) =>
    `positionChanged${ofAccount(account)} { ... on PositionChanged { cursor position { quantity } } }`,
  'Subscription.riskEvents': (account) =>
    `riskEvents${ofAccount(account)} { ... on KillSwitchChanged { cursor killSwitch { isOn } }
      ... on RiskLimitsChanged { cursor riskLimits { maxOrderValue } } }`,
  'Subscription.deploymentRiskEvents': () =>
    'deploymentRiskEvents { ... on TradingStatusChanged { cursor status { isHalted } } }',
  'Subscription.quotes': () => 'quotes(symbols: ["ACME.SIM"]) { bid }',
  'Subscription.tradeExecuted': (account) =>
    `tradeExecuted${ofAccount(account)} { ... on TradeExecuted { cursor trade { price } } }`,
  'Subscription.viewerEvents': () =>
    'viewerEvents { __typename ... on TradeExecuted { cursor trade { price } } }',
};
