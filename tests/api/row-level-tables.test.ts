import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTables, type CataloguedTable } from '../support/catalogue.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { openRoleSession, type RoleSession, type RoleViewer } from '../support/role-session.ts';

/** Rows of the owner that are everyone's to read. */
const PUBLIC_ROWS: Readonly<Record<string, string>> = {
  models: `visibility = 'PUBLIC'`,
  agent_log: `model_id IN (SELECT id FROM models
    WHERE visibility = 'PUBLIC' AND log_visibility = 'PUBLIC')`,
};
const INSUFFICIENT_PRIVILEGE = '42501';

let database: TestDatabase;
let estate: Estate;
let server: RoleSession;
let owned: readonly CataloguedTable[];
let viewers: Readonly<Record<'anonymous' | 'stranger' | 'admin' | 'owner', RoleViewer>>;

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  await graph.logIn(estate.owner);
  // An event on its way, which the relay must not take before it is looked at.
  await graph.app.stop();
  await database.query(
    `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
     SELECT topic, owner_id, type, version, payload, occurred_at FROM event_log
     WHERE owner_id = $1 LIMIT 1`,
    [estate.owner.id],
  );
  owned = (await readTables(database)).filter(({ hasOwner }) => hasOwner);
  server = await openRoleSession(database.serverUrl);
  viewers = {
    anonymous: { userId: null, role: 'ANONYMOUS' },
    stranger: { userId: estate.stranger.id, role: 'USER' },
    admin: { userId: estate.admin.id, role: 'ADMIN' },
    owner: { userId: estate.owner.id, role: 'USER' },
  };
});

/** Which rows of a table are such as its owner asks for. */
const ASKED_FOR: Readonly<Record<string, string>> = { mails: `status = 'QUEUED'` };

/** A row of the owner's, past every wall, as JSON. */
async function ownerRow(table: string): Promise<string> {
  const [row] = await database.query<{ row: string }>(
    `SELECT to_jsonb(t)::text AS row FROM ${table} t
     WHERE owner_id = $1 AND ${ASKED_FOR[table] ?? 'true'} LIMIT 1`,
    [estate.owner.id],
  );
  if (!row) throw new Error(`Give the owner a row of ${table}: see settleEstate.`);
  return row.row;
}

describe.each(['anonymous', 'stranger'] as const)("of the owner's rows, the %s", (who) => {
  it('reads none but those that are public, in any table', async () => {
    for (const { name, mayRead } of owned.filter((table) => table.mayRead)) {
      await ownerRow(name);
      expect(mayRead).toBe(true);
      const hidden = `owner_id = $1 AND NOT (${PUBLIC_ROWS[name] ?? 'false'})`;
      const { rows } = await server.run(
        viewers[who],
        `SELECT count(*)::int AS count FROM ${name} WHERE ${hidden}`,
        [estate.owner.id],
      );
      expect({ name, rows }).toEqual({ name, rows: [{ count: 0 }] });
    }
  });

  it('inserts none, in any table', async () => {
    for (const { name, insertable } of owned) {
      const columns = insertable.length > 0 ? insertable.join(', ') : '*';
      const into = insertable.length > 0 ? ` (${columns})` : '';
      const sql = `INSERT INTO ${name}${into}
        SELECT ${columns} FROM jsonb_populate_record(NULL::${name}, $1::jsonb)`;
      const row = await ownerRow(name);
      const refusal = await server.refusalOf(viewers[who], sql, [row]);
      expect({ name, refusal }).toEqual({ name, refusal: INSUFFICIENT_PRIVILEGE });
      // The statement itself is sound: its owner comes as far as the key that is there already.
      if (insertable.length === 0) continue;
      const own = await server.refusalOf(viewers.owner, sql, [row]);
      expect({ name, own }).not.toEqual({ name, own: INSUFFICIENT_PRIVILEGE });
    }
  });

  it('updates none, in any column', async () => {
    for (const { name, updatable } of owned) {
      for (const column of updatable.length > 0 ? updatable : ['owner_id']) {
        // Not to its own value: some columns are written and never read.
        const sql = `UPDATE ${name} SET ${column} = NULL`;
        const done = updatable.length > 0 ? (await server.run(viewers[who], sql)).rowCount : 0;
        expect({ name, column, done }).toEqual({ name, column, done: 0 });
      }
      if (updatable.length > 0) continue;
      const refusal = await server.refusalOf(
        viewers[who],
        `UPDATE ${name} SET owner_id = owner_id`,
      );
      expect({ name, refusal }).toEqual({ name, refusal: INSUFFICIENT_PRIVILEGE });
    }
  });

  it('deletes none', async () => {
    for (const { name, mayDelete } of owned) {
      if (mayDelete) {
        const { rowCount } = await server.run(viewers[who], `DELETE FROM ${name}`);
        expect({ name, rowCount }).toEqual({ name, rowCount: 0 });
        continue;
      }
      const refusal = await server.refusalOf(viewers[who], `DELETE FROM ${name}`);
      expect({ name, refusal }).toEqual({ name, refusal: INSUFFICIENT_PRIVILEGE });
    }
  });

  it('sees no person but themselves', async () => {
    const { rows } = await server.run(viewers[who], 'SELECT id FROM users');
    expect(rows).toEqual(who === 'anonymous' ? [] : [{ id: estate.stranger.id }]);
  });

  it('sees no audit record, and writes none in another name', async () => {
    const { rows } = await server.run(viewers[who], 'SELECT id FROM audit_records');
    expect(rows).toEqual([]);
    const sql = `INSERT INTO audit_records (id, occurred_at, actor_id, action, target_type)
      VALUES (gen_random_uuid(), now(), $1, 'user.logged-out', 'User')`;
    const refusal = await server.refusalOf(viewers[who], sql, [estate.owner.id]);
    expect(refusal).toBe(INSUFFICIENT_PRIVILEGE);
  });
});

describe('a person', () => {
  it('cannot give rows of their own to another, or to nobody', async () => {
    for (const { name, updatable } of owned.filter((table) =>
      table.updatable.includes('owner_id'),
    )) {
      for (const to of [estate.stranger.id, null]) {
        const sql = `UPDATE ${name} SET owner_id = $1::uuid`;
        const refusal = await server.refusalOf(viewers.owner, sql, [to]);
        expect({ name, updatable, refusal }).toMatchObject({ refusal: INSUFFICIENT_PRIVILEGE });
      }
    }
  });

  it("writes no event that is everyone's", async () => {
    const sql = `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
      VALUES ('account:x', NULL, 'TradeExecuted', 1, '{}', now())`;
    expect(await server.refusalOf(viewers.owner, sql)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('reads no hash of a password, not even their own', async () => {
    const refusal = await server.refusalOf(viewers.owner, 'SELECT password_hash FROM users');
    expect(refusal).toBe(INSUFFICIENT_PRIVILEGE);
  });
});

/** What administrators change for others as well: limits, and switches that stop trading. */
const ADMINISTERED = ['kill_switches', 'risk_limits'];

describe('an administrator', () => {
  it('reads the rows of others and writes none but limits and switches', async () => {
    const others = owned.filter(({ name, mayRead }) => mayRead && !ADMINISTERED.includes(name));
    for (const { name, updatable } of others) {
      for (const column of updatable.slice(0, 1)) {
        const sql = `UPDATE ${name} SET ${column} = NULL WHERE owner_id = $1`;
        const { rowCount } = await server.run(viewers.admin, sql, [estate.owner.id]);
        expect({ name, rowCount }).toEqual({ name, rowCount: 0 });
      }
    }
    const { rows } = await server.run(viewers.admin, 'SELECT count(*)::int AS count FROM orders');
    expect(rows).toEqual([{ count: 10 }]);
  });
});

it('a function with the rights of another moves no money of another', async () => {
  const entries = [
    { ledgerAccount: 'CASH', accountId: estate.account.id, amount: '100' },
    { ledgerAccount: 'EXTERNAL', accountId: null, amount: '-100' },
  ];
  const sql = `SELECT post_transfer(gen_random_uuid(), $1, 'DEPOSIT', gen_random_uuid(), 'USD',
    now(), now(), $2::jsonb)`;
  for (const ownerId of [estate.owner.id, estate.stranger.id]) {
    const values = [ownerId, JSON.stringify(entries)];
    expect(await server.refusalOf(viewers.stranger, sql, values)).toBe(INSUFFICIENT_PRIVILEGE);
  }
});
