import { beforeAll, describe, expect, it } from 'vitest';
import { createAnchorFile } from '../../src/services/audit/anchor-file.ts';
import { createKeyring } from '../../src/services/audit/keyring.ts';
import { verifyAuditLog } from '../../src/services/audit/verification.ts';
import { openTestApp } from '../support/app.ts';
import { serve } from '../support/served.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'a password of many words';
const WRONG = 'another one of many words';
const AGENT = 'audit-tests/1.0';
/** People who mix up the fields type a password for a name. */
const TYPED = 'somebody 4711 who is not here';

const house = await openTestApp({ variables: { AUDIT_SEAL_INTERVAL_SECONDS: '1' } });
const { url } = await serve(house);

interface Row {
  readonly action: string;
  readonly actor_id: string | null;
  readonly target_type: string;
  readonly target_id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
}

let rows: readonly Row[];
let userId = '';

async function ask(query: string, token?: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'user-agent': AGENT },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data?: Record<string, unknown> };
  return data ?? {};
}

const logIn = async (login: string, password: string): Promise<string | undefined> => {
  const { logIn: answer } = await ask(
    `mutation { logIn(input: { login: "${login}", password: "${password}" })
      { ... on LogInSuccess { accessToken } ... on Error { code } } }`,
  );
  return (answer as { accessToken?: string }).accessToken;
};

beforeAll(async () => {
  await ask(`mutation { signUp(input: { username: "ada_l", email: "ada@example.com",
    password: "${PASSWORD}" }) { __typename } }`);
  await logIn('ada_l', WRONG);
  await logIn(TYPED, PASSWORD);
  const token = await logIn('ada@example.com', PASSWORD);
  await ask('mutation { logOut { __typename } }', token);
  rows = await house.database.query<Row & Record<string, unknown>>(
    'SELECT * FROM audit_records ORDER BY occurred_at, id',
  );
  const [person] = await house.database.query<{ id: string }>('SELECT id FROM users');
  userId = person?.id ?? '';
});

describe('the audit log', () => {
  it('says who did what to whom, whether it was let through or not', () => {
    const sessionId = rows[3]?.target_id;
    expect(rows.map((row) => [row.action, row.actor_id, row.target_type, row.target_id])).toEqual([
      ['user.signed-up', userId, 'User', userId],
      ['user.log-in-refused', null, 'User', userId],
      ['user.log-in-refused', null, 'User', null],
      ['user.logged-in', userId, 'Session', sessionId],
      ['user.logged-out', userId, 'Session', sessionId],
    ]);
  });

  it('says from where, with what, and in which request', () => {
    for (const { address, user_agent: agent, request_id: requestId } of rows) {
      expect({ address, agent }).toEqual({
        address: expect.stringMatching(/127\.0\.0\.1$|^::1$/) as string,
        agent: AGENT,
      });
      expect(requestId).toMatch(/^[0-9a-f]{8}-/);
    }
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length);
  });

  it('keeps neither a password nor a token nor what was typed for a name', async () => {
    const [found] = await house.database.query<{ log: string }>(
      `SELECT string_agg(a::text, ' ') AS log FROM audit_records a`,
    );
    const log = found?.log ?? '';
    expect(log).toContain(AGENT);
    for (const secret of [PASSWORD, WRONG, TYPED, '4711', 'ada@example.com', 'eyJ', '$argon2']) {
      expect({ secret, isKept: log.includes(secret) }).toEqual({ secret, isKept: false });
    }
  });

  it('is sealed by the program itself, within moments', async () => {
    const { audit } = house.config;
    const verify = () =>
      verifyAuditLog({
        ...{ workerDb: house.database.worker, from: 1n },
        keyring: createKeyring(audit.keys),
        anchors: createAnchorFile(audit.anchorFile),
      });
    await until('all is sealed', async () => (await verify())?.anchors.newest?.sequence === 5n);
    expect(await verify()).toMatchObject({ verdict: 'INTACT', checkedCount: 5 });
  });
});
