import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp();
const graph = openGraph(house);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const admin = await house.addPerson('admin', 'ADMIN');

const CREATE = `mutation ($input: CreateModelInput!) { createModel(input: $input) {
  __typename
  ... on CreateModelSuccess { model {
    id name status version universe startingCash currency visibility logVisibility prompt
    accounts { nodes { cash name } }
  } }
  ... on Error { code }
} }`;
const settings = (given: object = {}) => ({
  ...{ name: 'Momentum', universe: ['ACME.SIM'], startingCash: '1000', intervalSeconds: 60 },
  ...{ prompt: 'Be bold.', idempotencyKey: randomUUID() },
  ...given,
});
interface Created {
  readonly createModel: { readonly model: { readonly id: string } };
}
const create = async (given: object = {}): Promise<string> => {
  const options = { variables: { input: settings(given) }, token: ada.token };
  return (await graph.data<Created>(CREATE, options)).createModel.model.id;
};
const change = (
  name: 'updateModel' | 'startModel' | 'stopModel',
  input: object,
  token = ada.token,
) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
    __typename
    ... on ${type}Success { model { name status version } }
    ... on Error { code }
    ... on ModelStateConflictError { status }
  } }`;
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return graph.ask(query, { variables, token });
};
const stored = (id: string) => {
  const [, uuid] = Buffer.from(id, 'base64url').toString('utf8').split(':');
  return house.database.query('SELECT * FROM models WHERE id = $1', [uuid]);
};

describe('createModel', () => {
  test('makes an idle model with an account that holds its cash', async () => {
    const input = settings({ startingCash: '2500.50' });
    const answer = await graph.data(CREATE, { variables: { input }, token: ada.token });
    expect(answer).toEqual({
      createModel: {
        __typename: 'CreateModelSuccess',
        model: {
          id: expect.any(String) as string,
          ...{ name: 'Momentum', status: 'IDLE', version: 1, universe: ['ACME.SIM'] },
          ...{ startingCash: '2500.5', currency: 'USD', prompt: 'Be bold.' },
          ...{ visibility: 'PRIVATE', logVisibility: 'PRIVATE' },
          accounts: { nodes: [{ cash: '2500.5', name: expect.any(String) as string }] },
        },
      },
    });
    expect(await graph.data(CREATE, { variables: { input }, token: ada.token })).toEqual(answer);
    const other = { ...input, name: 'Other' };
    expect(await graph.data(CREATE, { variables: { input: other }, token: ada.token })).toEqual({
      createModel: { __typename: 'IdempotencyConflictError', code: 'IDEMPOTENCY_CONFLICT' },
    });
  });

  test.each([
    [{ startingCash: '99' }, 'startingCash'],
    [{ intervalSeconds: 1 }, 'intervalSeconds'],
    [{ universe: ['NOBODY'] }, 'universe'],
    [{ name: ' ' }, 'name'],
  ])('refuses %o and names the field', async (given, field) => {
    const before = await house.database.query('SELECT count(*) FROM models');
    const { body } = await graph.ask(CREATE, {
      variables: { input: settings(given) },
      token: ada.token,
    });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    expect(await house.database.query('SELECT count(*) FROM models')).toEqual(before);
  });

  test('is not for those who may only look', async () => {
    const viewer = await house.addPerson('looker', 'VIEWER');
    const { body } = await graph.ask(CREATE, {
      variables: { input: settings() },
      token: viewer.token,
    });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
  });
});

describe('a model', () => {
  test('starts, keeps what decides its trades while it runs, and stops', async () => {
    const id = await create();
    expect((await change('startModel', { id })).body.data).toEqual({
      startModel: {
        __typename: 'StartModelSuccess',
        model: { name: 'Momentum', status: 'ACTIVE', version: 1 },
      },
    });
    expect((await change('updateModel', { id, prompt: 'Be shy.' })).body.data).toEqual({
      updateModel: {
        __typename: 'ModelStateConflictError',
        code: 'MODEL_STATE_CONFLICT',
        status: 'ACTIVE',
      },
    });
    expect((await change('updateModel', { id, name: 'Renamed', prompt: null })).body.data).toEqual({
      updateModel: {
        __typename: 'UpdateModelSuccess',
        model: { name: 'Renamed', status: 'ACTIVE', version: 1 },
      },
    });
    expect((await change('stopModel', { id })).body.data).toMatchObject({
      stopModel: { model: { status: 'STOPPED' } },
    });
  });

  test.each(['updateModel', 'startModel', 'stopModel'] as const)(
    'of someone else is not found by %s, public or not, administrator or not',
    async (mutation) => {
      const id = await create({ visibility: 'PUBLIC' });
      const before = await stored(id);
      for (const person of [bob, admin]) {
        const { body } = await change(
          mutation,
          { id, ...(mutation === 'updateModel' && { name: 'Mine' }) },
          person.token,
        );
        expect(body.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' });
      }
      expect(await stored(id)).toEqual(before);
    },
  );

  test("that is public shows what is its owner's to the owner and administrators alone", async () => {
    const id = await create({ visibility: 'PUBLIC' });
    const query = `query ($id: ID!) { model(id: $id) {
      name prompt costUsd owner { email } accounts { nodes { cash } } log { totalCount } } }`;
    const seenBy = async (token?: string) =>
      (await graph.data<{ model: object }>(query, { variables: { id }, token })).model;
    const hidden = { prompt: null, costUsd: null, owner: null, accounts: null };
    const shown = {
      ...{ prompt: 'Be bold.', costUsd: '0', owner: { email: 'ada@example.com' } },
      accounts: { nodes: [{ cash: '1000' }] },
    };
    const common = { name: 'Momentum', log: { totalCount: 0 } };
    expect(await seenBy()).toEqual({ ...common, ...hidden });
    expect(await seenBy(bob.token)).toEqual({ ...common, ...hidden });
    expect(await seenBy(ada.token)).toEqual({ ...common, ...shown });
    expect(await seenBy(admin.token)).toEqual({ ...common, ...shown });
  });

  test('that is private is as if it never was', async () => {
    const id = await create();
    const never = Buffer.from(`Model:${randomUUID()}`).toString('base64url');
    const query =
      'query ($id: ID!) { model(id: $id) { name } agentLogs(modelId: $id) { totalCount } }';
    const ask = (modelId: string) =>
      graph.ask(query, { variables: { id: modelId }, token: bob.token });
    const [hidden, missing] = [(await ask(id)).body, (await ask(never)).body];
    expect({ ...hidden, extensions: {} }).toEqual({ ...missing, extensions: {} });
  });
});
