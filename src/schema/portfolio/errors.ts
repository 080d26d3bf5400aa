import {
  AccountClosed,
  AccountKindMismatch,
  AccountLimit,
  AccountNotEmpty,
  AccountOfModel,
  AnnouncementTooLate,
  TradeOutOfOrder,
  WithdrawalTooLarge,
} from '../../services/portfolio/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { AccountKindEnum } from './account.ts';

const interfaces = [ErrorInterface];

builder.objectType(AccountLimit, {
  name: 'AccountLimitError',
  description: 'You have as many open accounts as one may have, those of models not counted.',
  interfaces,
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many one may have.' }) }),
});

builder.objectType(AccountKindMismatch, {
  name: 'AccountKindMismatchError',
  description: 'This is not for accounts of its kind.',
  interfaces,
  fields: (t) => ({ kind: t.expose('kind', { type: AccountKindEnum, description: 'Its kind.' }) }),
});

builder.objectType(AccountOfModel, {
  name: 'AccountOfModelError',
  description:
    'A model trades the account: its score would mean nothing if money came and went by hand.',
  interfaces,
});

builder.objectType(AccountClosed, {
  name: 'AccountClosedError',
  description: 'The account is closed, and kept for the record alone.',
  interfaces,
});

builder.objectType(AccountNotEmpty, {
  name: 'AccountNotEmptyError',
  description: 'Orders or positions are open in the account.',
  interfaces,
  fields: (t) => ({
    openOrders: t.exposeInt('openOrders', { description: 'Orders that work.' }),
    openPositions: t.exposeInt('openPositions', { description: 'Positions that are open.' }),
  }),
});

builder.objectType(WithdrawalTooLarge, {
  name: 'WithdrawalTooLargeError',
  description: 'More was to be taken out than is free.',
  interfaces,
  fields: (t) => ({
    required: t.expose('required', { type: 'Decimal', description: 'What was asked for.' }),
    available: t.expose('available', {
      type: 'Decimal',
      description: 'The buying power: cash less what open orders and shorts hold back.',
    }),
  }),
});

builder.objectType(TradeOutOfOrder, {
  name: 'TradeOutOfOrderError',
  description: 'A later trade, split or dividend of the same instrument is booked already.',
  interfaces,
  fields: (t) => ({
    newestAt: t.expose('newestAt', {
      type: 'DateTime',
      description: 'When what stands in the way was: the newest trade, or the split or dividend.',
    }),
  }),
});

builder.objectType(AnnouncementTooLate, {
  name: 'AnnouncementTooLateError',
  description: 'What is announced takes effect later, and not in the past.',
  interfaces,
  fields: (t) => ({
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'The time given.' }),
  }),
});
