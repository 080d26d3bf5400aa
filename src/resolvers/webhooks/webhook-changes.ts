import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { WebhookEventTypeEnum } from '../../schema/webhooks/webhook-enums.ts';
import { RotateWebhookSecretSuccess, Webhook } from '../../schema/webhooks/webhook.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';

builder.mutationFields((t) => ({
  updateWebhook: t.fieldWithInput({
    type: Webhook,
    description:
      'Changes a webhook, pauses it, or sets it going again. What waits for its next try is tried at once.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The webhook is as you want it.' },
      union: { description: 'The webhook was changed, or why it was not.' },
      dataField: { name: 'webhook', description: 'The webhook.' },
    },
    typeOptions: { description: 'What is different. What is left out stays.' },
    argOptions: { description: 'What is different. What is left out stays.' },
    input: {
      webhookId: t.input.globalID({ for: Webhook, description: 'Id of the webhook.' }),
      url: t.input.string({
        required: false,
        description: 'Where to, as for `createWebhook`.',
        validate: z.string().max(2_000),
      }),
      types: t.input.field({
        type: [WebhookEventTypeEnum],
        required: false,
        description: 'What it sends. Null for everything.',
        validate: z.array(z.string()).max(50),
      }),
      isPaused: t.input.boolean({
        required: false,
        description:
          'True pauses it; false sets it going where it stands, also if it was disabled.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.webhooks.update(viewer, {
        ...{ webhookId: input.webhookId.id, idempotencyKey: input.idempotencyKey },
        ...(typeof input.url === 'string' && { url: input.url }),
        ...(input.types !== undefined && { types: input.types }),
        ...(typeof input.isPaused === 'boolean' && { isPaused: input.isPaused }),
      }),
  }),
}));

builder.mutationFields((t) => ({
  rotateWebhookSecret: t.fieldWithInput({
    type: RotateWebhookSecretSuccess,
    description: 'Gives a webhook another secret. The one before is good beside it for a day.',
    errors: {
      directResult: true,
      types: [IdempotencyConflict],
      union: { description: 'The new secret, or why there is none.' },
    },
    typeOptions: { description: 'Which webhook gets another secret.' },
    argOptions: { description: 'Which webhook gets another secret.' },
    input: {
      webhookId: t.input.globalID({ for: Webhook, description: 'Id of the webhook.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { viewer, services }) =>
      services.webhooks.rotateSecret(viewer, { webhookId: webhookId.id, idempotencyKey }),
  }),
  replayWebhook: t.fieldWithInput({
    type: Webhook,
    description:
      'Has a webhook send again what came behind a cursor, with the same ids as before. A cursor ahead of ' +
      'where it stands leaves out what lies between.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The webhook goes on behind the cursor.' },
      union: { description: 'The webhook was set back, or why it was not.' },
      dataField: { name: 'webhook', description: 'The webhook.' },
    },
    typeOptions: { description: 'Which webhook, and from where on.' },
    argOptions: { description: 'Which webhook, and from where on.' },
    input: {
      webhookId: t.input.globalID({ for: Webhook, description: 'Id of the webhook.' }),
      after: t.input.field({
        type: 'Cursor',
        description: 'Go on behind it. What is older than the log is told as a gap.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { webhookId, ...input } }, { viewer, services }) =>
      services.webhooks.replay(viewer, { ...input, webhookId: webhookId.id }),
  }),
}));
