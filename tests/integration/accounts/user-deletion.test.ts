import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  InvalidCredentials,
  UsernameTaken,
  UserStateConflict,
} from '../../../src/services/accounts/errors.ts';
import { Unauthenticated } from '../../../src/services/platform/errors.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { DEVICE, settleEstate, untilQuiet, type Estate } from '../../support/estate.ts';
import { addPerson, type Person } from '../../support/people.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { searchDatabase } from '../../support/text-search.ts';
import { openDeletionHouse } from './deletion-house.ts';

/** What stays as it was: money and what was traded. */
const RECORDS = ['ledger_transfers', 'ledger_entries', 'trades', 'positions', 'equity_points'];

const { database, graph, person, remove, stateOf, auditOf } = await openDeletionHouse();
// Orders of the estate have histories with every state that there is.
leaveBroken(
  database,
  ...['histories-lead-to-the-state', 'histories-are-walks-of-the-table'],
  'replacements-name-each-other',
);
let estate: Estate;
let root: Person;

beforeAll(async () => {
  estate = await settleEstate(graph, database);
  root = await person('SUPER_ADMIN');
});

describe('a person who is deleted', () => {
  let tokens: { accessToken: string; refreshToken: string };
  const sessions = () => graph.app.services.sessions;

  beforeAll(async () => {
    const { owner } = estate;
    const { username: login, password } = owner;
    // The factors of the estate are made up; this is about what a log-in leaves behind.
    await database.query('DELETE FROM totp_factors WHERE owner_id = $1', [owner.id]);
    await database.query('DELETE FROM passkeys WHERE owner_id = $1', [owner.id]);
    tokens = await sessions().logIn(anonymousViewer(DEVICE), { login, password });
    await database.query(
      `INSERT INTO mails (id, owner_id, recipient, template, data, status, attempts, created_at)
       VALUES (gen_random_uuid(), $1, 'office@house.example', 'admin-new-sign-up',
         jsonb_build_object('username', $2::text), 'FAILED', 1, now())`,
      [owner.id, owner.username],
    );
    await database.query(
      `INSERT INTO approved_emails (id, email_key, created_at) VALUES (gen_random_uuid(), $1, now())`,
      [owner.email],
    );
    // One key that is open, whatever keys the estate has.
    await database.query('UPDATE api_keys SET revoked_at = now() WHERE owner_id = $1', [owner.id]);
    await database.query(
      `INSERT INTO api_keys (id, owner_id, name, environment, prefix, key_hash, scopes, networks, created_at)
       VALUES (gen_random_uuid(), $1, 'Open key', 'LIVE', 'tg_live_0000', sha256('open'), '{READ}',
         '{192.0.2.77}', now())`,
      [owner.id],
    );
    await untilQuiet(database);
  });

  it('leaves no text of theirs but in the audit log, and all records', async () => {
    const { owner } = estate;
    const before = await dumpTables(database);
    const texts = [owner.username, owner.email, 'Ada, the owner', DEVICE.address, DEVICE.userAgent];
    const written = ['Prompt of the', 'Savings of the owner', 'The private model'];
    for (const text of [...texts, ...written]) {
      expect(await searchDatabase(database, text), text).not.toEqual([]);
    }
    const deleted = await remove(root, owner);
    await untilQuiet(database);
    expect(deleted).toMatchObject({ id: owner.id, status: 'DELETED', fullName: null });
    for (const text of [...texts, ...written]) {
      const places = await searchDatabase(database, text);
      expect(places.filter((place) => !place.startsWith('audit_records.'))).toEqual([]);
    }
    const after = await dumpTables(database);
    for (const table of RECORDS) expect(after[table]).toEqual(before[table]);
    expect(after['audit_records']).toEqual(expect.arrayContaining(before['audit_records'] ?? []));
  });

  it('has nothing that goes on', async () => {
    const { id } = estate.owner;
    const rows = (sql: string) => database.query(sql, [id]);
    for (const table of [
      ...['account_tokens', 'totp_factors', 'recovery_codes', 'passkeys', 'passkey_challenges'],
      ...['credentials', 'mails', 'refresh_tokens', 'idempotency_keys', 'webhooks'],
      'webhook_secrets',
    ]) {
      expect(await rows(`SELECT 1 FROM ${table} WHERE owner_id = $1`), table).toEqual([]);
    }
    const open = 'owner_id = $1 AND revoked_at IS NULL';
    expect(await rows(`SELECT 1 FROM sessions WHERE ${open}`)).toEqual([]);
    expect(await rows(`SELECT 1 FROM api_keys WHERE ${open}`)).toEqual([]);
    expect(
      await rows(`SELECT 1 FROM models WHERE owner_id = $1
        AND (status IN ('ACTIVE', 'STOPPING') OR visibility = 'PUBLIC' OR log_visibility = 'PUBLIC')`),
    ).toEqual([]);
    expect(
      await rows(
        `SELECT 1 FROM accounts WHERE owner_id = $1 AND (status = 'ACTIVE' OR reserved <> 0)`,
      ),
    ).toEqual([]);
    const [working] = await database.query(
      `SELECT o.status::text, o.reserved::text, e.from_status::text, e.to_status::text
       FROM orders o JOIN order_events e ON e.order_id = o.id AND e.sequence = o.version WHERE o.id = $1`,
      [estate.workingOrder.id],
    );
    expect(working).toMatchObject({ status: 'CANCELED', to_status: 'CANCELED' });
    expect(Number(working?.['reserved'])).toBe(0);
  });

  it('is out, and told to be: tokens, log-in and streams', async () => {
    const { owner } = estate;
    const { username: login, password, email } = owner;
    await expect(sessions().authenticate(tokens.accessToken)).rejects.toThrow(Unauthenticated);
    const { refreshToken } = tokens;
    await expect(sessions().refresh(anonymousViewer(), { refreshToken })).rejects.toThrow();
    for (const name of [login, email, (await stateOf(owner))?.username ?? '']) {
      await expect(sessions().logIn(anonymousViewer(), { login: name, password })).rejects.toThrow(
        InvalidCredentials,
      );
    }
    const [told] = await database.query<{ payload: object }>(
      `SELECT payload FROM event_log WHERE topic = $1 ORDER BY position DESC LIMIT 1`,
      [`user:${owner.id}`],
    );
    expect(told?.payload).toMatchObject({ id: owner.id, status: 'DELETED', role: 'USER' });
  });

  it('is in the audit log, without a name', async () => {
    const record = (await auditOf(estate.owner)).at(-1);
    expect(record).toMatchObject({
      ...{ action: 'user.deleted', actor_id: root.id },
      before: { role: 'USER', status: 'ACTIVE' },
      // The open key; two orders work; models were never started.
      after: { role: 'USER', status: 'DELETED', ended: { models: 0, apiKeys: 1, orders: 2 } },
    });
    expect(JSON.stringify(record)).not.toContain(estate.owner.username);
  });

  it('keeps the name from everyone else, and frees the address', async () => {
    const { users, userCreation } = graph.app.services;
    const { username, email } = estate.owner;
    const taken = { username: username.toUpperCase(), password: 'a sentence that nobody guesses' };
    const before = await dumpTables(database);
    await expect(
      users.signUp(anonymousViewer(), { ...taken, email: 'new@house.example' }),
    ).rejects.toThrow(UsernameTaken);
    await expect(
      userCreation.create(root.viewer(), {
        ...{ ...taken, email: 'new@house.example', role: 'USER', idempotencyKey: randomUUID() },
      }),
    ).rejects.toThrow(UsernameTaken);
    await expect(addPerson(graph, database, { username, role: 'USER' })).rejects.toThrow();
    expect(await dumpTables(database)).toEqual(before);
    await users.signUp(anonymousViewer(), { ...taken, username: 'ada_again', email });
    const [again] = await database.query('SELECT email FROM users WHERE email_key = $1', [email]);
    expect(again).toEqual({ email });
  });

  it('stays deleted, whoever changes it', async () => {
    const { owner } = estate;
    const { userAdministration, userRecords } = graph.app.services;
    const about = { userId: owner.id, idempotencyKey: randomUUID() };
    // What came before goes on to be relayed and written down for a moment.
    await untilQuiet(database);
    const before = await dumpTables(database);
    await expect(remove(root, owner)).rejects.toThrow(UserStateConflict);
    const role = { kind: 'SET_ROLE', role: 'ADMIN' } as const;
    for (const change of [{ kind: 'ENABLE' }, { kind: 'APPROVE' }, role] as const) {
      await expect(userAdministration.change(root.viewer(), { ...about, change })).rejects.toThrow(
        UserStateConflict,
      );
    }
    const update = { ...about, fullName: 'Ada' };
    await expect(userRecords.update(root.viewer(), update)).rejects.toThrow(UserStateConflict);
    await expect(
      database.query(`UPDATE users SET status = 'ACTIVE' WHERE id = $1`, [owner.id]),
    ).rejects.toThrow(/stays deleted/);
    await expect(
      database.query(
        `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at)
         VALUES (gen_random_uuid(), $1, now(), now(), now())`,
        [owner.id],
      ),
    ).rejects.toThrow(/is deleted/);
    expect(await dumpTables(database)).toEqual(before);
  });
});
