import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import {
  Passkey,
  PasskeyConnection,
  SecondFactorsRef,
} from '../../schema/accounts/second-factor.ts';
import { ViewerRef } from '../../schema/accounts/user.ts';
import { listedPage } from '../pages.ts';

builder.objectField(ViewerRef, 'secondFactors', (t) =>
  t.field({
    type: SecondFactorsRef,
    description: 'What you show beside your password, or in place of it.',
    resolve: (_viewer, _args, { viewer, services }) => services.secondFactors.overview(viewer),
  }),
);

builder.objectField(SecondFactorsRef, 'passkeys', (t) =>
  t.connection(
    {
      type: Passkey,
      description: 'Your passkeys, newest first.',
      complexity: (args) => pageCost(args),
      resolve: (_factors, args, { viewer, services: { passkeys } }) =>
        listedPage(args, {
          timeField: 'createdAt',
          list: (selection) => passkeys.list(viewer, selection),
          count: () => passkeys.count(viewer),
        }),
    },
    PasskeyConnection,
  ),
);
