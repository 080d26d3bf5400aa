import assert from 'node:assert/strict';
import { SESSION_TABLES, tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { openSocket } from './socket-wire.ts';
import { ask } from './wire.ts';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

async function logIn(house: AttackHouse): Promise<Tokens> {
  const { username: login, password } = house.victim;
  const { data, text } = await ask(house, {
    from: house.nextAddress(),
    query: `mutation { logIn(input: { login: "${login}", password: "${password}" }) {
      ... on LogInSuccess { accessToken refreshToken } } }`,
  });
  const tokens = data?.['logIn'] as Tokens | undefined;
  if (tokens?.accessToken === undefined) throw new Error(text);
  return tokens;
}

async function refresh(house: AttackHouse, refreshToken: string) {
  const { data, codes } = await ask(house, {
    from: house.nextAddress(),
    query: `mutation { refreshSession(input: { refreshToken: "${refreshToken}" }) {
      ... on RefreshSessionSuccess { accessToken refreshToken } ... on Error { code } } }`,
  });
  return { ...(data?.['refreshSession'] as Partial<Tokens> | undefined), code: codes[0] };
}

/** A user is changed by a SUPER_ADMIN; the answer tells whether they were. */
async function change(house: AttackHouse, field: string, token = house.superAdmin.token) {
  const { data, codes } = await ask(house, { query: `mutation { ${field} }`, token });
  assert.deepEqual(codes, [], JSON.stringify(data));
}

const WHO = '{ viewer { user { username } } }';
const STREAM = 'subscription { balanceChanged { __typename } }';
const globalId = ({ id }: { id: string }) => Buffer.from(`User:${id}`).toString('base64url');
let keys = 0;
const given = (house: AttackHouse) => {
  keys += 1;
  return `userId: "${globalId(house.victim)}", idempotencyKey: "attack-${String(keys)}"`;
};
const USER_TABLES = [...SESSION_TABLES, 'users', 'idempotency_keys', 'mails'];

/** A socket of the victim's with a stream that runs. */
async function openStream(house: AttackHouse, accessToken: string) {
  const socket = await openSocket(house, { from: house.nextAddress() });
  await socket.init(accessToken);
  socket.subscribe(STREAM);
  // Behind the subscription on the same socket, so that it runs.
  socket.subscribe(WHO, 'who');
  const { id, payload } = await socket.next();
  assert.equal(id, 'who');
  assert.match(JSON.stringify(payload), /victim/);
  await socket.next();
  return socket;
}

export const STOLEN_SESSIONS: readonly Attack[] = [
  {
    name: 'a stolen refresh token, after its owner used it twice on',
    refusal: 'the session ends: INVALID_REFRESH_TOKEN for both, 401, 4401',
    writes: SESSION_TABLES,
    async run(house) {
      const first = await logIn(house);
      const second = await refresh(house, first.refreshToken);
      const third = await refresh(house, second.refreshToken ?? '');
      const socket = await openStream(house, third.accessToken ?? '');
      const thief = await refresh(house, first.refreshToken);
      const owner = await refresh(house, third.refreshToken ?? '');
      const access = await ask(house, { query: WHO, token: third.accessToken ?? '' });
      const outcome = [thief.code, owner.code, access.status, await socket.closed()];
      assert.deepEqual(outcome, ['INVALID_REFRESH_TOKEN', 'INVALID_REFRESH_TOKEN', 401, 4401]);
      const [reuse] = await house.query<{ found: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM audit_records WHERE after->>'reason' = 'TOKEN_REUSED'
           OR action LIKE '%reuse%') AS found`,
      );
      assert.ok(reuse?.found, 'no audit record tells of it');
      return tally(outcome);
    },
  },
  {
    name: 'a refresh token used 15 times in one request',
    refusal: 'one successor for all of them, as for two tabs; never two lines',
    writes: SESSION_TABLES,
    async run(house) {
      const { refreshToken } = await logIn(house);
      const fields = Array.from(
        { length: 15 },
        (_, n) => `a${String(n)}: refreshSession(input: { refreshToken: "${refreshToken}" }) {
          ... on RefreshSessionSuccess { refreshToken } ... on Error { code } }`,
      );
      const { data } = await ask(house, {
        query: `mutation { ${fields.join(' ')} }`,
        from: house.nextAddress(),
      });
      const successors = new Set(Object.values(data ?? {}).map((value) => JSON.stringify(value)));
      assert.equal(successors.size, 1);
      return '1 successor';
    },
  },
  {
    name: 'guessed refresh tokens, 310 from one address',
    refusal: 'INVALID_REFRESH_TOKEN, RATE_LIMITED past 300',
    isLong: true,
    async run(house) {
      const from = house.nextAddress();
      const codes: string[] = [];
      for (let n = 0; n < 310; n += 1) {
        const guess = Buffer.from(`a guess of 32 bytes, number ${String(n)}`).toString('base64url');
        const query = `mutation { refreshSession(input: { refreshToken: "${guess}" }) {
          ... on Error { code } } }`;
        codes.push(...(await ask(house, { from, query })).codes);
      }
      assert.equal(codes.filter((code) => code === 'RATE_LIMITED').length, 10);
      return tally(codes);
    },
  },
  {
    name: 'an access token after its log-out',
    refusal: '401, 4401',
    writes: SESSION_TABLES,
    async run(house) {
      const { accessToken, refreshToken } = await logIn(house);
      const socket = await openStream(house, accessToken);
      await ask(house, { query: 'mutation { logOut { __typename } }', token: accessToken });
      const { status } = await ask(house, { query: WHO, token: accessToken });
      const outcome = [status, await socket.closed(), (await refresh(house, refreshToken)).code];
      assert.deepEqual(outcome, [401, 4401, 'INVALID_REFRESH_TOKEN']);
      return tally(outcome);
    },
  },
  {
    name: 'a role taken away in the middle of a subscription',
    refusal: 'closed with 4403, the token is void, a refresh gives the new role',
    writes: USER_TABLES,
    async run(house) {
      await change(house, `setUserRole(input: { ${given(house)}, role: ADMIN }) { __typename }`);
      const { accessToken, refreshToken } = await logIn(house);
      const everyone = '{ admin { users(first: 1) { nodes { id } } } }';
      const before = await ask(house, { query: everyone, token: accessToken });
      assert.deepEqual(before.codes, []);
      const socket = await openStream(house, accessToken);
      await change(house, `setUserRole(input: { ${given(house)}, role: USER }) { __typename }`);
      const after = await ask(house, { query: everyone, token: accessToken });
      const fresh = await refresh(house, refreshToken);
      const refreshed = await ask(house, { query: everyone, token: fresh.accessToken ?? '' });
      const outcome = [await socket.closed(), after.status, ...refreshed.codes];
      assert.deepEqual(outcome, [4403, 401, 'FORBIDDEN']);
      return tally(outcome);
    },
  },
  {
    name: 'a person disabled in the middle of a subscription',
    refusal: 'closed with 4401; token, refresh token and password are void',
    writes: USER_TABLES,
    async run(house) {
      const { accessToken, refreshToken } = await logIn(house);
      const socket = await openStream(house, accessToken);
      await change(house, `disableUser(input: { ${given(house)} }) { __typename }`);
      try {
        const { status } = await ask(house, { query: WHO, token: accessToken });
        const { username: login, password } = house.victim;
        const { codes } = await ask(house, {
          from: house.nextAddress(),
          query: `mutation { logIn(input: { login: "${login}", password: "${password}" }) {
            ... on Error { code } } }`,
        });
        const outcome = [
          await socket.closed(),
          status,
          (await refresh(house, refreshToken)).code,
          ...codes,
        ];
        assert.deepEqual(outcome, [4401, 401, 'INVALID_REFRESH_TOKEN', 'INVALID_CREDENTIALS']);
        return tally(outcome);
      } finally {
        await change(house, `enableUser(input: { ${given(house)} }) { __typename }`);
      }
    },
  },
  {
    name: 'what only administrators may do, asked by a person: every mutation on a user',
    refusal: 'FORBIDDEN, written down, and nothing changes',
    async run(house) {
      const fields = ['approveUser', 'rejectUser', 'disableUser', 'enableUser'].map(
        (name) => `${name}(input: { ${given(house)} }) { __typename }`,
      );
      fields.push(`setUserRole(input: { ${given(house)}, role: SUPER_ADMIN }) { __typename }`);
      const codes: string[] = [];
      for (const field of fields) {
        const asked = { query: `mutation { ${field} }`, token: house.mallory.token };
        codes.push(...(await ask(house, asked)).codes);
      }
      assert.deepEqual(new Set(codes), new Set(['FORBIDDEN']));
      return tally(codes);
    },
  },
];
