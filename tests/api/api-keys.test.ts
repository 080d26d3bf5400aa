import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/services/accounts/api-key.ts';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { randomBytes } from '../../src/services/platform/random.ts';
import { addApiKey } from '../support/api-keys.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { untilQuiet } from '../support/estate.ts';
import { openGraph, type GraphAnswer } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { dumpTables } from '../support/table-dump.ts';

const house = await openTestApp({ variables: { TRUSTED_PROXIES: '127.0.0.1,::1' } });
const { app, database, log } = house;
const { url } = await serve(house);
const graph = openGraph(house);

const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  __typename
  ... on CreateApiKeySuccess { secret apiKey { id name environment prefix scopes networks
    requestsPerMinute expiresAt lastUsedAt lastUsedAddress revokedAt } }
  ... on Error { code message }
  ... on ApiKeyLimitError { limit }
} }`;
const REVOKE = `mutation ($apiKeyId: ID!, $idempotencyKey: String!) {
  revokeApiKey(input: { apiKeyId: $apiKeyId, idempotencyKey: $idempotencyKey }) {
    ... on RevokeApiKeySuccess { apiKey { id revokedAt } }
  } }`;
const KEYS = '{ viewer { apiKeys { totalCount nodes { id name } } } }';
const ME = '{ viewer { user { username } } }';

interface Created {
  readonly createApiKey: {
    readonly __typename: string;
    readonly secret: string | null;
    readonly apiKey: { readonly id: string; readonly prefix: string };
  };
}

const inputOf = (given: object = {}) => ({
  ...{ name: ' Laptop bot ', environment: 'LIVE', scopes: ['TRADE', 'READ', 'READ'] },
  idempotencyKey: randomUUID(),
  ...given,
});
const create = async ({ token }: TestPerson, input = inputOf()) =>
  (await graph.data<Created>(CREATE, { token, variables: { input } })).createApiKey;
const codeOf = ({ body }: GraphAnswer) => body.errors?.[0]?.extensions?.['code'];

/** From an address, as a proxy tells it. */
async function askFrom(address: string, token: string, query = ME): Promise<GraphAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'x-forwarded-for': address,
    },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as GraphAnswer['body'];
  return { status: response.status, headers: response.headers, body };
}

const recordsOf = (action: string, targetId: string) =>
  database.query<{ actor_id: string | null; address: string | null; after: object | null }>(
    `SELECT actor_id, address, after FROM audit_records WHERE action = $1 AND target_id = $2
     ORDER BY id`,
    [action, targetId],
  );
const idOf = (globalId: string) =>
  String(Buffer.from(globalId, 'base64url').toString().split(':')[1]);

describe('a person', () => {
  test('makes a key, which is shown once, works as its owner, and ends when it is revoked', async () => {
    const ada = await house.addPerson('ada');
    const input = inputOf({ networks: ['198.51.100.7/24'], requestsPerMinute: 100 });
    const { secret, ...created } = await create(ada, input);
    expect(secret).toMatch(/^tg_live_[\w-]{49}$/);
    expect(created).toMatchObject({
      __typename: 'CreateApiKeySuccess',
      apiKey: {
        ...{ name: 'Laptop bot', environment: 'LIVE', prefix: secret?.slice(0, 12) },
        ...{ scopes: ['READ', 'TRADE'], networks: ['198.51.100.0/24'], requestsPerMinute: 100 },
        ...{ expiresAt: null, lastUsedAt: null, lastUsedAddress: null, revokedAt: null },
      },
    });
    // The same again, after an answer that was lost: the key is known, and nobody knows its secret.
    expect(await create(ada, input)).toEqual({ secret: null, ...created });
    const answer = await askFrom('198.51.100.9', String(secret));
    expect(answer.body.data).toEqual({ viewer: { user: { username: 'ada' } } });

    const { id: apiKeyId } = created.apiKey;
    const variables = { apiKeyId, idempotencyKey: randomUUID() };
    const revoke = () =>
      graph.data<{ revokeApiKey: object }>(REVOKE, { token: ada.token, variables });
    const revoked = await revoke();
    expect(revoked).toEqual({
      revokeApiKey: { apiKey: { id: apiKeyId, revokedAt: expect.any(String) as string } },
    });
    expect(await revoke()).toEqual(revoked);
    expect(codeOf(await askFrom('198.51.100.9', String(secret)))).toBe('UNAUTHENTICATED');
    const id = idOf(apiKeyId);
    expect(await recordsOf('api-key.created', id)).toMatchObject([{ actor_id: ada.id }]);
    expect(await recordsOf('api-key.revoked', id)).toMatchObject([{ actor_id: ada.id }]);
  });

  test('gets no other key for the same idempotency key', async () => {
    const bea = await house.addPerson('bea');
    const input = inputOf();
    await create(bea, input);
    const again = await create(bea, { ...input, scopes: ['READ'] });
    expect(again).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await graph.data(KEYS, { token: bea.token })).toMatchObject({
      viewer: { apiKeys: { totalCount: 1 } },
    });
  });

  test('who is no administrator makes no key of one, and the attempt is recorded', async () => {
    const cora = await house.addPerson('cora', 'PREMIUM');
    const input = inputOf({ scopes: ['READ', 'ADMIN'] });
    const answer = await graph.ask(CREATE, { token: cora.token, variables: { input } });
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect(await recordsOf('api-key.creation-refused', cora.id)).toHaveLength(1);
    expect(await database.query('SELECT 1 FROM api_keys WHERE owner_id = $1', [cora.id])).toEqual(
      [],
    );
  });

  test.each([
    ['name', { name: '   ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['scopes', { scopes: [] }],
    ['networks', { networks: ['127.1'] }],
    ['networks', { networks: ['198.51.100.0/33'] }],
    ['networks', { networks: Array.from({ length: 21 }, (_, at) => `192.0.2.${String(at)}`) }],
    ['requestsPerMinute', { requestsPerMinute: 0 }],
    ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
  ])('is told of a wrong %s: %o', async (field, given) => {
    const dan = await database
      .query<{ id: string }>(`SELECT id FROM users WHERE username = 'dan'`)
      .then(([row]) => row ?? house.addPerson('dan'));
    const token = await house.logIn(dan);
    const answer = await graph.ask(CREATE, { token, variables: { input: inputOf(given) } });
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await database.query('SELECT 1 FROM api_keys WHERE owner_id = $1', [dan.id])).toEqual(
      [],
    );
  });

  test('revokes no key of another', async () => {
    const eve = await house.addPerson('eve');
    const fay = await house.addPerson('fay');
    const key = await addApiKey(app, fay);
    const variables = { apiKeyId: encodeGlobalId('ApiKey', key.id), idempotencyKey: 'x' };
    expect(codeOf(await graph.ask(REVOKE, { token: eve.token, variables }))).toBe('NOT_FOUND');
    expect((await graph.ask(ME, { token: key.secret })).body.errors).toBeUndefined();
  });
});

describe('a key', () => {
  test('makes, shows and ends no key, whatever its scopes', async () => {
    const admin = await house.addPerson('gus', 'ADMIN');
    const key = await addApiKey(
      app,
      { ...admin, role: 'ADMIN' },
      { scopes: ['READ', 'TRADE', 'AGENT', 'ADMIN'] },
    );
    await untilQuiet(database);
    const before = await dumpTables(database);
    const variables = { apiKeyId: encodeGlobalId('ApiKey', key.id), idempotencyKey: 'y' };
    const answers = [
      await graph.ask(CREATE, { token: key.secret, variables: { input: inputOf() } }),
      await graph.ask(REVOKE, { token: key.secret, variables }),
      await graph.ask(KEYS, { token: key.secret }),
      await graph.ask('{ viewer { sessions { totalCount } } }', { token: key.secret }),
      await graph.ask('mutation { logOut { __typename } }', { token: key.secret }),
      await graph.ask(`{ node(id: "${variables.apiKeyId}") { id } }`, { token: key.secret }),
    ];
    expect(answers.map(codeOf)).toEqual(answers.map(() => 'FORBIDDEN'));
    expect(await dumpTables(database)).toEqual(before);
  });

  test('that is no good gets one answer, whatever is wrong with it', async () => {
    const hal = await house.addPerson('hal');
    const expired = await addApiKey(app, hal, { expiresAt: new Date('2100-01-01') });
    await database.query(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [expired.id]);
    const elsewhere = await addApiKey(app, hal, { networks: ['192.0.2.7'] });
    const revoked = await addApiKey(app, hal);
    await database.query(`UPDATE api_keys SET revoked_at = now() WHERE id = $1`, [revoked.id]);
    const good = await addApiKey(app, hal, { networks: ['192.0.2.8', '2001:db8::/32'] });
    const unknown = newApiKey('LIVE', randomBytes);
    const mistyped = unknown.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const keys = [expired, elsewhere, revoked].map(({ secret }) => secret);
    const answers = await Promise.all(
      [...keys, unknown, mistyped, 'tg_live_'].map((key) => askFrom('192.0.2.8', key)),
    );
    const [first] = answers;
    expect(first).toMatchObject({ status: 401, body: { errors: [{}] } });
    expect(codeOf(first as GraphAnswer)).toBe('UNAUTHENTICATED');
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => first?.body));
    expect((await askFrom('192.0.2.8', good.secret)).status).toBe(200);
    expect((await askFrom('2001:db8::1', good.secret)).status).toBe(200);
    expect((await askFrom('192.0.2.9', good.secret)).status).toBe(401);
    // Its owner can see that it came from elsewhere; a bot that does not give up is told once a minute.
    await askFrom('192.0.2.8', elsewhere.secret);
    await eventually('the attempt is recorded', async () => {
      const records = await recordsOf('api-key.refused', elsewhere.id);
      return records.length > 0;
    });
    expect(await recordsOf('api-key.refused', elsewhere.id)).toEqual([
      { actor_id: null, address: '192.0.2.8', after: { reason: 'ADDRESS' } },
    ]);
  });

  test('of a person who is not active opens nothing', async () => {
    const jon = await house.addPerson('jon');
    const key = await addApiKey(app, jon);
    await database.query(`UPDATE users SET status = 'DISABLED' WHERE id = $1`, [jon.id]);
    expect(codeOf(await graph.ask(ME, { token: key.secret }))).toBe('UNAUTHENTICATED');
  });

  test('runs as many operations in a minute as it may, and is told when it may again', async () => {
    const kim = await house.addPerson('kim');
    const key = await addApiKey(app, kim, { requestsPerMinute: 3 });
    const free = await addApiKey(app, kim);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => graph.ask(ME, { token: key.secret })),
    );
    const refused = answers.filter(({ body }) => body.errors);
    expect(refused).toHaveLength(2);
    for (const answer of refused) {
      expect(answer.status).toBe(429);
      const { code, retryAfterSeconds } = answer.body.errors?.[0]?.extensions ?? {};
      expect(code).toBe('RATE_LIMITED');
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    }
    expect((await graph.ask(ME, { token: free.secret })).body.errors).toBeUndefined();
  });

  test('stands in no log, no event and no record', async () => {
    const lea = await house.addPerson('lea');
    const { secret } = await create(lea);
    const key = String(secret);
    await graph.ask(ME, { token: key });
    await graph.ask(`{ viewer { user { nothing(key: "${key}") } } }`, { token: key });
    await graph.ask(ME, { token: `${key}x` });
    const hidden = key.slice(12);
    expect(JSON.stringify([log.lines, log.fields])).not.toContain(hidden);
    expect(JSON.stringify(await dumpTables(database))).not.toContain(hidden);
    const line = log.fields.findLast((fields) => fields['userId'] === lea.id);
    expect(line).toMatchObject({ apiKeyId: expect.any(String) as string });
  });
});
