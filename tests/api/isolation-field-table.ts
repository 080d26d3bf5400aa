/**
 * Who sees the fields of a type.
 * - `everyone`: whoever asks; `market`: the same, unless market data is closed.
 * - `readers`: who may see the object at all, as the lines of `Query.node` above say.
 * - `owner`: the owner and administrators alone, also where others see the object.
 * - `self`: the owner alone, and no administrator.
 * - `admin`: administrators alone.
 * - `caller`: they stand in an answer to the caller's own write or stream, and nowhere else.
 */
export const FIELD_TABLE = `
Account readers:         asOf asOfCursor dayPnl equity fees ledger marketValue realizedPnl statement totalsByAssetClass
                         unrealizedPnl brokerConnection buyingPower cash createdAt currency id kind model name orders owner positions effectiveRiskLimits killSwitch
                         killSwitchByAdministrator riskLimits riskLimitsByAdministrator
                         reserved startingCash status trades zone
AccountClosedError caller: code message
AccountKindMismatchError caller: code kind message
AccountLimitError caller: code limit message
AccountNotEmptyError caller: code message openOrders openPositions
AccountOfModelError caller: code message
AccountStatement everyone: closingCash closingEquity corrections deposits dividends entryCount fees from
                         openingCash openingEquity resets to trades withdrawals
AnnounceCorporateActionSuccess caller: corporateAction
AnnouncementTooLateError caller: code effectiveAt message
AssetClassTotal everyone: assetClass marketValue positionCount unrealizedPnl weight
CloseAccountSuccess caller: account
CorporateAction everyone: amount appliedAt createdAt effectiveAt id instrument kind ratioFrom ratioTo
CorporateActionConnection everyone: edges nodes pageInfo totalCount
CorporateActionEdge everyone: cursor node
CreateAccountSuccess caller: account
CreateStatementSuccess caller: expiresAt path
DepositFundsSuccess caller: account
FigureTimes everyone:    dayStartedAt isStale oldestMarkAt time
LedgerEntry everyone:    amount cause currency occurredAt recordedAt trade transferId
LedgerEntryConnection everyone: edges nodes pageInfo totalCount
LedgerEntryEdge everyone: cursor node
RecordTradeSuccess caller: trade
ResetAccountSuccess caller: account
TradeOutOfOrderError caller: code message newestAt
UpdateAccountSuccess caller: account
WithdrawFundsSuccess caller: account
WithdrawalTooLargeError caller: available code message required
AccountConnection everyone: edges nodes pageInfo totalCount
AccountEdge everyone:    cursor node
AccountNotActiveError caller: code message orderId status
Admin admin:             accounts apiKeys approvedEmails auditLog leaderboard mails models pendingUsers settings statistics killSwitches riskLimits
                         user users
ApiKey readers:          createdAt environment expiresAt id lastUsedAddress lastUsedAt name networks
                         prefix requestsPerMinute revokedAt scopes
ApiKeyConnection everyone: edges nodes pageInfo totalCount
ApiKeyEdge everyone:     cursor node
AiProvider admin:        baseUrl isEnabled keyFingerprint models name updatedAt
ApiKeyLimitError caller: code limit message
AuditRecord admin:       action actor address after before id isSealed occurredAt requestId targetId
                         targetType userAgent
AuditRecordConnection admin: edges nodes pageInfo totalCount
AuditRecordEdge admin:   cursor node
ConfirmationMismatchError caller: code field message
CreateUserSuccess caller: user
CurrencyVolume admin:    currency trades volume
DayStatistics admin:     date orders refusals trades volumes
DeleteCredentialSuccess caller: credentialId
DeleteUserSuccess caller: user
EmailTakenError caller:  code field message
PeopleStatistics admin:  byRole byStatus
PresentStatistics admin: activeModels failedMails openSessions queuedMails
Statistics admin:        asOf day people present storage
StorageStatistics admin: databaseBytes tables
TableSize admin:         bytes name rows
UpdateUserSuccess caller: user
UserRoleCount admin:     count role
UserStatusCount admin:   count status
AgentLogEntry readers:   content data date id kind model occurredAt runId sequence
AgentLogEntryConnection everyone: edges nodes pageInfo totalCount
AgentLogEntryEdge everyone: cursor node
AgentLogged caller:      cursor entry occurredAt
ApproveEmailsSuccess caller: added
ApprovedEmail admin:     addedBy createdAt email
ApprovedEmailConnection admin: edges nodes pageInfo totalCount
ApprovedEmailEdge admin: cursor node
ChangePasswordSuccess caller: endedSessions
EmailInUseError caller:  code message
InvalidLinkError caller: code message
RequestPasswordResetSuccess caller: isRequested
ResendVerificationSuccess caller: isRequested
ResetPasswordSuccess caller: isReset
UnapproveEmailSuccess caller: wasApproved
UpdateProfileSuccess caller: user
UpdateSettingsSuccess caller: settings
VerifyEmailSuccess caller: status username
ApproveUserSuccess caller: user
BalanceChanged caller:   account cursor occurredAt
Bar market:              close closeTime high interval knownAt low open openTime source volume
BrokerConnection readers: broker createdAt discrepancies exchange isLiveEnabled isSandbox reconciledAt
BrokerDiscrepancy readers: kind noticedAt ours resolvedAt subject theirs
BrokerAlreadyConnectedError caller: accountId code message
BrokerAccountMismatchError caller: code message
ChangeBrokerKeysSuccess caller: account
DisconnectBrokerSuccess caller: account
OrdersOpenAtBrokerError caller: code message openOrders
BrokerBusyError caller:  code message retryAfterSeconds
BrokerRefusedError caller: code message reasonCode
BrokerUnreachableError caller: code message
ConnectBrokerSuccess caller: account
SetLiveTradingSuccess caller: account
LiveTradingDisabledError caller: code message missing orderId
BarConnection market:    edges nodes pageInfo totalCount
BarEdge market:          cursor node
CancelAllOrdersSuccess caller: orders
CancelOnDisconnectSuccess caller: disconnectSwitch
DisconnectSwitch caller: graceSeconds isArmed
SocketRequiredError caller: code message
CancelOrderSuccess caller: order
CloseAllPositionsSuccess caller: order
ClosePositionSuccess caller: order
NothingHeldError caller: code message symbol
OrdersAtBrokerError caller: code message symbol
CreateApiKeySuccess caller: apiKey secret
CreateModelSuccess caller: model
Credential self:         createdAt fingerprint id kind lastUsedAt name provider updatedAt
CredentialConnection everyone: edges nodes pageInfo totalCount
CredentialEdge everyone: cursor node
CurrencyMismatchError caller: accountCurrency code instrumentCurrency message orderId
EquityBenchmark market:  from points return symbol to
EquityBenchmarkPoint market: at value
EquityCurve everyone:    benchmark currency from pointCount points to
EquityPoint everyone:    at cash equity unrealizedPnl
EquityUpdate caller:     account asOf buyingPower cash dayPnl equity isStale marketValue reserved
                         unrealizedPnl
DisableUserSuccess caller: user
EnableUserSuccess caller: user
EffectiveRiskLimits readers: allowedSymbols dailyLossLimit maxInstrumentPrice maxOrderValue
                         maxPositionShare ordersPerMinute priceCollar
RiskLimits readers:      allowedSymbols dailyLossLimit isByAdministrator maxInstrumentPrice maxOrderValue
                         maxPositionShare ordersPerMinute priceCollar scope updatedAt
KillSwitch readers:      changedAt isByAdministrator isOn reason scope
KillSwitchChanged caller: account cursor killSwitch occurredAt
RiskLimitsChanged caller: account cursor occurredAt riskLimits
TradingStatusChanged caller: cursor occurredAt status
DeploymentLimitsChanged caller: cursor occurredAt
TradingStatus everyone:  isHalted reason since
SetKillSwitchSuccess caller: killSwitch
SetRiskLimitsSuccess caller: riskLimits
TradingHaltedError caller: code haltReason isByAdministrator message orderId scope since
SymbolNotAllowedError caller: code message orderId symbol
InstrumentPriceTooHighError caller: code maximum message orderId price
OrderValueTooHighError caller: code maximum message orderId value
PositionTooLargeError caller: code maximum maximumShare message orderId value
DailyLossReachedError caller: code loss maximum message orderId
TooManyOrdersError caller: code maximum message orderId retryAfterSeconds
HaltedByAdministratorError caller: code haltReason message since
EndSessionSuccess caller: session
Health everyone:         checkedAt database email eventBus status version
IdempotencyConflictError caller: code key message
CalendarUnknownError caller: calendar code message orderId symbol validUntil
Instrument market:       assetClass calendar calendarValidUntil createdAt currency feeBps feeMinimum
                         feePerUnit id isOpen isTradable lotSize name nextClose nextOpen quote session
                         source symbol tickSize zone
MarketClosedError caller: code message opensAt orderId symbol
MarketSession market:    closesAt day opensAt
InstrumentConnection market: edges nodes pageInfo totalCount
InstrumentEdge market:   cursor node
InstrumentNotTradableError caller: code message orderId symbol
InsufficientFundsError caller: available code message orderId required
InsufficientPositionError caller: available code message orderId required
InvalidCredentialsError caller: code message
InvalidPasskeyError caller: code message
InvalidPriceError caller: code field message orderId tickSize
InvalidQuantityError caller: code lotSize message orderId
InvalidRefreshTokenError caller: code message
InvalidSecondFactorError caller: code message
Leaderboard everyone:    asOf benchmark computedAt entries metric minimumSample window
LeaderboardBenchmark everyone: from maxDrawdown return symbol to
LeaderboardEntry everyone: baseEquity confidenceHigh confidenceLow corrections currency equity
                         isStale maxDrawdown model modelName rank
                         return sampleSize startingEquity version
LeaderboardEntryConnection everyone: edges nodes pageInfo totalCount
LeaderboardEntryEdge everyone: cursor node
LogInSuccess caller:     accessToken expiresAt refreshExpiresAt refreshToken userId
LogOutSuccess caller:    isLoggedOut
Mail admin:              attempts createdAt id lastError nextAttemptAt recipient sentAt status template
MailConnection admin:    edges nodes pageInfo totalCount
MailEdge admin:          cursor node
MailStateConflictError caller: code message status
Model readers:           createdAt currency id intervalSeconds log logVisibility modelName name
                         provider startingCash status trader universe updatedAt version visibility
ModelChanged caller:     cursor model occurredAt
Model owner:             accounts costUsd owner prompt
ModelConnection everyone: edges nodes pageInfo totalCount
ModelEdge everyone:      cursor node
ModelImportedError caller: code message
ModelStateConflictError caller: code message status
NewsArticle market:      id mentions publishedAt sentiment source summary symbols title url
NewsArticleConnection market: edges nodes pageInfo totalCount
NewsArticleEdge market: cursor node
NewsMention market:      relevance sentiment symbol
NoQuoteError caller:     code message orderId symbol
NotionalTooSmallError caller: code message minimum notional orderId
Order readers:           acceptedAt account averageFillPrice brokerOrderId cancelRequestedAt canceledAt
                         clientOrderId createdAt deniedAt expiredAt expiresAt filledAt filledQuantity
                         group groupId id instrument leg limitPrice notional orderClass partiallyFilledAt
                         quantity reason reasonCode rejectedAt replacedAt replacedBy replaces reserved
                         runId side status stopPrice submittedAt timeInForce timeline trades trailAmount
                         trailPercent triggeredAt type unansweredAt updatedAt version
OrderNotReplaceableError caller: code filledQuantity message orderId status
PriceOnWrongSideError caller: code field message orderId price reference where
ReplacementUnsupportedError caller: code message venue
OrderChanged caller:     cursor occurredAt order
OrderConnection everyone: edges nodes pageInfo totalCount
OrderEdge everyone:      cursor node
OrderStep readers:        at latencyMs reasonCode recordedAt status
OrderPreview self:        buyingPower buyingPowerAfter fee isAllowed notional price refusal reserve
                         slippage
OrderNotCancelableError caller: code message orderId status
OwnAccountError caller:  code message
PageInfo everyone:       endCursor hasNextPage hasPreviousPage startCursor
Passkey self:            createdAt id isBackedUp lastUsedAt name
PasskeyConnection everyone: edges nodes pageInfo totalCount
PasskeyEdge self:        cursor node
ReplaceOrderSuccess caller: order
PlaceOrderSuccess caller: order
PlaceOrdersSuccess caller: order
PriceOutOfRangeError caller: code message orderId price worst
Position readers:        weight account asOf averagePrice closedAt id instrument mark marketValue openedAt
                         quantity realizedPnl totalCost unrealizedPnl updatedAt
PositionChanged caller:  cursor occurredAt position
PositionConnection everyone: edges nodes pageInfo totalCount
PositionEdge everyone:   cursor node
PositionMarks caller:    asOf positions
PositionMark everyone:   isStale price source time
Quote market:            ask askSize bid bidSize instrument last source symbol time
RateLimit everyone:      limit remaining resetAt
RefreshSessionSuccess caller: accessToken expiresAt refreshExpiresAt refreshToken userId
RetryMailSuccess caller: mail
RevokeApiKeySuccess caller: apiKey
RejectUserSuccess caller: user
SecondFactorRequiredError caller: code message methods
SecondFactors everyone:  freshUntil isFresh passkeys recoveryCodesLeft totpEnabledAt
ConfirmSecondFactorSuccess caller: freshUntil method
ConfirmTotpSuccess caller: recoveryCodes
DisableTotpSuccess caller: secondFactors
EnableTotpSuccess caller: secret uri
RegisterPasskeySuccess caller: passkey recoveryCodes
RemovePasskeySuccess caller: secondFactors
RenewRecoveryCodesSuccess caller: recoveryCodes
RequestPasskeyChallengeSuccess caller: expiresAt options
Session readers:         address createdAt endedAt expiresAt id isCurrent lastUsedAt userAgent
SessionConnection everyone: edges nodes pageInfo totalCount
SessionEdge everyone:    cursor node
Settings admin:          aiProviders
SetUserRoleSuccess caller: user
SignUpSuccess caller:    status username
StartModelSuccess caller: model
StopModelSuccess caller: model
StoreCredentialSuccess caller: credential
StreamGap caller:        from oldest reason
TooManyCredentialsError caller: code limit message
TooManyPasskeysError caller: code limit message
TotpAlreadyEnabledError caller: code message
Trade readers:           account brokerTradeId cashAmount executedAt fee feeModel flags id instrument liquidity
                         liquidityModel order price quantity quoteAsk quoteBid quoteTime realizedGross
                         realizedNet recordedAt side slippage slippageModel source
TradeConnection everyone: edges nodes pageInfo totalCount
TradeEdge everyone:      cursor node
TradeExecuted caller:    cursor occurredAt trade
UpdateModelSuccess caller: model
UserConnection admin:    edges nodes pageInfo totalCount
UserEdge admin:          cursor node
UserStateConflictError caller: code message status
User admin:              signUpRisks
User readers:            accountType createdAt email emailVerifiedAt fullName id kycStatus role status
                         username
UsernameTakenError caller: code field message username
ValuedPosition caller:   isStale marketValue position price pricedAt symbol unrealizedPnl weight
Viewer everyone:         asOfCursor account accounts apiKeys credentials models secondFactors sessions webhooks user killSwitch killSwitchByAdministrator riskLimits riskLimitsByAdministrator
ViewerEventsPage everyone: cursor events hasMore
WeakPasswordError caller: code field message
CreateWebhookSuccess caller: secret webhook
UpdateWebhookSuccess caller: webhook
ReplayWebhookSuccess caller: webhook
RotateWebhookSecretSuccess caller: secret webhook
DeleteWebhookSuccess caller: webhookId
Webhook self:            createdAt cursor failedAttempts id lastDeliveredAt lastFailedAt lastFailureCode
                         lastFailureMessage nextAttemptAt state types updatedAt url
WebhookConnection everyone: edges nodes pageInfo totalCount
WebhookEdge everyone:    cursor node
WebhookDisabled caller:  code cursor message occurredAt webhookId
WebhookLimitError caller: code limit message
`;
