import { builder } from '../../schema/builder.ts';
import { User } from '../../schema/accounts/user.ts';
import { Model } from '../../schema/agents/model.ts';
import { Account } from '../../schema/portfolio/account.ts';

builder.objectFields(Account, (t) => ({
  buyingPower: t.field({
    type: 'Decimal',
    description: 'What new orders may use: cash less what open orders hold back.',
    resolve: (account, _args, { services }) => services.valuation.buyingPower(account),
  }),
  owner: t.field({
    type: User,
    nullable: true,
    description: 'Whose it is. Null for a person who no longer exists.',
    resolve: ({ ownerId }, _args, { load }) => load.byId('user', ownerId),
  }),
  model: t.field({
    type: Model,
    nullable: true,
    description: 'The model that trades it. Null when a person does.',
    resolve: ({ modelId }, _args, { load }) =>
      modelId === null ? null : load.byId('model', modelId),
  }),
}));
