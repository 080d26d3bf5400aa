import { describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD } from '../support/app.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp({ variables: { TRUSTED_PROXIES: '127.0.0.0/8' } });
const { url } = await serve(house);
await house.addPerson('ada');

interface Answer {
  readonly data?: Record<string, { readonly __typename: string } | null> | null;
  readonly errors?: readonly {
    readonly path?: readonly string[];
    readonly extensions: { readonly code: string; readonly retryAfterSeconds?: number };
  }[];
}

async function send(document: string, forwardedFor: string, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document }),
  });
  return (await response.json()) as Answer;
}

const logIn = (alias: string, password: string, login = 'ada') =>
  `${alias}: logIn(input: { login: "${login}", password: "${password}" }) { __typename }`;
const wrong = (count: number) =>
  `mutation { ${Array.from({ length: count }, (_, n) => logIn(`a${String(n)}`, 'not the password at all')).join(' ')} }`;
const refusedIn = ({ errors = [] }: Answer) =>
  errors.filter(({ extensions }) => extensions.code === 'RATE_LIMITED');

describe('log-ins through the graph', () => {
  it('are five wrong ones from an address, those of one request counted one by one', async () => {
    const answer = await send(wrong(8), '203.0.113.1');
    // The sixth is refused, which ends the request.
    expect(refusedIn(answer).map(({ path }) => path)).toEqual([['a5']]);
    const [refusal] = refusedIn(answer);
    expect(refusal?.extensions.retryAfterSeconds).toBeGreaterThan(800);
    const later = await send(`mutation { ${logIn('a', PASSWORD)} }`, '203.0.113.1');
    expect(refusedIn(later)).toHaveLength(1);
  });

  it('begin anew for the address with a right one', async () => {
    await house.addPerson('bob');
    const attempt = (password: string) =>
      send(`mutation { ${logIn('a', password, 'bob')} }`, '203.0.113.5');
    // Four wrong ones and a right one are five; the next five are counted for themselves.
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 4; n += 1) {
        const { data } = await attempt('not the password at all');
        expect(data?.['a']?.__typename).toBe('InvalidCredentialsError');
      }
      const { data } = await attempt(PASSWORD);
      expect(data?.['a']?.__typename).toBe('LogInSuccess');
    }
  });

  it('go on from other addresses, as the trusted proxy tells them', async () => {
    const answer = await send(`mutation { ${logIn('a', PASSWORD)} }`, '203.0.113.2');
    expect(answer.errors).toBeUndefined();
  });

  it('do not believe what a caller writes in front of what the proxy adds', async () => {
    const first = await send(wrong(5), '198.51.100.1, 203.0.113.3');
    expect(refusedIn(first)).toHaveLength(0);
    const second = await send(wrong(1), '198.51.100.2, 203.0.113.3');
    expect(refusedIn(second)).toHaveLength(1);
  });

  it('write the address of who called into the audit log', async () => {
    await send(wrong(1), '203.0.113.4');
    const rows = await house.database.query<{ address: string }>(
      `SELECT address FROM audit_records WHERE action = 'user.log-in-refused'
       ORDER BY id DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ address: '203.0.113.4' }]);
  });
});

describe('a password that is asked for in a session', () => {
  const enableTotp = (password: string) =>
    `enableTotp(input: { password: "${password}" }) { __typename }`;
  const changePassword = (password: string) =>
    `changePassword(input: { currentPassword: "${password}",
      newPassword: "another sentence of theirs" }) { __typename }`;

  it.each([
    ['enableTotp', '203.0.113.6', enableTotp],
    ['changePassword', '203.0.113.7', changePassword],
  ])('of %s is guessed at five times from an address', async (field, address, mutationOf) => {
    const { token, id } = await house.addPerson(field.toLowerCase());
    const stored = () =>
      house.database.query(
        `SELECT password_hash, token_version,
           (SELECT count(*)::int FROM totp_factors WHERE owner_id = $1) AS factors
         FROM users WHERE id = $1`,
        [id],
      );
    const before = await stored();
    const guess = (password: string) =>
      send(`mutation { ${mutationOf(password)} }`, address, token);
    for (let n = 0; n < 5; n += 1) {
      const { data } = await guess(`guess number ${String(n)} of many`);
      expect(data?.[field]?.__typename).toBe('InvalidCredentialsError');
    }
    // Not with the right one either.
    expect(refusedIn(await guess(PASSWORD))).toHaveLength(1);
    expect(await stored()).toEqual(before);
  });
});

describe('without a trusted proxy', () => {
  it('nobody chooses their own address', async () => {
    const direct = await openTestApp();
    const server = await serve(direct);
    const from = (forwarded: string) =>
      fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded },
        body: JSON.stringify({ query: wrong(3) }),
      }).then((response) => response.json() as Promise<Answer>);
    expect(refusedIn(await from('203.0.113.1'))).toHaveLength(0);
    expect(refusedIn(await from('203.0.113.2'))).toHaveLength(1);
  });
});
