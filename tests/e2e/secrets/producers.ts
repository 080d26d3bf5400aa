import { TOTP } from 'otpauth';
import type { AttackHouse } from '../attack/house.ts';
import { openSocket } from '../attack/socket-wire.ts';
import { ask, send } from '../attack/wire.ts';
import type { MailRelay } from '../../support/mail-relay.ts';
import { until } from '../../support/until.ts';
import { createWebhookProducer } from './webhook-producer.ts';

/** What a producer works with. */
export interface Life {
  readonly house: AttackHouse;
  readonly relay: MailRelay;
  /** Everything that was said to be secret so far. */
  readonly secrets: Set<string>;
}

/**
 * A part of the server's life that handles secrets, well and badly: each one goes to `secrets` as soon
 * as it is known, and must never be found in a log or in a record. New secrets need a producer here.
 */
export interface SecretProducer {
  readonly name: string;
  readonly live: (life: Life) => Promise<void>;
}

const LOG_IN = `mutation LogIn($login: String!, $password: String!) {
  logIn(input: { login: $login, password: $password }) {
    ... on LogInSuccess { accessToken refreshToken } ... on Error { code message } } }`;

/** The value that the answer has under that name, at any depth. */
function found(text: string, name: string): string {
  const value = new RegExp(`"${name}":"([^"]+)"`).exec(text)?.[1];
  if (value === undefined) throw new Error(`There is no ${name} in ${text.slice(0, 500)}`);
  return value;
}

async function logIn({ house, secrets }: Life, person = house.victim) {
  secrets.add(person.password).add(person.email);
  const { text } = await ask(house, {
    from: house.nextAddress(),
    query: LOG_IN,
    variables: { login: person.email, password: person.password },
  });
  const tokens = {
    accessToken: found(text, 'accessToken'),
    refreshToken: found(text, 'refreshToken'),
  };
  secrets.add(tokens.accessToken).add(tokens.refreshToken);
  return tokens;
}

/** The token in the newest mail to an address. */
async function tokenMailed({ relay, secrets }: Life, address: string): Promise<string> {
  const token = () => {
    const mail = relay.received.findLast(({ envelope }) => envelope.to.includes(address));
    return /[?&#]token=([\w-]+)/.exec(mail?.mail.text ?? '')?.[1];
  };
  await until('a mail with a link comes', () => token() !== undefined);
  const text = token() ?? '';
  secrets.add(text);
  return text;
}

export const SECRET_PRODUCERS: readonly SecretProducer[] = [
  {
    name: 'log-ins: right, wrong, and with the password in the wrong field',
    async live(life) {
      const { house, secrets } = life;
      await logIn(life);
      const wrong = [
        'a wrong one with a typo',
        'typed into the name field',
        'inline in the document',
      ];
      for (const secret of wrong) secrets.add(secret);
      const [typo = '', asName = '', inline = ''] = wrong;
      const calls = [
        { query: LOG_IN, variables: { login: house.victim.username, password: typo } },
        { query: LOG_IN, variables: { login: asName, password: typo } },
        { query: LOG_IN, variables: { login: { password: typo }, password: [typo], extra: typo } },
        {
          query: `mutation { logIn(input: { login: "victim", password: "${inline}" }) { nothing } }`,
        },
        {
          query: `mutation { logIn(input: { login: "victim", password: "${inline}" }) { __typename } }`,
        },
        { query: `{ instrument(symbol: "${inline}") { id } }` },
        { query: `{ broken "${inline}"` },
        { query: LOG_IN, variables: `{"password":"${inline}"}`, more: { extensions: { inline } } },
      ];
      for (const call of calls) await ask(house, { ...call, from: house.nextAddress() });
    },
  },
  {
    name: 'access tokens: in every place where one may stand, and where none should',
    async live(life) {
      const { house, secrets } = life;
      const { accessToken } = await logIn(life);
      const bad = `${accessToken.slice(0, -4)}AAAA`;
      const query = '{ viewer { user { email } } }';
      secrets.add(bad).add(bad.split('.')[2] ?? '');
      for (const token of [accessToken, bad]) {
        await ask(house, { query, token });
        await ask(house, { query: `{ node(id: "${token}") { id } }`, token });
        await ask(house, { query, headers: { authorization: `Basic ${token}` } });
        await ask(house, { query, headers: { authorization: token } });
        await ask(house, { query, headers: { 'x-api-key': token } });
        const path = `/graphql?query={__typename}&access_token=${token}&variables={"t":"${token}`;
        await send(house, { method: 'GET', path });
        await send(house, { method: 'GET', path: `/${token}` });
        const socket = await openSocket(house, { headers: { authorization: `Bearer ${token}` } });
        socket.send({ type: 'connection_init', payload: { accessToken: token, secret: token } });
        await socket.next();
        socket.send({ type: 'ping', payload: { accessToken: token } });
        socket.subscribe(query, token.slice(-20));
        await socket.next();
        socket.end();
      }
    },
  },
  {
    name: 'refresh tokens: used, used again, made up, and in cookies',
    async live(life) {
      const { house, secrets } = life;
      const { refreshToken } = await logIn(life);
      const query = `mutation Refresh($refreshToken: String!) {
        refreshSession(input: { refreshToken: $refreshToken }) {
          ... on RefreshSessionSuccess { refreshToken accessToken } ... on Error { code } } }`;
      const variables = { refreshToken };
      const { text } = await ask(house, { query, variables, from: house.nextAddress() });
      secrets.add(found(text, 'refreshToken')).add(found(text, 'accessToken'));
      const madeUp = `${refreshToken.slice(0, -3)}xyz`;
      secrets.add(madeUp);
      await ask(house, { query, variables: { refreshToken: madeUp }, from: house.nextAddress() });

      const { email: login, password } = house.victim;
      const headers = { origin: house.origin };
      const answer = await ask(house, {
        ...{ query: LOG_IN, variables: { login, password }, headers },
        from: house.nextAddress(),
      });
      secrets.add(found(answer.text, 'refreshToken')).add(found(answer.text, 'accessToken'));
      const cookie = [answer.headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0]);
      if (cookie.length !== 2) throw new Error('There are no cookies.');
      const cookies = { ...headers, cookie: cookie.join('; ') };
      await ask(house, { query: '{ viewer { user { id } } }', headers: cookies });
      const again = await ask(house, {
        query:
          'mutation { refreshSession { ... on RefreshSessionSuccess { refreshToken accessToken } } }',
        headers: cookies,
      });
      secrets.add(found(again.text, 'refreshToken')).add(found(again.text, 'accessToken'));
    },
  },
  {
    name: 'a sign-up with its mailed link, and a lost password with its own',
    async live(life) {
      const { house, relay, secrets } = life;
      const email = 'newcomer@private.example';
      const [password, next] = ['the newcomer chose this one', 'and later chose this one'];
      for (const secret of [email, password, next]) secrets.add(secret);
      const from = house.nextAddress();
      await ask(house, {
        from,
        query: `mutation SignUp($email: String!, $password: String!) {
          signUp(input: { username: "newcomer", email: $email, password: $password }) { __typename } }`,
        variables: { email, password },
      });
      const token = await tokenMailed(life, email);
      const verify =
        'mutation Verify($token: String!) { verifyEmail(input: { token: $token }) { __typename } }';
      await ask(house, { from, query: verify, variables: { token: `${token}x` } });
      await ask(house, { from, query: verify, variables: { token } });
      await ask(house, { from, query: verify, variables: { token } });

      relay.received.splice(0);
      const { email: known } = house.ada;
      secrets.add(known);
      const request = `mutation Lost($email: String!) {
        requestPasswordReset(input: { email: $email }) { __typename } }`;
      for (const asked of [known, 'nobody@private.example']) {
        secrets.add(asked);
        await ask(house, { from, query: request, variables: { email: asked } });
      }
      const reset = `mutation Reset($token: String!, $newPassword: String!) {
        resetPassword(input: { token: $token, newPassword: $newPassword }) { __typename } }`;
      const lost = await tokenMailed(life, known);
      await ask(house, { from, query: reset, variables: { token: lost, newPassword: 'short' } });
      await ask(house, { from, query: reset, variables: { token: lost, newPassword: next } });
      await ask(house, { from, query: reset, variables: { token: lost, newPassword: next } });
    },
  },
  {
    name: 'an authenticator app, recovery codes, a credential, an API key and another password',
    async live(life) {
      const { house, secrets } = life;
      const { accessToken: token } = await logIn(life, house.mallory);
      const { password } = house.mallory;
      const call = (query: string, variables: object = {}) =>
        ask(house, { query, variables, token, from: house.nextAddress() });
      const enabled = await call(
        `mutation Enable($password: String!) { enableTotp(input: { password: $password }) {
          ... on EnableTotpSuccess { secret uri } ... on Error { code message } } }`,
        { password },
      );
      const secret = found(enabled.text, 'secret');
      secrets.add(secret).add(found(enabled.text, 'uri'));
      const confirm = `mutation Confirm($code: String!) { confirmTotp(input: { code: $code }) {
        ... on ConfirmTotpSuccess { recoveryCodes } ... on Error { code message } } }`;
      await call(confirm, { code: '000000' });
      const confirmed = await call(confirm, { code: new TOTP({ secret }).generate() });
      const [, listed = ''] = /"recoveryCodes":\[([^\]]+)\]/.exec(confirmed.text) ?? [];
      const codes = JSON.parse(`[${listed}]`) as string[];
      if (codes.length === 0) throw new Error(confirmed.text);
      for (const code of codes) secrets.add(code);
      const factor = `mutation Factor($code: String!) { confirmSecondFactor(input: { code: $code }) {
        __typename ... on Error { code message } } }`;
      await call(factor, { code: codes[0] });
      await call(factor, { code: codes[0] });

      const value = { keyId: 'the-id-of-a-broker-key', secret: 'the-secret-of-a-broker-key' };
      for (const part of Object.values(value)) secrets.add(part);
      const stored = await call(
        `mutation Store($value: JSON!) { storeCredential(input: { kind: BROKER, provider: "alpaca",
          name: "Mine", value: $value, idempotencyKey: "1" }) { __typename ... on Error { code } } }`,
        { value },
      );
      if (!stored.text.includes('Success')) throw new Error(stored.text);
      const made = await call(`mutation { createApiKey(input: { name: "A bot", environment: TEST,
        scopes: [READ], idempotencyKey: "1" }) { ... on CreateApiKeySuccess { secret }
        ... on Error { code message } } }`);
      const key = found(made.text, 'secret');
      const wrongKey = `${key.slice(0, -3)}xyz`;
      secrets.add(key).add(wrongKey);
      for (const bearer of [key, wrongKey]) {
        await ask(house, { query: '{ viewer { user { username } } }', token: bearer });
        const socket = await openSocket(house);
        socket.send({ type: 'connection_init', payload: { accessToken: bearer } });
        await socket.next();
        socket.end();
      }
      const newPassword = 'mallory has a new one now';
      secrets.add(newPassword);
      await call(
        `mutation Change($old: String!, $new: String!) {
          changePassword(input: { currentPassword: $old, newPassword: $new }) { __typename } }`,
        { old: password, new: newPassword },
      );
    },
  },
  createWebhookProducer((life) => logIn(life), found),
  {
    name: 'a relay that refuses an address, and repeats it',
    async live({ house, relay, secrets }) {
      const { email } = house.victim;
      secrets.add(email);
      relay.refuse({ at: 'RCPT', code: 550, text: `No mailbox <${email}> here, says ${email}` });
      await ask(house, {
        from: house.nextAddress(),
        query: `mutation Lost($email: String!) {
          requestPasswordReset(input: { email: $email }) { __typename } }`,
        variables: { email },
      });
      await until('the mail has failed', async () => {
        const failed = await house.query(`SELECT 1 FROM mails WHERE status = 'FAILED'`);
        return failed.length > 0;
      });
    },
  },
  {
    name: 'a database that refuses a row, and shows it as it does, or lacks a function',
    async live({ house, secrets }) {
      const email = 'crash@private.example';
      const password = 'in the variables of a crash';
      secrets.add(email).add(password);
      const crash = async (query: string, variables: object) => {
        const { text } = await ask(house, { from: house.nextAddress(), query, variables });
        if (!text.includes('INTERNAL')) throw new Error(`It did not crash: ${text}`);
      };
      const signUp = `mutation SignUp($email: String!, $password: String!) {
        signUp(input: { username: "crash_dummy", email: $email, password: $password }) {
          __typename } }`;
      await house.query(
        `ALTER TABLE users ADD CONSTRAINT no_crash CHECK (email_key NOT LIKE 'crash%') NOT VALID`,
      );
      await crash(signUp, { email, password });
      await house.query('ALTER TABLE users DROP CONSTRAINT no_crash');
      await house.query('ALTER FUNCTION find_credentials RENAME TO find_credentials_away');
      await crash(LOG_IN, { login: email, password });
      await crash(signUp, { email, password });
      await house.query('ALTER FUNCTION find_credentials_away RENAME TO find_credentials');
    },
  },
];
