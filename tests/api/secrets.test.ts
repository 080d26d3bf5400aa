import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserRole } from '../../src/services/platform/prisma/enums.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson, type Person } from '../support/people.ts';
import { dumpTables } from '../support/table-dump.ts';

// not a secret: made up for these tests
const SECRETS = ['PK-of-the-broker-4711', 'sk-of-the-broker-0815', 'sk-of-the-provider-2222'];
const [KEY_ID, SECRET, PROVIDER_KEY] = SECRETS;

let database: TestDatabase;
let graph: Graph;
/** Every answer that was given, to look for secrets in. */
const answers: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database);
  afterAll(() => graph.app.stop());
});

let people = 0;
const add = (role: UserRole = 'USER') => {
  people += 1;
  return addPerson(graph, database, { username: `keeper_${String(people)}`, role });
};

/** A token of a session in which a second factor was shown just now, or never. */
async function logIn(person: Person, { isSure = true } = {}): Promise<string> {
  const token = await graph.logIn(person);
  const at = isSure ? 'now()' : 'NULL';
  await database.query(`UPDATE sessions SET second_factor_at = ${at} WHERE owner_id = $1`, [
    person.id,
  ]);
  return token;
}

async function ask(document: string, token?: string) {
  const answer = await graph.ask(document, token);
  answers.push(JSON.stringify(answer));
  return answer;
}

const store = (token: string | undefined, value: string, key: string = randomUUID()) =>
  ask(
    `mutation { storeCredential(input: { kind: BROKER, provider: "alpaca", name: "main",
      value: ${value}, idempotencyKey: "${key}" }) { __typename ... on Error { code }
      ... on StoreCredentialSuccess { credential { id kind provider name fingerprint lastUsedAt } } } }`,
    token,
  );
const LIST = `{ viewer { credentials { totalCount nodes { id name fingerprint createdAt updatedAt } } } }`;
const setProvider = (token: string, settings: string) =>
  ask(
    `mutation { updateSettings(input: { aiProvider: { name: "deepseek", ${settings} },
      idempotencyKey: "${randomUUID()}" }) { __typename ... on Error { code }
      ... on UpdateSettingsSuccess { settings { aiProviders { name isEnabled baseUrl models
        keyFingerprint } } } } }`,
    token,
  );

interface Stored {
  readonly storeCredential: { readonly credential: { id: string; fingerprint: string } };
}

describe('a secret', () => {
  it('is stored, listed and deleted, and its value is answered nowhere', async () => {
    const ada = await add();
    const token = await logIn(ada);
    const { data } = await store(token, `{ keyId: "${KEY_ID}", secret: "${SECRET}" }`);
    expect(data).toMatchObject({
      storeCredential: {
        __typename: 'StoreCredentialSuccess',
        credential: { kind: 'BROKER', provider: 'alpaca', name: 'main', lastUsedAt: null },
      },
    });
    const { id, fingerprint } = (data as unknown as Stored).storeCredential.credential;
    const place = { ownerId: ada.id, kind: 'BROKER', provider: 'alpaca', name: 'main' } as const;
    expect((await ask(LIST, token)).data).toMatchObject({
      viewer: { credentials: { totalCount: 1, nodes: [{ id, name: 'main', fingerprint }] } },
    });
    expect((await ask(`{ node(id: "${id}") { id } }`, token)).data).toEqual({ node: { id } });
    for (const other of [await add('ADMIN'), await add('SUPER_ADMIN')]) {
      const foreign = await logIn(other);
      expect((await ask(`{ node(id: "${id}") { id } }`, foreign)).data).toEqual({ node: null });
      expect((await ask(LIST, foreign)).data).toEqual({
        viewer: { credentials: { totalCount: 0, nodes: [] } },
      });
    }
    const gone = await ask(
      `mutation { deleteCredential(input: { credentialId: "${id}", idempotencyKey: "gone" })
        { ... on DeleteCredentialSuccess { credentialId } } }`,
      token,
    );
    expect(gone.data).toEqual({ deleteCredential: { credentialId: id } });
    const sql = 'SELECT 1 FROM credentials WHERE owner_id = $1';
    expect(await database.query(sql, [place.ownerId])).toEqual([]);
  });

  it('needs a second factor of the last minutes', async () => {
    const ada = await add();
    const token = await logIn(ada, { isSure: false });
    expect((await store(token, `"${SECRET}"`)).data).toEqual({
      storeCredential: {
        __typename: 'SecondFactorRequiredError',
        code: 'SECOND_FACTOR_REQUIRED',
      },
    });
    expect((await store(undefined, `"${SECRET}"`)).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    const sql = 'SELECT 1 FROM credentials WHERE owner_id = $1';
    expect(await database.query(sql, [ada.id])).toEqual([]);
  });

  it('is refused with the name of the field, and without what was given', async () => {
    const token = await logIn(await add());
    for (const value of ['[1]', '12', '{ a: { b: "c" } }', `"${'x'.repeat(20_000)}"`]) {
      const { errors } = await store(token, value);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'value' } }]);
      expect(errors?.[0]?.message).not.toContain('xxx');
    }
  });

  it('comes to a conflict when its key came with another one', async () => {
    const token = await logIn(await add());
    await store(token, `"${SECRET}"`, 'once');
    expect((await store(token, '"another"', 'once')).data).toMatchObject({
      storeCredential: { __typename: 'IdempotencyConflictError' },
    });
  });
});

describe('a provider of language models', () => {
  it('is set by administrators, and its key is answered nowhere', async () => {
    const token = await logIn(await add('ADMIN'));
    const { data } = await setProvider(
      token,
      `isEnabled: true, baseUrl: "https://api.deepseek.com/v1", models: ["deepseek-chat"],
       apiKey: "${PROVIDER_KEY}"`,
    );
    const entry = {
      ...{ name: 'deepseek', isEnabled: true, baseUrl: 'https://api.deepseek.com/v1' },
      models: ['deepseek-chat'],
      keyFingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    };
    const settings = { aiProviders: [entry] };
    expect(data).toEqual({ updateSettings: { __typename: 'UpdateSettingsSuccess', settings } });
    const { data: off } = await setProvider(token, 'isEnabled: false, models: null');
    expect(off).toMatchObject({
      updateSettings: { settings: { aiProviders: [{ ...entry, isEnabled: false }] } },
    });
    const { data: bare } = await setProvider(token, 'apiKey: null, baseUrl: null');
    expect(bare).toMatchObject({
      updateSettings: { settings: { aiProviders: [{ keyFingerprint: null, baseUrl: null }] } },
    });
    const inside = await setProvider(token, 'baseUrl: "https://169.254.169.254/"');
    expect(inside.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', field: 'baseUrl' } },
    ]);
  });

  it('is switched without a second factor, but keeps its key and address from such a hand', async () => {
    const token = await logIn(await add('ADMIN'), { isSure: false });
    expect((await setProvider(token, 'isEnabled: true')).data).toMatchObject({
      updateSettings: { __typename: 'UpdateSettingsSuccess' },
    });
    for (const settings of [`apiKey: "${PROVIDER_KEY}"`, 'baseUrl: "https://evil.example.com"']) {
      expect((await setProvider(token, settings)).data).toEqual({
        updateSettings: { __typename: 'SecondFactorRequiredError', code: 'SECOND_FACTOR_REQUIRED' },
      });
    }
  });
});

it('no answer, no log line, no event and no table holds any of the secrets', async () => {
  const token = await logIn(await add());
  await store(token, `{ keyId: "${KEY_ID}", secret: "${SECRET}" }`);
  const dump = JSON.stringify(await dumpTables(database));
  for (const secret of SECRETS) {
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
    expect(JSON.stringify(graph.lines)).not.toContain(secret);
    expect(answers.join('\n')).not.toContain(secret);
  }
  expect(dump).toContain('credential.stored');
  expect(graph.lines.length).toBeGreaterThan(10);
});
