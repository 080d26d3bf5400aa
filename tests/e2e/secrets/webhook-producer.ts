import { ask } from '../attack/wire.ts';
import { until } from '../../support/until.ts';
import type { Life, SecretProducer } from './producers.ts';

/**
 * A webhook whose URL has a token in its path, as many have: made, made wrongly, tried in vain, given
 * another secret, and deleted.
 */
export function createWebhookProducer(
  logIn: (life: Life) => Promise<{ readonly accessToken: string }>,
  found: (text: string, name: string) => string,
): SecretProducer {
  return {
    name: 'a webhook whose URL has a token in it, and whose receiver is not to be found',
    async live(life) {
      const { house, secrets } = life;
      const { accessToken: token } = await logIn(life);
      const path = 'the-token-of-a-receiver';
      secrets.add(path);
      const call = async (query: string, variables: object) => {
        const { text } = await ask(house, { query, variables, token });
        return text;
      };
      const create = `mutation Make($url: String!) {
        createWebhook(input: { url: $url, idempotencyKey: "webhook" }) {
          ... on CreateWebhookSuccess { secret webhook { id } } ... on Error { code message } } }`;
      await call(create, { url: `https://user:${path}@hooks.example.com/` });
      const made = await call(create, { url: `https://hooks.example.com/${path}` });
      secrets.add(found(made, 'secret'));
      const id = found(made, 'id');
      await call(create, { url: `https://other.example.com/${path}` });
      const halted = await call(
        `mutation { setKillSwitch(input: { scope: USER, isOn: true, idempotencyKey: "webhook" }) {
          __typename ... on Error { code message } } }`,
        {},
      );
      if (!halted.includes('SetKillSwitchSuccess')) throw new Error(halted);
      await until('the webhook was tried', async () => {
        const tried = await house.query('SELECT 1 FROM webhooks WHERE last_failed_at IS NOT NULL');
        return tried.length > 0;
      });
      const rotated = await call(
        `mutation Rotate($id: ID!) { rotateWebhookSecret(input: { webhookId: $id,
          idempotencyKey: "webhook" }) { ... on RotateWebhookSecretSuccess { secret } } }`,
        { id },
      );
      secrets.add(found(rotated, 'secret'));
      await call(
        `mutation End($id: ID!) { deleteWebhook(input: { webhookId: $id,
          idempotencyKey: "webhook" }) { __typename } }`,
        { id },
      );
    },
  };
}
