import { expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';

const house = await openTestApp();
const graph = openGraph(house);
const root = await house.addPerson('root', 'SUPER_ADMIN');
const mallory = await house.addPerson('mallory');
const asRoot = { token: root.token };

const CREATE = `mutation ($input: CreateUserInput!) { createUser(input: $input) {
  ... on CreateUserSuccess { user { id username role status fullName } } ... on Error { code }
} }`;
const UPDATE = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) {
  ... on UpdateUserSuccess { user { kycStatus accountType } } ... on Error { code }
} }`;
const DELETE = `mutation ($input: DeleteUserInput!) { deleteUser(input: $input) {
  ... on DeleteUserSuccess { user { id username status email } } ... on Error { code }
} }`;
const USERS = `query ($filter: UserFilter, $after: String) { admin {
  users(first: 1, filter: $filter, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id username }
  }
} }`;
const LOG = `query ($filter: AuditFilter, $after: String) { admin {
  auditLog(first: 2, filter: $filter, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { action actor { username } targetType targetId before after isSealed }
  }
} }`;

interface People {
  readonly admin: {
    readonly users: {
      readonly totalCount: number;
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
      readonly nodes: readonly { readonly id: string; readonly username: string }[];
    };
  };
}
const find = (filter: object, after?: string) =>
  graph.data<People>(USERS, { ...asRoot, variables: { filter, after } });
const write = (document: string, input: object) =>
  graph.data<Record<string, unknown>>(document, { ...asRoot, variables: { input } });

test('a person is made, found, described and deleted, and all of it is in the audit log', async () => {
  const input = { username: 'grace', email: 'grace@navy.example', role: 'USER' };
  expect(
    await write(CREATE, { ...input, fullName: 'Grace', idempotencyKey: 'make' }),
  ).toMatchObject({
    createUser: { user: { username: 'grace', role: 'USER', status: 'ACTIVE', fullName: 'Grace' } },
  });
  expect(await write(CREATE, { ...input, idempotencyKey: 'other' })).toEqual({
    createUser: { code: 'USERNAME_TAKEN' },
  });
  expect(await write(CREATE, { ...input, username: 'hopper', idempotencyKey: 'mail' })).toEqual({
    createUser: { code: 'EMAIL_TAKEN' },
  });
  const { admin } = await find({ search: 'GRA' });
  expect(admin.users).toMatchObject({ totalCount: 1, nodes: [{ username: 'grace' }] });
  const userId = admin.users.nodes[0]?.id;
  const described = { userId, kycStatus: 'VERIFIED', accountType: 'BUSINESS' };
  expect(await write(UPDATE, { ...described, idempotencyKey: 'know' })).toEqual({
    updateUser: { user: { kycStatus: 'VERIFIED', accountType: 'BUSINESS' } },
  });
  const deletion = { userId, confirmUsername: 'grac', idempotencyKey: 'end' };
  expect(await write(DELETE, deletion)).toEqual({ deleteUser: { code: 'CONFIRMATION_MISMATCH' } });
  const deleted = await write(DELETE, { ...deletion, confirmUsername: 'grace' });
  expect(deleted).toMatchObject({ deleteUser: { user: { id: userId, status: 'DELETED' } } });
  expect(JSON.stringify(deleted)).not.toMatch(/grace/i);

  const [row] = await house.database.query<{ id: string }>(
    `SELECT id FROM users WHERE status = 'DELETED'`,
  );
  const log = async (
    after?: string,
    filter: object = { targetType: 'User', targetId: row?.id },
  ) => {
    const answer = await graph.data<{
      admin: {
        auditLog: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: object[] };
      };
    }>(LOG, { ...asRoot, variables: { filter, after } });
    return answer.admin.auditLog;
  };
  const newest = await log();
  const actor = { username: 'root' };
  expect(newest).toMatchObject({
    ...{ totalCount: 3, pageInfo: { hasNextPage: true } },
    nodes: [
      { action: 'user.deleted', actor, before: { status: 'ACTIVE' }, after: { status: 'DELETED' } },
      { action: 'user.updated', actor, before: { kycStatus: 'NONE' }, isSealed: false },
    ],
  });
  expect(await log(undefined, { targetId: userId })).toEqual(newest);
  expect(await log(newest.pageInfo.endCursor)).toMatchObject({
    ...{ pageInfo: { hasNextPage: false }, nodes: [{ action: 'user.created', actor }] },
  });
});

test.each([
  ['action', 'user.delted'],
  ['targetType', 'Person'],
  ['address', '127.0.31.0/24'],
])('the audit log is not looked through for what cannot be: %s %s', async (field, value) => {
  const { body } = await graph.ask(LOG, { ...asRoot, variables: { filter: { [field]: value } } });
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
});

test('people are found page by page', async () => {
  const filter = { role: ['USER', 'SUPER_ADMIN'], status: ['ACTIVE'] };
  const first = (await find(filter)).admin.users;
  expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
  const second = (await find(filter, first.pageInfo.endCursor)).admin.users;
  expect(second.pageInfo.hasNextPage).toBe(false);
  const names = [...first.nodes, ...second.nodes].map(({ username }) => username);
  expect(names).toEqual(['mallory', 'root']);
});

test('a deletion ends tokens at once', async () => {
  const { admin } = await find({ username: 'mallory' });
  const ask = '{ viewer { user { username } } }';
  expect(await graph.data(ask, { token: mallory.token })).toMatchObject({ viewer: {} });
  const userId = admin.users.nodes[0]?.id;
  await write(DELETE, { userId, confirmUsername: 'mallory', idempotencyKey: 'end-mallory' });
  await eventually('the token is void', async () => {
    const { body } = await graph.ask(ask, { token: mallory.token });
    return body.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';
  });
});
