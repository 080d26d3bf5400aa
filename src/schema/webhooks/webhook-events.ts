import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type { WebhookEnd } from '../../services/webhooks/events.ts';
import type { FailureCode } from '../../services/webhooks/failures.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { WebhookFailureCodeEnum } from './webhook-enums.ts';
import { Webhook } from './webhook.ts';

export const WebhookDisabled = builder
  .objectRef<OwnEvent<WebhookEnd>>('WebhookDisabled')
  .implement({
    description:
      'A webhook was given up, since its receiver took nothing however often it was tried.',
    fields: (t) => ({
      cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
      occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
      webhookId: t.globalID({
        description: 'Id of the webhook, which you may have deleted since.',
        resolve: ({ row }) => ({ type: Webhook, id: row.webhookId }),
      }),
      code: t.field({
        type: WebhookFailureCodeEnum,
        description: 'Why the last try failed.',
        resolve: ({ row }) => row.code as FailureCode,
      }),
      message: t.string({
        description: 'The same in words.',
        resolve: ({ row }) => row.message,
      }),
    }),
  });
