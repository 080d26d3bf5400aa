import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { approveAsOperator } from '../../../src/services/accounts/operator-approved-emails.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse, visitor } from './house.ts';

const house = await createHouse();
const { approvedEmails, clock, database } = house;
const ids = createIds(clock, randomBytes);
const audit = createAudit({ clock, ids });

const personOf = async (username: string, role: UserRole) => {
  const password = 'the one who decides';
  const email = `${username}@example.com`;
  const user = await house.operators.createUser({
    ...{ username, email, password, role, status: 'ACTIVE' },
  });
  return () => userViewer({ userId: user.id, role });
};
const admin = await personOf('root_of_all', 'ADMIN');
const person = await personOf('person', 'PREMIUM');
const digest = (email: string) => createHash('sha256').update(email).digest('hex');
const listed = async () =>
  (await approvedEmails.list(admin(), { orderBy: { emailKey: 'asc' } })).map((row) => row.emailKey);
const records = (action: string) =>
  database.query('SELECT before, after FROM audit_records WHERE action = $1 ORDER BY id', [action]);

describe('the list of approved addresses', () => {
  test('takes them normalised and once each, and writes down digests alone', async () => {
    const emails = ['Ada@Lab.example', ' ada@lab.example', 'bob@lab.example'];
    const done = await approvedEmails.approve(admin(), { emails, idempotencyKey: 'one' });
    expect(done).toEqual({ added: 2 });
    expect(await listed()).toEqual(['ada@lab.example', 'bob@lab.example']);
    expect(await records('approved-emails.added')).toEqual([
      { before: null, after: { emails: [digest('ada@lab.example'), digest('bob@lab.example')] } },
    ]);
    const [row] = await approvedEmails.list(admin(), {});
    expect(row?.addedBy).toBe(admin().userId);
    expect(await approvedEmails.count(admin())).toBe(2);
  });

  test('answers one key once, and refuses others with it', async () => {
    const command = { emails: ['bob@lab.example', 'carl@lab.example'], idempotencyKey: 'two' };
    expect(await approvedEmails.approve(admin(), command)).toEqual({ added: 1 });
    expect(await approvedEmails.approve(admin(), command)).toEqual({ added: 1 });
    const before = await house.state();
    const other = { ...command, emails: ['dora@lab.example'] };
    await expect(approvedEmails.approve(admin(), other)).rejects.toThrow(IdempotencyConflict);
    expect(await house.state()).toEqual(before);
  });

  test('loses one that is taken off, and says whether it was on it', async () => {
    const remove = (idempotencyKey: string) =>
      approvedEmails.unapprove(admin(), { email: 'CARL@lab.example', idempotencyKey });
    expect(await remove('three')).toEqual({ wasApproved: true });
    expect(await remove('four')).toEqual({ wasApproved: false });
    expect(await listed()).not.toContain('carl@lab.example');
    expect(await records('approved-emails.removed')).toEqual([
      { before: { emails: [digest('carl@lab.example')] }, after: null },
    ]);
  });

  test('takes no more than a hundred at once, and nothing that is no address', async () => {
    const before = await house.state();
    const many = Array.from({ length: 101 }, (_, n) => `n${n}@lab.example`);
    for (const emails of [many, ['fine@lab.example', 'no address']]) {
      const command = { emails, idempotencyKey: 'five' };
      // Refused before anything is asked of the database.
      await expect((async () => approvedEmails.approve(admin(), command))()).rejects.toThrow(
        InvalidInput,
      );
    }
    expect(await house.state()).toEqual(before);
  });

  test('adds an address once when two add it at once', async () => {
    const emails = ['race@lab.example'];
    const outcomes = await Promise.all(
      ['six', 'seven', 'eight'].map((idempotencyKey) =>
        approvedEmails.approve(admin(), { emails, idempotencyKey }),
      ),
    );
    expect(outcomes.filter(({ added }) => added === 1)).toHaveLength(1);
  });

  test('is for administrators: all others are refused, and who tried to write is written down', async () => {
    const before = (await house.state()) as Record<string, unknown>;
    const command = { emails: ['person@lab.example'], idempotencyKey: 'nine' };
    const removal = { email: 'ada@lab.example', idempotencyKey: 'ten' };
    await expect(approvedEmails.approve(person(), command)).rejects.toThrow(Forbidden);
    await expect(approvedEmails.unapprove(person(), removal)).rejects.toThrow(Forbidden);
    await expect(approvedEmails.list(person(), {})).rejects.toThrow(Forbidden);
    await expect(approvedEmails.count(person())).rejects.toThrow(Forbidden);
    const nobody = async () => approvedEmails.approve(visitor(), command);
    await expect(nobody()).rejects.toThrow(Unauthenticated);
    const after = (await house.state()) as Record<string, unknown>;
    expect({ ...after, audit: 0 }).toEqual({ ...before, audit: 0 });
    expect(await records('approved-emails.change-refused')).toEqual([
      { before: null, after: { change: 'approveEmails' } },
      { before: null, after: { change: 'unapproveEmail' } },
    ]);
  });

  test('shows row-level security to nobody else', async () => {
    for (const viewer of [person(), visitor()]) {
      const rows = await database.server.snapshot(viewer, (tx) => tx.approvedEmail.findMany());
      expect(rows).toEqual([]);
    }
  });

  test('takes thousands from an operator, again without harm', async () => {
    const ports = { workerDb: database.worker, clock, ids, audit };
    const keys = Array.from({ length: 1_200 }, (_, n) => `bulk${n}@lab.example`);
    expect(await approveAsOperator(ports, keys.slice(0, 700))).toBe(700);
    expect(await approveAsOperator(ports, keys)).toBe(500);
    const [row] = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM approved_emails WHERE added_by IS NULL`,
    );
    expect(row?.n).toBe(1_200);
  });
});
