import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createMailLinks } from '../../src/services/accounts/mail-links.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import { randomBytes } from '../../src/services/platform/random.ts';
import { createTestDatabase } from '../support/database.ts';
import { openGraph, type Answer } from '../support/graph.ts';
import { addPerson } from '../support/people.ts';

const database = await createTestDatabase();
const graph = await openGraph(database, {
  variables: {
    ...{ SIGN_UP_POLICY: 'allow-list', ADMIN_EMAIL: 'office@example.com' },
    ...{ MAILED_LINK_LIMIT_PER_EMAIL: '3', LOG_IN_LIMIT_PER_ADDRESS: '50' },
  },
});
afterAll(() => graph.app.stop());
const admin = await addPerson(graph, database, { username: 'root_of_all', role: 'ADMIN' });
const mailLinks = createMailLinks({
  ...{ workerDb: database.worker, clock: graph.app.clock, ids: graph.app.ids },
  ...{ audit: createAudit(graph.app), randomBytes },
});
const PASSWORD = 'a sentence that nobody guesses';
const refusal = '... on Error { code message }';
const key = () => `idempotencyKey: "${randomUUID()}"`;

/** What a mutation answered. */
async function change(mutation: string, token?: string): Promise<Record<string, unknown>> {
  const { data, errors }: Answer = await graph.ask(`mutation { ${mutation} }`, token);
  if (errors) return { code: errors[0]?.extensions?.code };
  return Object.values(data ?? {})[0] as Record<string, unknown>;
}
const signUp = (username: string, email: string) =>
  change(`signUp(input: { username: "${username}", email: "${email}", password: "${PASSWORD}" })
    { ... on SignUpSuccess { username status } ${refusal} }`);
const logIn = (login: string, password = PASSWORD) =>
  change(`logIn(input: { login: "${login}", password: "${password}" })
    { ... on LogInSuccess { accessToken refreshToken } ${refusal} }`);
const ask = (field: 'requestPasswordReset' | 'resendVerification', email: string) =>
  change(`${field}(input: { email: "${email}" }) { __typename }`);

/** The token in the newest mail of a kind to an address. */
async function mailed(template: 'verify-email' | 'password-reset', recipient: string) {
  const [mail] = await database.query<{
    id: string;
    ownerId: string | null;
    recipient: string;
    createdAt: Date;
  }>(
    `SELECT id, owner_id AS "ownerId", recipient, created_at AS "createdAt" FROM mails
     WHERE template = $1 AND recipient = $2 ORDER BY id DESC LIMIT 1`,
    [template, recipient],
  );
  return mail && (await mailLinks[template](mail))?.token;
}
const verify = async (email: string) =>
  change(`verifyEmail(input: { token: "${String(await mailed('verify-email', email))}" })
    { ... on VerifyEmailSuccess { username status } ${refusal} }`);

describe('through the graph, who signs up', () => {
  it('with an approved address confirms it, logs in, and finds it on their own row', async () => {
    const token = await graph.logIn(admin);
    const approved = await change(
      `approveEmails(input: { emails: ["Ada@Lab.example"], ${key()} })
        { ... on ApproveEmailsSuccess { added } ${refusal} }`,
      token,
    );
    expect(approved).toEqual({ added: 1 });
    const listed = await graph.ask(
      '{ admin { approvedEmails { totalCount nodes { email addedBy { username } } } } }',
      token,
    );
    expect(listed.data).toEqual({
      admin: {
        approvedEmails: {
          totalCount: 1,
          nodes: [{ email: 'ada@lab.example', addedBy: { username: 'root_of_all' } }],
        },
      },
    });
    expect(await signUp('ada', 'ada@lab.example')).toEqual({ username: 'ada', status: 'PENDING' });
    expect(await logIn('ada')).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await verify('ada@lab.example')).toEqual({ username: 'ada', status: 'ACTIVE' });
    const { accessToken } = await logIn('ada');
    const { data } = await graph.ask(
      '{ viewer { user { emailVerifiedAt kycStatus accountType fullName signUpRisks } } }',
      String(accessToken),
    );
    const user = { kycStatus: 'NONE', accountType: 'INDIVIDUAL', fullName: null };
    expect(data).toMatchObject({ viewer: { user: { ...user, signUpRisks: null } } });
    expect(JSON.stringify(data)).toMatch(/"emailVerifiedAt":"2/);
  });

  it('with the address of another is told nothing, flagged, and not approved', async () => {
    expect(await signUp('mallory', 'ADA@lab.example')).toEqual({
      ...{ username: 'mallory', status: 'PENDING' },
    });
    const token = await graph.logIn(admin);
    const { data } = await graph.ask(
      '{ admin { pendingUsers { nodes { id username signUpRisks } } } }',
      token,
    );
    const { admin: seen } = data as {
      admin: { pendingUsers: { nodes: { id: string; username: string; signUpRisks: string[] }[] } };
    };
    const [mallory] = seen.pendingUsers.nodes;
    expect(mallory).toMatchObject({ username: 'mallory', signUpRisks: ['EMAIL_IN_USE'] });
    const approved = await change(
      `approveUser(input: { userId: "${String(mallory?.id)}", ${key()} })
        { ... on ApproveUserSuccess { user { status } } ${refusal} }`,
      token,
    );
    expect(approved).toMatchObject({ code: 'EMAIL_IN_USE' });
  });

  it('with one address again and again floods nobody with mails, and is not told so', async () => {
    const names = ['flood_a', 'flood_b', 'flood_c', 'flood_d', 'flood_e'];
    for (const username of names) {
      expect(await signUp(username, 'Flooded@lab.example')).toEqual({
        ...{ username, status: 'PENDING' },
      });
    }
    const mails = await database.query(
      `SELECT 1 FROM mails WHERE lower(recipient) = 'flooded@lab.example'`,
    );
    // Five signed up; MAILED_LINK_LIMIT_PER_EMAIL is 3.
    expect(mails).toHaveLength(3);
  });
});

describe('through the graph, who lost their password', () => {
  const reset = (token: unknown, newPassword = 'another sentence of theirs') =>
    change(`resetPassword(input: { token: "${String(token)}", newPassword: "${newPassword}" })
      { ... on ResetPasswordSuccess { isReset } ${refusal} }`);

  it('chooses another with the mailed link, once', async () => {
    await ask('requestPasswordReset', 'Ada@Lab.example');
    const token = await mailed('password-reset', 'ada@lab.example');
    expect(await reset(token, 'Password1234')).toMatchObject({ code: 'WEAK_PASSWORD' });
    expect(await reset(token)).toEqual({ isReset: true });
    expect(await reset(token)).toMatchObject({ code: 'INVALID_LINK' });
    expect(await logIn('ada')).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await logIn('ada', 'another sentence of theirs')).toHaveProperty('accessToken');
  });

  it('gets one answer for every address, and as many of them', async () => {
    for (const field of ['requestPasswordReset', 'resendVerification'] as const) {
      const answersFor = async (email: string) => {
        const answers: unknown[] = [];
        for (let n = 0; n < 5; n += 1) answers.push(await ask(field, email));
        return answers;
      };
      const known = await answersFor('root_of_all@secret.example');
      expect(known).toEqual(await answersFor('nobody_at_all@secret.example'));
      expect(known.slice(3)).toEqual([{ code: 'RATE_LIMITED' }, { code: 'RATE_LIMITED' }]);
    }
    expect(await ask('requestPasswordReset', 'no address')).toEqual({ code: 'BAD_USER_INPUT' });
  });
});

describe('through the graph, who is logged in', () => {
  it('changes their password: the token is void, and the refresh token goes on', async () => {
    const old = 'another sentence of theirs';
    const [here, other] = [await logIn('ada', old), await logIn('ada', old)];
    const changed = await change(
      `changePassword(input: { currentPassword: "${old}", newPassword: "${PASSWORD}" })
        { ... on ChangePasswordSuccess { endedSessions } ${refusal} }`,
      String(here['accessToken']),
    );
    // Three log-ins with the old password: the first was in the test before.
    expect(changed).toEqual({ endedSessions: 2 });
    const again = await graph.ask('{ viewer { user { id } } }', String(here['accessToken']));
    expect(again.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    const refresh = (refreshToken: unknown) =>
      change(`refreshSession(input: { refreshToken: "${String(refreshToken)}" })
        { ... on RefreshSessionSuccess { accessToken } ${refusal} }`);
    expect(await refresh(other['refreshToken'])).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect(await refresh(here['refreshToken'])).toHaveProperty('accessToken');
  });

  it('says who they are', async () => {
    const { accessToken } = await logIn('ada');
    const updated = await change(
      `updateProfile(input: { fullName: " Ada Lovelace", accountType: BUSINESS, ${key()} })
        { ... on UpdateProfileSuccess { user { fullName accountType kycStatus } } ${refusal} }`,
      String(accessToken),
    );
    expect(updated).toEqual({
      user: { fullName: 'Ada Lovelace', accountType: 'BUSINESS', kycStatus: 'NONE' },
    });
  });
});

it('keeps passwords, tokens and addresses out of the log and the audit log', async () => {
  const tokens = await database.query<{ text: string }>(
    `SELECT coalesce(before::text, '') || coalesce(after::text, '') AS text FROM audit_records`,
  );
  const written = JSON.stringify([graph.lines, tokens]);
  for (const secret of [PASSWORD, 'another sentence of theirs', 'tg_mail_', 'ada@lab.example']) {
    expect(written.toLowerCase()).not.toContain(secret);
  }
});
