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

const EmailStatusEnum = builder.enumType('EmailStatus', {
  description: 'Whether mails leave.',
  values: {
    ON: { description: 'They do.' },
    OFF: {
      description:
        'There is no relay (SMTP_URL): development writes them to files, production keeps them.',
    },
    FAILING: { description: 'The relay takes nothing at the moment; mails wait.' },
  },
});

export const Health = builder.objectRef<HealthReport>('Health').implement({
  description: 'How this process and what it needs are.',
  fields: (t) => ({
    status: t.expose('status', {
      type: HealthStatusEnum,
      description:
        'All in all: DOWN without a database, DEGRADED without an event bus or while mails do not leave.',
    }),
    database: t.expose('database', { type: HealthStatusEnum, description: 'PostgreSQL.' }),
    eventBus: t.expose('eventBus', {
      type: HealthStatusEnum,
      description: 'What carries events between processes, and to subscriptions.',
    }),
    email: t.expose('email', {
      type: EmailStatusEnum,
      description: 'What tells people of sign-ups, links and changes.',
    }),
    version: t.exposeString('version', { description: 'Of the program.' }),
    checkedAt: t.expose('checkedAt', { type: 'DateTime', description: 'When it was looked at.' }),
  }),
});
