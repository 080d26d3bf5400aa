import { AdminRef, User, ViewerRef } from '../../schema/accounts/user.ts';
import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  EffectiveRiskLimits,
  KillSwitch,
  RiskLimits,
  TradingStatus,
} from '../../schema/trading/risk.ts';
import { given } from '../given.ts';

const LISTED_COST = 100;

builder.objectFields(Account, (t) => ({
  riskLimits: t.field({
    type: RiskLimits,
    nullable: true,
    description: 'Limits that its owner set for this account. Null when they never did.',
    resolve: ({ id }, _args, { load }) => load.byId('limitsOfAccount', id),
  }),
  riskLimitsByAdministrator: t.field({
    type: RiskLimits,
    nullable: true,
    description: 'Limits that administrators set for this account. Null when they never did.',
    resolve: ({ id }, _args, { load }) => load.byId('adminLimitsOfAccount', id),
  }),
  effectiveRiskLimits: t.field({
    type: EffectiveRiskLimits,
    description: 'What its orders are held to, with the limits of its owner and of the deployment.',
    resolve: async ({ id, ownerId }, _args, { load, services }) => {
      const rows = await Promise.all([
        load.byId('limitsOfDeployment', 'DEPLOYMENT'),
        load.byId('limitsOfUser', ownerId),
        load.byId('limitsOfAccount', id),
        load.byId('adminLimitsOfUser', ownerId),
        load.byId('adminLimitsOfAccount', id),
      ]);
      const found = rows.filter((row) => row !== null);
      return { ...services.riskLimitSettings.effective(found), ownerId };
    },
  }),
  killSwitch: t.field({
    type: KillSwitch,
    nullable: true,
    description: "The owner's kill switch of this account. Null when it was never turned.",
    resolve: ({ id }, _args, { load }) => load.byId('killSwitchOfAccount', id),
  }),
  killSwitchByAdministrator: t.field({
    type: KillSwitch,
    nullable: true,
    description: "Administrators' kill switch of this account. Null when it was never turned.",
    resolve: ({ id }, _args, { load }) => load.byId('adminKillSwitchOfAccount', id),
  }),
}));

builder.objectFields(ViewerRef, (t) => ({
  riskLimits: t.field({
    type: RiskLimits,
    nullable: true,
    description: 'Limits that you set for all of your accounts. Null when you never did.',
    resolve: ({ userId }, _args, { load }) => load.byId('limitsOfUser', userId),
  }),
  riskLimitsByAdministrator: t.field({
    type: RiskLimits,
    nullable: true,
    description:
      'Limits that administrators set for all of your accounts. Null when they never did.',
    resolve: ({ userId }, _args, { load }) => load.byId('adminLimitsOfUser', userId),
  }),
  killSwitch: t.field({
    type: KillSwitch,
    nullable: true,
    description: 'Your kill switch of all of your accounts. Null when it was never turned.',
    resolve: ({ userId }, _args, { load }) => load.byId('killSwitchOfUser', userId),
  }),
  killSwitchByAdministrator: t.field({
    type: KillSwitch,
    nullable: true,
    description:
      "Administrators' kill switch of all of your accounts. Null when it was never turned.",
    resolve: ({ userId }, _args, { load }) => load.byId('adminKillSwitchOfUser', userId),
  }),
}));

builder.objectFields(AdminRef, (t) => ({
  riskLimits: t.field({
    type: [RiskLimits],
    description:
      'Limits of a person and of their accounts, or those of the deployment: at most 1,000.',
    args: {
      userId: t.arg.globalID({
        for: User,
        required: false,
        description: 'Whose. Those of the deployment when it is left out.',
      }),
    },
    complexity: { field: LISTED_COST },
    resolve: (_admin, { userId }, { viewer, services }) =>
      services.riskLimitSettings.list(viewer, given({ userId: userId?.id })),
  }),
  killSwitches: t.field({
    type: [KillSwitch],
    description: 'All kill switches that are on, the last turned first: at most 1,000.',
    complexity: { field: LISTED_COST },
    resolve: (_admin, _args, { viewer, services }) => services.killSwitches.listOn(viewer),
  }),
}));

builder.queryField('tradingStatus', (t) =>
  t.field({
    type: TradingStatus,
    nullable: true,
    description:
      'Whether the whole deployment takes orders. Null, with an error, when nobody is logged in.',
    resolve: async (_root, _args, { viewer, services }) =>
      (await services.killSwitches.ofDeployment(viewer)) ?? {},
  }),
);
