import { builder } from '../../schema/builder.ts';
import { AFTER } from '../../schema/platform/event-words.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  DeploymentRiskEventPayload,
  RiskEventPayload,
  riskItemOf,
} from '../../schema/trading/risk-events.ts';

builder.subscriptionFields((t) => ({
  riskEvents: t.field({
    type: RiskEventPayload,
    description:
      'Your kill switches and limits as they change, each once and in order, whether you or an administrator ' +
      'changed them. Without `after` the switches that are on and the limits that are set come first, at ' +
      'most the newest 100 of each. Those of the whole deployment are `deploymentRiskEvents`.',
    args: {
      accountId: t.arg.globalID({
        for: Account,
        required: false,
        description:
          'Only those set for this account by itself. Yours and those of all your accounts when it is left out.',
      }),
      after: t.arg({ type: 'Cursor', required: false, description: AFTER }),
    },
    subscribe: (_root, { accountId, after }, { viewer, services }) =>
      services.riskEvents.own(viewer, { accountId: accountId?.id, after: after ?? undefined }),
    resolve: riskItemOf,
  }),
  deploymentRiskEvents: t.field({
    type: DeploymentRiskEventPayload,
    description:
      'Whether the whole deployment takes orders, and that its limits have changed, each change once and in ' +
      'order. Without `after` whether it does now comes first.',
    args: { after: t.arg({ type: 'Cursor', required: false, description: AFTER }) },
    subscribe: (_root, { after }, { viewer, services }) =>
      services.riskEvents.deployment(viewer, { after: after ?? undefined }),
    resolve: riskItemOf,
  }),
}));
