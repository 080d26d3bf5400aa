import type { HealthReport } from '../../services/platform/health.ts';
import { builder } from '../builder.ts';

const HealthStatusEnum = builder.enumType('HealthStatus', {
  description: 'How a part is.',
  values: {
    OK: { description: 'Works.' },
    DEGRADED: { description: 'Works, but something that belongs to it does not.' },
    DOWN: { description: 'Does not answer.' },
  },
});

export const Health = builder.objectRef<HealthReport>('Health').implement({
  description: 'How this process and what it needs are.',
  fields: (t) => ({
    status: t.expose('status', {
      type: HealthStatusEnum,
      description: 'All in all: DOWN without a database, DEGRADED without an event bus.',
    }),
    database: t.expose('database', { type: HealthStatusEnum, description: 'PostgreSQL.' }),
    eventBus: t.expose('eventBus', {
      type: HealthStatusEnum,
      description: 'What carries events between processes, and to subscriptions.',
    }),
    version: t.exposeString('version', { description: 'Of the program.' }),
    checkedAt: t.expose('checkedAt', { type: 'DateTime', description: 'When it was looked at.' }),
  }),
});
