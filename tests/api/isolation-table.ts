/**
 * Who gets what: the whole graph, a line each. It is written from the issue and the design, not from
 * src/schema/access.ts, so that each of the two shows a slip of the other.
 */

/** The columns of the tables below. The things are the owner's; the others own nothing. */
export const CALLERS = ['anonymous', 'viewer', 'stranger', 'owner', 'admin'] as const;
export type Caller = (typeof CALLERS)[number];

/**
 * What a root field answers when it is asked for, or about, a thing of the owner's ("-": for nothing in
 * particular). `data`, `null`, `empty` (a list without entries, whose count is 0), `silent` (a stream
 * without an event), or the code of a refusal.
 */
export const ROOT_TABLE = `
                                            anonymous        viewer     stranger   owner  admin
Query.admin                -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Query.agentLogs            privateModel    | empty            empty      empty      data   empty
Query.agentLogs            publicModel     | empty            empty      empty      data   empty
Query.agentLogs            publishedModel  | data             data       data       data   data
Query.bars                 -               | data             data       data       data   data
Query.corporateActions     -               | data             data       data       data   data
Query.equityCurve          account         | null             null       null       data   null
Query.equityCurve          privateModel    | null             null       null       data   null
Query.equityCurve          publicModel     | data             data       data       data   data
Query.equityCurve          publishedAccount| null             null       null       data   null
Query.events               -               | UNAUTHENTICATED  data       data       data   data
Query.health               -               | data             data       data       data   data
Query.instrument           -               | data             data       data       data   data
Query.instruments          -               | data             data       data       data   data
Query.leaderboard          -               | data             data       data       data   data
Query.model                privateModel    | null             null       null       data   null
Query.model                publicModel     | data             data       data       data   data
Query.model                publishedModel  | data             data       data       data   data
Query.models               -               | data             data       data       data   data
Query.news                 -               | data             data       data       data   data
Query.node                 account         | null             null       null       data   data
Query.node                 apiKey          | null             null       null       data   data
Query.node                 article         | data             data       data       data   data
Query.node                 corporateAction | data             data       data       data   data
Query.node                 credential      | null             null       null       data   null
Query.node                 webhook         | null             null       null       data   null
Query.node                 deniedOrder     | null             null       null       data   data
Query.node                 instrument      | data             data       data       data   data
Query.node                 passkey         | null             null       null       data   null
Query.node                 order           | null             null       null       data   data
Query.node                 position        | null             null       null       data   data
Query.node                 privateLine     | null             null       null       data   data
Query.node                 privateModel    | null             null       null       data   data
Query.node                 publicLine      | null             null       null       data   data
Query.node                 publicModel     | data             data       data       data   data
Query.node                 publishedAccount| null             null       null       data   data
Query.node                 publishedLine   | data             data       data       data   data
Query.node                 publishedModel  | data             data       data       data   data
Query.node                 publishedOrder  | null             null       null       data   data
Query.node                 publishedTrade  | null             null       null       data   data
Query.node                 endedSession    | null             null       null       data   data
Query.node                 session         | null             null       null       data   data
Query.node                 trade           | null             null       null       data   data
Query.node                 user            | null             null       null       data   data
Query.nodes                account         | null             null       null       data   data
Query.nodes                order           | null             null       null       data   data
Query.nodes                position        | null             null       null       data   data
Query.nodes                privateModel    | null             null       null       data   data
Query.nodes                publicLine      | null             null       null       data   data
Query.nodes                publishedModel  | data             data       data       data   data
Query.nodes                trade           | null             null       null       data   data
Query.nodes                user            | null             null       null       data   data
Query.orders               -               | UNAUTHENTICATED  empty      empty      data   empty
Query.orders               account         | UNAUTHENTICATED  empty      empty      data   empty
Query.orders               publishedAccount| UNAUTHENTICATED  empty      empty      data   empty
Query.positions            -               | UNAUTHENTICATED  empty      empty      data   empty
Query.positions            publishedAccount| UNAUTHENTICATED  empty      empty      data   empty
Query.previewOrder         account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Query.previewOrder         publishedAccount| UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Query.quotes               -               | data             data       data       data   data
Query.rateLimit            -               | data             data       data       data   data
Query.trades               -               | UNAUTHENTICATED  empty      empty      data   empty
Query.trades               publishedAccount| UNAUTHENTICATED  empty      empty      data   empty
Query.tradingStatus        -               | UNAUTHENTICATED  data       data       data   data
Query.viewer               -               | null             data       data       data   data
Mutation.approveEmails     -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.unapproveEmail    -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.changePassword    -               | UNAUTHENTICATED  WEAK_PASSWORD WEAK_PASSWORD WEAK_PASSWORD WEAK_PASSWORD
Mutation.updateProfile     -               | UNAUTHENTICATED  data       data       data   data
Mutation.verifyEmail       -               | INVALID_LINK     INVALID_LINK INVALID_LINK INVALID_LINK INVALID_LINK
Mutation.resetPassword     -               | INVALID_LINK     INVALID_LINK INVALID_LINK INVALID_LINK INVALID_LINK
Mutation.resendVerification -               | data             data       data       data   data
Mutation.requestPasswordReset -               | data             data       data       data   data
Mutation.approveUser       pendingUser     | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.cancelAllOrders   publishedAccount| UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.cancelOrder       workingOrder    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.confirmSecondFactor -               | UNAUTHENTICATED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  INVALID_SECOND_FACTOR  SECOND_FACTOR_REQUIRED
Mutation.confirmTotp       -               | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  SECOND_FACTOR_REQUIRED  NOT_FOUND
Mutation.disableTotp       -               | UNAUTHENTICATED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED
Mutation.enableTotp        -               | UNAUTHENTICATED  BAD_USER_INPUT  BAD_USER_INPUT  SECOND_FACTOR_REQUIRED  BAD_USER_INPUT
Mutation.logInWithPasskey  -               | INVALID_CREDENTIALS  INVALID_CREDENTIALS  INVALID_CREDENTIALS  INVALID_CREDENTIALS  INVALID_CREDENTIALS
Mutation.registerPasskey   -               | UNAUTHENTICATED  INVALID_PASSKEY  INVALID_PASSKEY  INVALID_PASSKEY  INVALID_PASSKEY
Mutation.removePasskey     passkey         | UNAUTHENTICATED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED
Mutation.renewRecoveryCodes -               | UNAUTHENTICATED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED  SECOND_FACTOR_REQUIRED
Mutation.requestPasskeyChallenge -               | data  data  data  data  data
Mutation.announceCorporateAction -         | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.createAccount     -               | UNAUTHENTICATED  FORBIDDEN  data       data   data
Mutation.updateAccount     spareAccount    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.depositFunds      spareAccount    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.depositFunds      externalAccount | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.withdrawFunds     spareAccount    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.resetAccount      spareAccount    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.recordTrade       externalAccount | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.closeAccount      spareAccount    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.createStatement   account         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Mutation.createApiKey      -               | UNAUTHENTICATED  data       data       data   data
Mutation.createModel       -               | UNAUTHENTICATED  FORBIDDEN  data       data   data
Mutation.createUser        -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.deleteCredential  credential      | UNAUTHENTICATED  SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED
Mutation.deleteUser        goneUser        | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.disableUser       pendingUser     | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.enableUser        pendingUser     | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.endSession        session         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Mutation.logIn             -               | data             data       data       data   data
Mutation.logOut            -               | UNAUTHENTICATED  data       data       data   data
Mutation.placeOrder        account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.cancelOnDisconnect account        | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  SOCKET_REQUIRED NOT_FOUND
Mutation.replaceOrder      restingOrder    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.closePosition     account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.closeAllPositions publishedAccount| UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.placeOrders       account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.placeOrder        publishedAccount| UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.refreshSession    -               | INVALID_REFRESH_TOKEN INVALID_REFRESH_TOKEN INVALID_REFRESH_TOKEN INVALID_REFRESH_TOKEN INVALID_REFRESH_TOKEN
Mutation.rejectUser        unwantedUser    | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.revokeApiKey      apiKey          | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   data
Mutation.retryMail         -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.connectBroker     credential      | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  BAD_USER_INPUT NOT_FOUND
Mutation.changeBrokerKeys  account         | UNAUTHENTICATED  FORBIDDEN  SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED
Mutation.disconnectBroker  account         | UNAUTHENTICATED  FORBIDDEN  SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED
Mutation.setLiveTrading    account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.setKillSwitch     account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   data
Mutation.setKillSwitch     user            | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  data   data
Mutation.setKillSwitch     -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.setRiskLimits     account         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   data
Mutation.setRiskLimits     user            | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  data   data
Mutation.setRiskLimits     -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.setUserRole       pendingUser     | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.signUp            -               | data             data       data       data   data
Mutation.startModel        privateModel    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.startModel        publishedModel  | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.stopModel         privateModel    | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Mutation.stopModel         publishedModel  | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Mutation.storeCredential   -               | UNAUTHENTICATED  FORBIDDEN  SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED SECOND_FACTOR_REQUIRED
Mutation.updateModel       privateModel    | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.updateModel       publishedModel  | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.updateSettings    -               | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.updateUser        pendingUser     | UNAUTHENTICATED  FORBIDDEN  FORBIDDEN  FORBIDDEN data
Mutation.createWebhook     -               | UNAUTHENTICATED  FORBIDDEN  data       data   data
Mutation.updateWebhook     webhook         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Mutation.rotateWebhookSecret webhook       | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.replayWebhook     webhook         | UNAUTHENTICATED  FORBIDDEN  NOT_FOUND  data   NOT_FOUND
Mutation.deleteWebhook     webhook         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.agentLog      privateModel    | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.agentLog      publishedModel  | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.balanceChanged -              | UNAUTHENTICATED  silent     silent     data   silent
Subscription.balanceChanged account        | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.deploymentRiskEvents - | UNAUTHENTICATED  data       data       data   data
Subscription.equityUpdated account         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.positionMarks account         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.orderEvents   -               | UNAUTHENTICATED  silent     silent     data   silent
Subscription.orderEvents   account         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.positionChanged -             | UNAUTHENTICATED  silent     silent     data   silent
Subscription.positionChanged account       | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.riskEvents    -               | UNAUTHENTICATED  silent     silent     data   data
Subscription.riskEvents    account         | UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.quotes        -               | data             data       data       data   data
Subscription.tradeExecuted -               | UNAUTHENTICATED  silent     silent     data   silent
Subscription.tradeExecuted publishedAccount| UNAUTHENTICATED  NOT_FOUND  NOT_FOUND  data   NOT_FOUND
Subscription.viewerEvents  -               | UNAUTHENTICATED  silent     silent     data   silent
`;
