import { IdempotencyConflict, type DomainError } from '../services/platform/errors.ts';
import { builder } from './builder.ts';

const CODES = {
  API_KEY_LIMIT: { description: 'You have as many open keys as one may have.' },
  ACCOUNT_CLOSED: { description: 'The account is kept for the record alone.' },
  ACCOUNT_KIND_MISMATCH: { description: 'It is not for accounts of this kind.' },
  ACCOUNT_LIMIT: { description: 'You have as many open accounts as one may have.' },
  ACCOUNT_NOT_EMPTY: { description: 'Orders or positions are open in the account.' },
  ACCOUNT_OF_MODEL: { description: 'A model trades the account.' },
  ANNOUNCEMENT_TOO_LATE: { description: 'What is announced takes effect later.' },
  ACCOUNT_NOT_ACTIVE: { description: 'The account may not trade.' },
  CALENDAR_UNKNOWN: { description: 'The sessions of the instrument are not known that far.' },
  CONFIRMATION_MISMATCH: { description: 'What was typed to confirm it is something else.' },
  CURRENCY_MISMATCH: { description: 'The instrument is in another currency than the account.' },
  DAILY_LOSS_REACHED: { description: 'The account lost as much today as it may.' },
  EMAIL_TAKEN: { description: 'An account has the e-mail. Told to administrators alone.' },
  EMAIL_IN_USE: { description: 'The e-mail is that of somebody else.' },
  HALTED_BY_ADMINISTRATOR: { description: 'Only administrators let trading go on again.' },
  IDEMPOTENCY_CONFLICT: { description: 'The key came before, with another request.' },
  INSTRUMENT_NOT_TRADABLE: { description: 'Orders for the instrument are not taken.' },
  INSTRUMENT_PRICE_TOO_HIGH: { description: 'One of the instrument costs more than allowed.' },
  INSUFFICIENT_FUNDS: { description: 'The account has too little buying power.' },
  INSUFFICIENT_POSITION: { description: 'The account holds less than is to be sold.' },
  INVALID_CREDENTIALS: { description: 'No such person, another password, or not active.' },
  INVALID_LINK: { description: 'The link of a mail is not good any more.' },
  INVALID_PASSKEY: { description: 'The answer of the device is not what was asked of it.' },
  INVALID_PRICE: { description: 'A price is off the tick.' },
  INVALID_QUANTITY: { description: 'The quantity is off the lot, or out of range.' },
  INVALID_REFRESH_TOKEN: { description: 'The refresh token is not good any more.' },
  INVALID_SECOND_FACTOR: { description: 'The code is wrong, or was used before.' },
  MAIL_STATE_CONFLICT: { description: 'The mail has not failed, or was sent since.' },
  MARKET_CLOSED: { description: 'The instrument is not traded now.' },
  MODEL_IMPORTED: { description: 'The model shows records and cannot trade.' },
  MODEL_STATE_CONFLICT: { description: 'The state of the model does not allow it.' },
  NOTIONAL_TOO_SMALL: { description: 'The notional does not pay for a single lot.' },
  NO_QUOTE: { description: 'There is no price that is fresh enough.' },
  ORDER_NOT_CANCELABLE: { description: 'The order is not working any more.' },
  ORDERS_OPEN_AT_BROKER: { description: 'Orders may fill at the broker.' },
  ORDER_NOT_REPLACEABLE: { description: 'The order has ended, or is past being replaced.' },
  ORDER_VALUE_TOO_HIGH: { description: 'The order is worth more than the limits allow.' },
  ORDERS_AT_BROKER: { description: 'Open orders at the broker have to be canceled first.' },
  OWN_ACCOUNT: { description: 'Nobody changes their own role or status.' },
  PRICE_ON_WRONG_SIDE: { description: 'A price of a leg lies where it can only harm.' },
  POSITION_TOO_LARGE: { description: 'The position would be too large a share of the equity.' },
  PRICE_OUT_OF_RANGE: { description: 'The limit looks like a slip of the finger.' },
  SECOND_FACTOR_REQUIRED: { description: 'A second factor has to be shown first.' },
  SYMBOL_NOT_ALLOWED: { description: 'The limits leave the instrument out.' },
  NOTHING_HELD: { description: 'There is no position to close.' },
  SOCKET_REQUIRED: { description: 'It must come over a WebSocket.' },
  TOO_MANY_CREDENTIALS: { description: 'You keep as many secrets as one may.' },
  TOO_MANY_ORDERS: { description: 'There were as many orders in a minute as there may be.' },
  TOO_MANY_PASSKEYS: { description: 'There are as many passkeys as there may be.' },
  TRADE_OUT_OF_ORDER: { description: 'A later trade, split or dividend of it is booked already.' },
  TOTP_ALREADY_ENABLED: { description: 'There is an authenticator app already.' },
  BROKER_ACCOUNT_MISMATCH: { description: 'The keys are for another account at the broker.' },
  BROKER_ALREADY_CONNECTED: { description: 'An account is connected with these keys already.' },
  BROKER_BUSY: { description: 'The broker takes no more requests for now.' },
  BROKER_REFUSED: { description: 'The broker said no.' },
  BROKER_UNREACHABLE: { description: 'The broker did not answer.' },
  REPLACEMENT_UNSUPPORTED: { description: 'Orders are not replaced at the venue.' },
  LIVE_TRADING_DISABLED: { description: 'Real money is not traded here.' },
  TRADING_HALTED: { description: 'A kill switch is on: no order is taken.' },
  USERNAME_TAKEN: { description: 'Someone has the user name.' },
  USER_STATE_CONFLICT: { description: 'The person does not stand where the step begins.' },
  WITHDRAWAL_TOO_LARGE: { description: 'More was to be taken out than is free.' },
  WEBHOOK_LIMIT: { description: 'You have as many webhooks as one may have.' },
  WEAK_PASSWORD: { description: 'The password is too easy to guess.' },
} as const;

type Code = keyof typeof CODES;

const ErrorCode = builder.enumType('ErrorCode', {
  description: 'Why something was refused. Codes are never changed, only added.',
  values: CODES,
});

/** What a refusal looks like, whatever it is: clients that do not know a new one read this much. */
export const ErrorInterface = builder.interfaceRef<DomainError>('Error');
ErrorInterface.implement({
  description: 'A refusal that you can act on. Each kind of it adds fields of its own.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'The reason in words, fit to be shown.' }),
    code: t.field({
      type: ErrorCode,
      description: 'The reason for programs.',
      resolve: ({ code }) => code as Code,
    }),
  }),
});

builder.objectType(IdempotencyConflict, {
  name: 'IdempotencyConflictError',
  description: 'The key was used before, with another request. Nothing was done.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The key that you gave.' }),
  }),
});
