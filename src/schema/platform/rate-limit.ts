import type { CostBudgetState } from '../../services/accounts/cost-budget.ts';
import { builder } from '../builder.ts';

export const RateLimit = builder.objectRef<CostBudgetState>('RateLimit').implement({
  description:
    'What your operations may cost together in a minute. Each answer tells the same in ' +
    '`extensions.cost`.',
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'By your role; without a log-in, by address.' }),
    remaining: t.exposeInt('remaining', {
      description: 'What is left, this operation taken off. Operations that cost more are refused.',
    }),
    resetAt: t.expose('resetAt', { type: 'DateTime', description: 'When all of it is back.' }),
  }),
});
