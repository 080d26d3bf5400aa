import { builder } from '../../schema/builder.ts';
import { Health } from '../../schema/platform/health.ts';

builder.queryField('health', (t) =>
  t.field({
    type: Health,
    description: 'How this process and what it needs are. It never fails.',
    resolve: (_root, _args, { services }) => services.health.check(),
  }),
);
