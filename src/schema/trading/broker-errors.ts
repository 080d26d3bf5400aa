import {
  BrokerAccountMismatch,
  BrokerAlreadyConnected,
  BrokerBusy,
  BrokerRefused,
  BrokerUnreachable,
  LiveTradingDisabled,
  OrdersOpenAtBroker,
  ReplacementUnsupported,
} from '../../services/trading/brokers/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { Account } from '../portfolio/account.ts';
import { OrderDeniedInterface } from './errors.ts';

const interfaces = [ErrorInterface];

builder.objectType(LiveTradingDisabled, {
  name: 'LiveTradingDisabledError',
  description: 'Real money is not traded, by this deployment or by this account.',
  interfaces: [ErrorInterface, OrderDeniedInterface],
  fields: (t) => ({
    missing: t.exposeString('missing', {
      description: 'Whose permission is missing: `DEPLOYMENT` or `ACCOUNT`.',
    }),
  }),
});

builder.objectType(BrokerRefused, {
  name: 'BrokerRefusedError',
  description: 'The broker said no; nothing was done there.',
  interfaces,
  fields: (t) => ({
    reasonCode: t.exposeString('reasonCode', { description: 'In the broker’s own words.' }),
  }),
});

builder.objectType(BrokerUnreachable, {
  name: 'BrokerUnreachableError',
  description: 'The broker did not answer, or has trouble of its own.',
  interfaces,
});

builder.objectType(BrokerBusy, {
  name: 'BrokerBusyError',
  description: 'The broker takes no more requests for now.',
  interfaces,
  fields: (t) => ({
    retryAfterSeconds: t.int({
      description: 'Until the same may be asked for again.',
      resolve: ({ retryAfterMs }) => Math.ceil(retryAfterMs / 1_000),
    }),
  }),
});

builder.objectType(BrokerAlreadyConnected, {
  name: 'BrokerAlreadyConnectedError',
  description: 'An account is connected with these keys already: two would book everything twice.',
  interfaces,
  fields: (t) => ({
    accountId: t.globalID({
      description: 'Id of that account.',
      resolve: ({ accountId }) => ({ type: Account, id: accountId }),
    }),
  }),
});

builder.objectType(ReplacementUnsupported, {
  name: 'ReplacementUnsupportedError',
  description:
    'The venue does not put one order in the place of another: cancel the order there, and place one anew.',
  interfaces,
  fields: (t) => ({
    venue: t.exposeString('venue', { description: 'Which one. Example: `kraken`.' }),
  }),
});

builder.objectType(OrdersOpenAtBroker, {
  name: 'OrdersOpenAtBrokerError',
  description: 'Orders may fill at the broker: cancel them, and wait until they have ended.',
  interfaces,
  fields: (t) => ({
    openOrders: t.exposeInt('openOrders', { description: 'How many.' }),
  }),
});

builder.objectType(BrokerAccountMismatch, {
  name: 'BrokerAccountMismatchError',
  description:
    'The keys are for another account at the broker: our orders, or what our books hold, are not there.',
  interfaces,
});
