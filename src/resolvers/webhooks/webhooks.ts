import { z } from 'zod';
import { ViewerRef } from '../../schema/accounts/user.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { WebhookEventTypeEnum } from '../../schema/webhooks/webhook-enums.ts';
import {
  CreateWebhookSuccess,
  DeleteWebhookSuccess,
  Webhook,
  WebhookConnection,
} from '../../schema/webhooks/webhook.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { WebhookLimit } from '../../services/webhooks/errors.ts';
import { listedPage } from '../pages.ts';

/** More than any of these is; the service says how long they may be. */
const url = z.string().max(2_000);
const types = z.array(z.string()).max(50);
const URL_WORDS =
  'Begins with https:// and leads to a public name, without user, query or fragment.';

builder.objectFields(ViewerRef, (t) => ({
  webhooks: t.connection(
    {
      type: Webhook,
      description: 'Your webhooks, newest first. Not for keys.',
      complexity: (args) => pageCost(args),
      resolve: (_viewer, args, { viewer, services: { webhooks } }) =>
        listedPage(args, {
          timeField: 'createdAt',
          list: (selection) => webhooks.list(viewer, selection),
          count: () => webhooks.count(viewer),
        }),
    },
    WebhookConnection,
  ),
}));

builder.mutationFields((t) => ({
  createWebhook: t.fieldWithInput({
    type: CreateWebhookSuccess,
    description:
      'Has events sent to a URL of yours, from now on. The answer shows the secret that they are signed ' +
      'with, once. For people who are logged in, and not for keys.',
    errors: {
      directResult: true,
      types: [WebhookLimit, IdempotencyConflict],
      union: { description: 'The webhook, or why there is none.' },
    },
    typeOptions: { description: 'What is sent, and where to.' },
    argOptions: { description: 'What is sent, and where to.' },
    input: {
      url: t.input.string({ description: URL_WORDS, validate: url }),
      types: t.input.field({
        type: [WebhookEventTypeEnum],
        required: false,
        description: 'What it sends. Everything if left out.',
        validate: types,
      }),
      isPaused: t.input.boolean({
        required: false,
        description:
          'Whether it waits until you set it going. What happens meanwhile is sent then.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { isPaused, ...input } }, { viewer, services }) =>
      services.webhooks.create(viewer, {
        ...{ url: input.url, idempotencyKey: input.idempotencyKey },
        ...{ types: input.types ?? null, isPaused: isPaused ?? false },
      }),
  }),
  deleteWebhook: t.fieldWithInput({
    type: DeleteWebhookSuccess,
    description: 'Ends a webhook of yours.',
    errors: {
      directResult: true,
      types: [IdempotencyConflict],
      union: { description: 'The webhook is gone, or why it is not.' },
    },
    typeOptions: { description: 'Which webhook ends.' },
    argOptions: { description: 'Which webhook ends.' },
    input: {
      webhookId: t.input.globalID({ for: Webhook, description: 'Id of the webhook.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { viewer, services }) =>
      services.webhooks.delete(viewer, { webhookId: webhookId.id, idempotencyKey }),
  }),
}));
