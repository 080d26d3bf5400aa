import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { EquityUpdate, PositionMarks } from '../../schema/portfolio/live-account.ts';

builder.subscriptionFields((t) => {
  const args = () => ({
    accountId: t.arg.globalID({ for: Account, description: 'The account.' }),
  });
  return {
    equityUpdated: t.field({
      type: EquityUpdate,
      description:
        'What an account is worth, now and as prices, trades and cash move it: at most four times a ' +
        'second. A slow reader misses values in between, never the newest.',
      args: args(),
      subscribe: (_root, { accountId }, { viewer, services }) =>
        services.liveAccounts.follow(viewer, accountId.id),
      resolve: (value) => value,
    }),
    positionMarks: t.field({
      type: PositionMarks,
      description:
        'All open positions of an account with their prices, now and as prices and trades move them: ' +
        'at most four times a second. A slow reader misses values in between, never the newest.',
      args: args(),
      subscribe: (_root, { accountId }, { viewer, services }) =>
        services.liveAccounts.follow(viewer, accountId.id),
      resolve: (value) => value,
    }),
  };
});
