import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp({ variables: { REFRESH_LIMIT_PER_ADDRESS: '6' } });
const graph = openGraph(house);

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  __typename
  ... on SignUpSuccess { username status }
  ... on UsernameTakenError { code field username }
  ... on WeakPasswordError { code field }
} }`;
const LOG_IN = `mutation ($input: LogInInput!) { logIn(input: $input) {
  __typename
  ... on LogInSuccess { accessToken expiresAt userId refreshToken refreshExpiresAt }
  ... on InvalidCredentialsError { code message }
} }`;
const REFRESH = `mutation ($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    __typename
    ... on RefreshSessionSuccess { accessToken expiresAt userId refreshToken refreshExpiresAt }
    ... on InvalidRefreshTokenError { code message }
  }
}`;
const LOG_OUT = 'mutation { logOut { ... on LogOutSuccess { isLoggedOut } } }';
const PASSWORD = 'a sentence that nobody guesses';
const signUp = (username: string, given: object = {}) =>
  graph.data<{ signUp: object }>(SIGN_UP, {
    variables: {
      input: { username, email: `${username}@example.com`, password: PASSWORD, ...given },
    },
  });
const logIn = async (login: string, password = PASSWORD) => {
  const { logIn: result } = await graph.data<{ logIn: Record<string, string> }>(LOG_IN, {
    variables: { input: { login, password } },
  });
  return result;
};

describe('a person', () => {
  test('signs up, logs in, is known by the token, and logs out', async () => {
    expect(await signUp('ada')).toEqual({
      signUp: { __typename: 'SignUpSuccess', username: 'ada', status: 'ACTIVE' },
    });
    const { accessToken: token = '', userId, __typename } = await logIn('ADA@example.com');
    expect(__typename).toBe('LogInSuccess');
    const VIEWER = '{ viewer { user { id username email role status } } }';
    expect(await graph.data(VIEWER, { token })).toEqual({
      viewer: {
        user: {
          id: userId,
          username: 'ada',
          email: 'ada@example.com',
          role: 'USER',
          status: 'ACTIVE',
        },
      },
    });
    expect(await graph.data(LOG_OUT, { token })).toEqual({ logOut: { isLoggedOut: true } });
    const after = await graph.ask(VIEWER, { token });
    expect(after.status).toBe(401);
    expect(after.body.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });

  test('is told that a name is taken, and not that an e-mail is', async () => {
    await signUp('grace');
    expect(await signUp('Grace', { email: 'other@example.com' })).toEqual({
      signUp: {
        __typename: 'UsernameTakenError',
        code: 'USERNAME_TAKEN',
        field: 'username',
        username: 'Grace',
      },
    });
    expect(await signUp('hopper', { email: 'GRACE@example.com' })).toEqual({
      signUp: { __typename: 'SignUpSuccess', username: 'hopper', status: 'ACTIVE' },
    });
    const made = await house.database.query(
      `SELECT username, email_key = 'grace@example.com' AS "isTheirs" FROM users
       WHERE username_key IN ('hopper', 'grace') ORDER BY username`,
    );
    expect(made).toEqual([
      { username: 'grace', isTheirs: true },
      { username: 'hopper', isTheirs: false },
    ]);
  });

  test('is refused a weak password, and a field that cannot be', async () => {
    expect(await signUp('weak', { password: 'password' })).toMatchObject({
      signUp: { __typename: 'WeakPasswordError', code: 'WEAK_PASSWORD' },
    });
    const input = { username: 'x', email: 'x@example.com', password: PASSWORD };
    const { body } = await graph.ask(SIGN_UP, { variables: { input } });
    expect(body.errors?.[0]).toMatchObject({
      path: ['signUp'],
      extensions: { code: 'BAD_USER_INPUT', field: 'username' },
    });
    expect(
      await house.database.query(`SELECT 1 FROM users WHERE username IN ('weak', 'x')`),
    ).toEqual([]);
  });

  test('who types it wrong and one who never was get the same answer', async () => {
    await signUp('linus');
    const refusal = {
      __typename: 'InvalidCredentialsError',
      code: 'INVALID_CREDENTIALS',
      message: 'Invalid credentials or inactive account',
    };
    expect(await logIn('linus', 'another sentence that is wrong')).toEqual(refusal);
    expect(await logIn('nobody')).toEqual(refusal);
  });
});

describe('a session', () => {
  const refresh = async (refreshToken = '') => {
    const { refreshSession: result } = await graph.data<{
      refreshSession: Record<string, string>;
    }>(REFRESH, { variables: { refreshToken } });
    return result;
  };
  const refusal = {
    __typename: 'InvalidRefreshTokenError',
    code: 'INVALID_REFRESH_TOKEN',
    message: 'The refresh token is not valid any more. Log in again.',
  };

  test('goes on with its refresh token, until it is logged out', async () => {
    await signUp('margaret');
    const first = await logIn('margaret');
    const second = await refresh(first['refreshToken']);
    expect(second).toMatchObject({ __typename: 'RefreshSessionSuccess', userId: first['userId'] });
    expect(second['refreshToken']).not.toBe(first['refreshToken']);
    await graph.data(LOG_OUT, { token: second['accessToken'] });
    expect(await refresh(second['refreshToken'])).toEqual(refusal);
    expect(await refresh('nonsense')).toEqual(refusal);
  });

  test('is asked about so often from one address, and no more', async () => {
    const { body } = await graph.ask(REFRESH, { variables: { refreshToken: 'x'.repeat(321) } });
    expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    const codes: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const answer = await graph.ask(REFRESH, { variables: { refreshToken: 'nonsense' } });
      codes.push(answer.body.errors?.[0]?.extensions?.['code']);
    }
    // Six are let through: three in the test above, and three here.
    expect(codes).toEqual([undefined, undefined, undefined, 'RATE_LIMITED']);
  });
});

describe('a token', () => {
  test.each(['x', 'a.b.c', 'e30.e30.'])('%s is refused with 401', async (token) => {
    const answer = await graph.ask('{ health { status } }', { token });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      errors: [{ message: expect.any(String) as string, extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('of another scheme is refused, and none at all is nobody', async () => {
    const headers = { authorization: 'Basic YWRhOmFkYQ==' };
    expect((await graph.ask('{ viewer { user { id } } }', { headers })).status).toBe(401);
    const nobody = await graph.ask('{ viewer { user { id } } }');
    expect(nobody).toMatchObject({ status: 200, body: { data: { viewer: null } } });
  });
});
