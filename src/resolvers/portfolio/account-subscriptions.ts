import { builder } from '../../schema/builder.ts';
import { AFTER } from '../../schema/platform/event-words.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  BalanceChangedPayload,
  PositionChangedPayload,
  TradeExecutedPayload,
} from '../../schema/portfolio/account-events.ts';

builder.subscriptionFields((t) => {
  const args = () => ({
    accountId: t.arg.globalID({
      for: Account,
      required: false,
      description: 'Only of this account. All of yours when it is left out.',
    }),
    after: t.arg({ type: 'Cursor', required: false, description: AFTER }),
  });
  return {
    tradeExecuted: t.field({
      type: TradeExecutedPayload,
      description:
        'Your trades as they are made, each once and in order. Without `after` the latest one ' +
        'comes first.',
      args: args(),
      subscribe: (_root, { accountId, after }, { viewer, services }) =>
        services.accountEvents.trades(viewer, {
          accountId: accountId?.id,
          after: after ?? undefined,
        }),
      resolve: (item) => item,
    }),
    balanceChanged: t.field({
      type: BalanceChangedPayload,
      description:
        'The balances of your accounts as they change, in order. Without `after` the current ones ' +
        'come first.',
      args: args(),
      subscribe: (_root, { accountId, after }, { viewer, services }) =>
        services.accountEvents.balances(viewer, {
          accountId: accountId?.id,
          after: after ?? undefined,
        }),
      resolve: (item) => item,
    }),
    positionChanged: t.field({
      type: PositionChangedPayload,
      description:
        'Your positions as they change, in order; one that was closed comes a last time. Without ' +
        '`after` the open ones come first, at most the newest 100.',
      args: args(),
      subscribe: (_root, { accountId, after }, { viewer, services }) =>
        services.accountEvents.positions(viewer, {
          accountId: accountId?.id,
          after: after ?? undefined,
        }),
      resolve: (item) => item,
    }),
  };
});
