import { builder } from '../builder.ts';

/** By the types of the events that they stand for. */
export const WebhookEventTypeEnum = builder.enumType('WebhookEventType', {
  description:
    'What a webhook sends: the same as `viewerEvents`, each by the name of its type there.',
  values: {
    TRADE_EXECUTED: { value: 'TradeExecuted', description: 'A trade was made.' },
    BALANCE_CHANGED: { value: 'BalanceChanged', description: 'The cash of an account changed.' },
    POSITION_CHANGED: { value: 'PositionChanged', description: 'A position changed.' },
    ORDER_CHANGED: { value: 'OrderChanged', description: 'An order was taken, or changed.' },
    KILL_SWITCH_CHANGED: { value: 'KillSwitchChanged', description: 'A kill switch was turned.' },
    RISK_LIMITS_CHANGED: { value: 'RiskLimitsChanged', description: 'Limits were set.' },
    AGENT_LOGGED: { value: 'AgentLogged', description: 'A model wrote into its log.' },
    MODEL_CHANGED: { value: 'ModelChanged', description: 'A model was made, or changed.' },
    WEBHOOK_DISABLED: { value: 'WebhookDisabled', description: 'A webhook was given up.' },
  },
});

export const WebhookStateEnum = builder.enumType('WebhookState', {
  description: 'Whether a webhook sends.',
  values: {
    ACTIVE: { description: 'It sends what happens.' },
    RETRYING: { description: 'The event at hand was not taken, and is tried again.' },
    PAUSED: { description: 'You paused it. It goes on where it stands when you say so.' },
    DISABLED: {
      description:
        'An event was not taken in ten tries, almost a day, or the receiver said that it is gone (410). It ' +
        'goes on where it stands when you say so.',
    },
  },
});

export const WebhookFailureCodeEnum = builder.enumType('WebhookFailureCode', {
  description: 'Why an event was not taken.',
  values: {
    NO_ADDRESS: { description: 'The name of the receiver has no address.' },
    INSIDE_ADDRESS: { description: 'It leads to no address of the internet.' },
    CONNECTION_FAILED: { description: 'No connection, or one that was broken off.' },
    TLS_FAILED: { description: 'The certificate is not one to be trusted.' },
    TIMED_OUT: { description: 'No connection within 5 seconds, or no answer within 10.' },
    REDIRECTED: { description: 'An answer that leads elsewhere (3xx), which is not followed.' },
    BAD_STATUS: { description: 'An answer with another status than 2xx.' },
    GONE: { description: 'An answer with the status 410, which ends the webhook.' },
  },
});
