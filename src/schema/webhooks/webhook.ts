import type { KeptSecret } from '../../services/webhooks/webhooks.ts';
import { WebhookLimit } from '../../services/webhooks/errors.ts';
import type { FailureCode } from '../../services/webhooks/failures.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { connectionOf } from '../list.ts';
import { WebhookEventTypeEnum, WebhookFailureCodeEnum, WebhookStateEnum } from './webhook-enums.ts';

type EventType = (typeof WebhookEventTypeEnum)['$inferType'];

export const Webhook = builder.prismaNode('Webhook', {
  nullable: true,
  description:
    'Sends what happens to what is yours to a URL, in order and each event at least once, signed as Standard ' +
    'Webhooks says. Yours alone: no administrator and no API key sees it.',
  id: { field: 'id' },
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where to.' }),
    types: t.field({
      type: [WebhookEventTypeEnum],
      description: 'What it sends. Empty: everything, also what there is to come.',
      select: { types: true },
      resolve: ({ types }) => types as EventType[],
    }),
    state: t.expose('state', { type: WebhookStateEnum, description: 'Whether it sends.' }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'Everything up to here was taken by the receiver.',
    }),
    failedAttempts: t.exposeInt('attempt', {
      description: 'How often the event at hand was tried in vain.',
    }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried again. Null unless it is RETRYING.',
      select: { state: true, nextAttemptAt: true },
      resolve: ({ state, nextAttemptAt }) => (state === 'RETRYING' ? nextAttemptAt : null),
    }),
    lastDeliveredAt: t.expose('lastDeliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the receiver took something last. Null when it never did.',
    }),
    lastFailedAt: t.expose('lastFailedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a try failed last. Null when none has.',
    }),
    lastFailureCode: t.field({
      type: WebhookFailureCodeEnum,
      nullable: true,
      description: 'Why it failed then. Null when none has.',
      select: { lastFailureCode: true },
      resolve: ({ lastFailureCode }) => lastFailureCode as FailureCode | null,
    }),
    lastFailureMessage: t.exposeString('lastFailure', {
      nullable: true,
      description: 'The same in words. Never what the receiver answered. Null when none has.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When you made it.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When you changed it last.',
    }),
  }),
});

export const WebhookConnection = connectionOf(Webhook, { name: 'Webhook', entries: 'webhooks' });

const SECRET =
  'What its messages are signed with, which is shown this once. Null when the same was asked for before: ' +
  'rotate it, if the first answer was lost.';

export const CreateWebhookSuccess = builder
  .objectRef<KeptSecret>('CreateWebhookSuccess')
  .implement({
    description: 'The webhook is there, and begins with what happens from now on.',
    fields: (t) => ({
      webhook: t.field({
        type: Webhook,
        description: 'The webhook.',
        resolve: ({ webhook }) => webhook,
      }),
      secret: t.exposeString('secret', { nullable: true, description: SECRET }),
    }),
  });

export const RotateWebhookSecretSuccess = builder
  .objectRef<KeptSecret>('RotateWebhookSecretSuccess')
  .implement({
    description:
      'It has another secret. For a day, messages are signed with the one before as well.',
    fields: (t) => ({
      webhook: t.field({
        type: Webhook,
        description: 'The webhook.',
        resolve: ({ webhook }) => webhook,
      }),
      secret: t.exposeString('secret', { nullable: true, description: SECRET }),
    }),
  });

export const DeleteWebhookSuccess = builder
  .objectRef<{ readonly webhookId: string }>('DeleteWebhookSuccess')
  .implement({
    description: 'The webhook is gone, and sends nothing more.',
    fields: (t) => ({
      webhookId: t.globalID({
        description: 'Id of what is not there any more, for caches.',
        resolve: ({ webhookId }) => ({ type: Webhook, id: webhookId }),
      }),
    }),
  });

builder.objectType(WebhookLimit, {
  name: 'WebhookLimitError',
  description: 'You have as many webhooks as one may have. Delete one first.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many webhooks one may have.' }),
  }),
});
