import { builder } from '../../schema/builder.ts';
import { RateLimit } from '../../schema/platform/rate-limit.ts';

builder.queryField('rateLimit', (t) =>
  t.field({
    type: RateLimit,
    description: 'What you may still ask for in this minute.',
    resolve: (_root, _args, { viewer, services }) => services.costBudget.state(viewer),
  }),
);
