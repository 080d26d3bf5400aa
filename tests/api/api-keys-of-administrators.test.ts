import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { addApiKey } from '../support/api-keys.ts';
import { openTestApp } from '../support/app.ts';
import { untilQuiet } from '../support/estate.ts';
import { openGraph, type GraphAnswer } from '../support/graph-call.ts';
import { serve } from '../support/served.ts';
import { dumpTables } from '../support/table-dump.ts';

const house = await openTestApp({ variables: { TRUSTED_PROXIES: '127.0.0.1,::1' } });
const { app, database } = house;
const { url } = await serve(house);
const graph = openGraph(house);

const REVOKE = `mutation ($apiKeyId: ID!, $idempotencyKey: String!) {
  revokeApiKey(input: { apiKeyId: $apiKeyId, idempotencyKey: $idempotencyKey }) {
    ... on RevokeApiKeySuccess { apiKey { id revokedAt } }
  } }`;
const ME = '{ viewer { user { username } } }';

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

describe('a key of an administrator, with all scopes,', () => {
  const SCOPES = ['READ', 'TRADE', 'AGENT', 'ADMIN'] as const;

  test('makes nobody, gives no role, deletes nobody and sets nothing', async () => {
    const [root, person] = [
      await house.addPerson('mighty', 'SUPER_ADMIN'),
      await house.addPerson('lowly'),
    ];
    const { secret: token } = await addApiKey(
      app,
      { id: root.id, role: 'SUPER_ADMIN' },
      {
        scopes: SCOPES,
      },
    );
    const userId = encodeGlobalId('User', person.id);
    await untilQuiet(database);
    const before = await dumpTables(database);
    for (const field of [
      `createUser(input: { username: "back_door", email: "back@example.com", role: SUPER_ADMIN,
         password: "correct horse battery", idempotencyKey: "1" }) { __typename }`,
      `setUserRole(input: { userId: "${userId}", role: SUPER_ADMIN, idempotencyKey: "2" })
         { __typename }`,
      `deleteUser(input: { userId: "${userId}", confirmUsername: "lowly", idempotencyKey: "3" })
         { __typename }`,
      `updateSettings(input: { aiProvider: { name: "openai", isEnabled: true },
         idempotencyKey: "4" }) { __typename }`,
    ]) {
      expect(codeOf(await graph.ask(`mutation { ${field} }`, { token }))).toBe('FORBIDDEN');
    }
    expect(await dumpTables(database)).toEqual(before);
  });

  test('sees no keys of others, which the administrator finds and ends', async () => {
    const [root, person] = [
      await house.addPerson('finder', 'ADMIN'),
      await house.addPerson('careless'),
    ];
    const { id, secret: leaked } = await addApiKey(app, person);
    const { secret: token } = await addApiKey(
      app,
      { id: root.id, role: 'ADMIN' },
      {
        scopes: SCOPES,
      },
    );
    const list = `{ admin { apiKeys(userId: "${encodeGlobalId('User', person.id)}") {
      totalCount nodes { id } } } }`;
    expect(codeOf(await graph.ask(list, { token }))).toBe('FORBIDDEN');
    const apiKeyId = encodeGlobalId('ApiKey', id);
    expect(await graph.data(list, { token: root.token })).toEqual({
      admin: { apiKeys: { totalCount: 1, nodes: [{ id: apiKeyId }] } },
    });
    const variables = { apiKeyId, idempotencyKey: randomUUID() };
    expect(codeOf(await graph.ask(REVOKE, { token, variables }))).toBe('FORBIDDEN');
    await graph.data(REVOKE, { token: root.token, variables });
    expect((await askFrom('198.51.100.1', leaked)).status).toBe(401);
  });
});
