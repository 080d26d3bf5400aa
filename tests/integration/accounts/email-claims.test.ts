import fc from 'fast-check';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { EmailInUse, InvalidLink } from '../../../src/services/accounts/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { eventually } from '../../support/outbox.ts';
import { statementsOf } from '../../support/statement-watch.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';
import { linkMailed, mailsTo, personNamed, tokenMailed } from './mailed.ts';

const house = await createHouse();
const { database } = house;
const root = await house.operators.createUser({
  ...{ username: 'root_of_all', email: 'root@example.com', password: 'the one who decides' },
  ...{ role: 'ADMIN', status: 'ACTIVE' },
});
const users = house.usersOf({ signUpPolicy: 'approval', defaultRole: 'USER' });
const { verify, resend } = house.verificationOf('approval');
const signUp = (username: string, email: string) =>
  users.signUp(visitor(), { username, email, password: PASSWORD });
const change = async (kind: 'APPROVE' | 'REJECT', username: string) => {
  const { id: userId } = await personNamed(house, username);
  const viewer = userViewer({ userId: root.id, role: 'ADMIN' });
  const idempotencyKey = `${kind} ${username}`;
  return house.administration.change(viewer, { userId, change: { kind }, idempotencyKey });
};
const confirm = async (username: string) => {
  const { id, email } = await personNamed(house, username);
  const mail = (await mailsTo(house, email)).findLast(({ ownerId }) => ownerId === id);
  const prepared = mail && (await house.mailLinks['verify-email'](mail));
  return verify(visitor(), { token: prepared?.token ?? '' });
};

describe('an address that somebody confirmed', () => {
  test('stays theirs: who signs up with it gets the same receipt, and is never approved', async () => {
    await signUp('ada', 'ada@house.example');
    await confirm('ada');
    expect(await signUp('mallory', 'ADA@house.example')).toEqual({
      ...{ username: 'mallory', status: 'PENDING' },
    });
    // Its owner is told; whoever typed it is not.
    expect((await mailsTo(house, 'ada@house.example')).at(-1)).toMatchObject({
      ...{ template: 'email-in-use', ownerId: null, data: {} },
    });
    const before = await house.state();
    await expect(change('APPROVE', 'mallory')).rejects.toThrow(EmailInUse);
    await expect(house.operators.activate('mallory')).rejects.toThrow(EmailInUse);
    expect(await house.state()).toEqual(before);
    const { id, email_key } = await personNamed(house, 'mallory');
    expect(email_key).toBe(id);
  });

  test('gets no link for another who signed up with it', async () => {
    await resend(visitor(), { email: 'ada@house.example' });
    expect(await tokenMailed(house, 'verify-email', 'ada@house.example')).toBeUndefined();
    await expect(confirm('mallory')).rejects.toThrow();
  });
});

describe('an address that somebody only signed up with', () => {
  test('is taken over by who confirms it, whose sign-up is then like any other', async () => {
    await signUp('squatter', 'grace@house.example');
    await signUp('grace', 'grace@house.example');
    expect(await personNamed(house, 'grace')).toMatchObject({ sign_up_risks: '{EMAIL_IN_USE}' });
    await expect(change('APPROVE', 'grace')).rejects.toThrow(EmailInUse);
    await confirm('grace');
    expect(await personNamed(house, 'grace')).toMatchObject({
      ...{ email_key: 'grace@house.example', sign_up_risks: '{}' },
    });
    const squatter = await personNamed(house, 'squatter');
    expect(squatter).toMatchObject({ email_key: squatter.id, sign_up_risks: '{EMAIL_IN_USE}' });
    await expect(change('APPROVE', 'squatter')).rejects.toThrow(EmailInUse);
    await change('APPROVE', 'grace');
    expect(await personNamed(house, 'grace')).toMatchObject({ status: 'ACTIVE' });
  });

  test('is not taken from who was let in with it', async () => {
    await signUp('let_in', 'shared@house.example');
    await signUp('late', 'shared@house.example');
    const token = await linkMailed(house, 'verify-email', 'shared@house.example');
    await change('APPROVE', 'let_in');
    const before = await house.state();
    await expect(verify(visitor(), { token })).rejects.toThrow(InvalidLink);
    expect(await house.state()).toEqual(before);
  });

  test('is taken from who was rejected', async () => {
    await signUp('turned_away', 'away@house.example');
    await change('REJECT', 'turned_away');
    await signUp('welcome', 'away@house.example');
    await confirm('welcome');
    expect(await personNamed(house, 'welcome')).toMatchObject({ email_key: 'away@house.example' });
  });

  test('is that of whom an operator makes with it at the same moment', async () => {
    const rival = new Client({ connectionString: database.ownerUrl });
    await rival.connect();
    await rival.query('BEGIN');
    await rival.query(
      `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
         token_version, created_at, updated_at)
       VALUES (gen_random_uuid(), 'rival', 'rival', 'rival@house.example', 'rival@house.example', '',
         'USER', 'ACTIVE', 0, now(), now())`,
    );
    const signedUp = signUp('beaten', 'rival@house.example');
    await eventually('the sign-up waits', async () => {
      const waiting = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
           AND wait_event_type = 'Lock' AND query LIKE '%register_user%'`,
      );
      return waiting.length > 0;
    });
    await rival.query('COMMIT');
    await rival.end();
    expect(await signedUp).toEqual({ username: 'beaten', status: 'PENDING' });
    expect(await personNamed(house, 'beaten')).toMatchObject({ sign_up_risks: '{EMAIL_IN_USE}' });
  });

  test('goes to one of two who confirm it at once', async () => {
    const names = ['first', 'second', 'third'];
    for (const name of names) await signUp(name, 'race@house.example');
    const mails = await mailsTo(house, 'race@house.example');
    const tokens = await Promise.all(
      mails.map(async (mail) => (await house.mailLinks['verify-email'](mail))?.token ?? ''),
    );
    const outcomes = await Promise.allSettled(tokens.map((token) => verify(visitor(), { token })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const rows = await database.query(
      `SELECT email_verified_at FROM users WHERE email_key = 'race@house.example'`,
    );
    expect(rows).toEqual([{ email_verified_at: house.clock.now() }]);
  });
});

describe('whether an address is known', () => {
  test('shows neither in the statements of a sign-up, nor in the rows that it writes', async () => {
    await signUp('known', 'known@house.example');
    await confirm('known');
    const countsOf = async (username: string, email: string) => {
      const before = await countRows();
      const sent = await statementsOf(() => signUp(username, email));
      const statements = sent.map((text) => text.replaceAll(/[\da-f-]{36}/g, '…'));
      return { statements, rows: minus(await countRows(), before) };
    };
    const known = await countsOf('asks_known', 'known@house.example');
    const other = await countsOf('asks_other', 'unknown@house.example');
    expect(known).toEqual(other);
    expect(known.statements.length).toBeGreaterThan(5);
    expect(known.rows).toEqual({ users: 1, audit_records: 1, outbox: 1, mails: 2 });
  });

  test('is not told by letters that only look like those of an address', async () => {
    // U+212A, the Kelvin sign, is K to whoever lowers it.
    await signUp('kelvin', 'mar\u212a@house.example');
    expect(await personNamed(house, 'kelvin')).toMatchObject({
      ...{ email: 'marK@house.example', email_key: 'mark@house.example' },
    });
    const [mail] = await mailsTo(house, 'mark@house.example');
    expect(mail?.recipient).toBe('marK@house.example');
  });
});

test('whatever people do, an address has one owner, and whoever confirmed it keeps it', async () => {
  const addresses = ['x@prop.example', 'y@prop.example'];
  const action = fc.record({
    kind: fc.constantFrom('SIGN_UP', 'CONFIRM', 'APPROVE', 'REJECT'),
    who: fc.integer({ min: 0, max: 4 }),
    address: fc.constantFrom(...addresses),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 16 }), async (actions) => {
      run += 1;
      const confirmed = new Map<string, string>();
      for (const { kind, who, address } of actions) {
        const username = `prop_${run}_${who}`;
        const email = `${run}${address}`;
        const done = await act(kind, username, email).catch(() => undefined);
        if (kind !== 'CONFIRM' || !done) continue;
        const { email: owned } = await personNamed(house, username);
        expect(confirmed.get(owned) ?? username).toBe(username);
        confirmed.set(owned, username);
      }
      const rows = await database.query<{ username: string; email_key: string; status: string }>(
        `SELECT username, email_key, status FROM users WHERE username LIKE $1`,
        [`prop\\_${run}\\_%`],
      );
      for (const [email, username] of confirmed) {
        expect(rows.find(({ email_key }) => email_key === email)?.username).toBe(username);
      }
      const active = rows.filter(({ status }) => status === 'ACTIVE');
      expect(active.filter(({ email_key }) => !email_key.includes('@'))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

const act = (kind: string, username: string, email: string): Promise<unknown> => {
  if (kind === 'SIGN_UP') return signUp(username, email);
  return kind === 'CONFIRM' ? confirm(username) : change(kind as 'APPROVE', username);
};

async function countRows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ['users', 'audit_records', 'outbox', 'mails']) {
    const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    counts[table] = row?.n ?? 0;
  }
  return counts;
}

const minus = (after: Record<string, number>, before: Record<string, number>) =>
  Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)]));
