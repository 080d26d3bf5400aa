import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
const { server, worker } = database;
const [ada, bob] = [randomUUID(), randomUUID()];

await database.query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   SELECT id, name, name, name, name, 'secret', 'USER', 'ACTIVE', 0, now(), now()
   FROM (VALUES ($1::uuid, 'ada'), ($2::uuid, 'bob')) AS people (id, name)`,
  [ada, bob],
);

const as = (userId: string) => userViewer({ userId, role: 'USER' });
const namesSeenBy = (viewer: ReturnType<typeof anonymousViewer>) =>
  server.snapshot(viewer, (tx) => tx.user.findMany({ orderBy: { username: 'asc' } }));

describe('the viewer of a transaction', () => {
  test('sees its own rows and no others', async () => {
    expect((await namesSeenBy(as(ada))).map((user) => user.username)).toEqual(['ada']);
    expect(await namesSeenBy(anonymousViewer())).toEqual([]);
  });

  test('does not leak to the next user of the connection', async () => {
    const viewers = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? null : index % 2));
    const seen = await Promise.all(
      viewers.map((who) =>
        namesSeenBy(who === null ? anonymousViewer() : as([ada, bob][who] ?? '')),
      ),
    );
    expect(seen.map((users) => users.map((user) => user.id))).toEqual(
      viewers.map((who) => (who === null ? [] : [[ada, bob][who]])),
    );
  });

  test('is an administrator only by role, who sees everyone', async () => {
    const admin = userViewer({ userId: ada, role: 'ADMIN' });
    expect((await namesSeenBy(admin)).map((user) => user.username)).toEqual(['ada', 'bob']);
  });

  test('cannot read the hash of a password, its own neither', async () => {
    const ask = server.snapshot(as(ada), (tx) => tx.$queryRaw`SELECT password_hash FROM users`);
    await expect(ask).rejects.toThrow(/permission denied/);
  });
});

describe('the server and worker roles', () => {
  test('own nothing and pass no wall', async () => {
    const roles = await database.query(
      `SELECT rolname FROM pg_roles r WHERE rolname LIKE 'tradegraph_%' AND (rolsuper OR rolbypassrls
         OR rolcreatedb OR rolcreaterole OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid))`,
    );
    // It makes and drops the days of the event log, and nobody can be it.
    expect(roles).toEqual([{ rolname: 'tradegraph_archivist' }]);
    const owned = await database.query(
      `SELECT DISTINCT c.relnamespace::regnamespace::text AS schema, c.relkind::text AS kind
       FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
       WHERE r.rolname = 'tradegraph_archivist' AND c.relkind IN ('r', 'p', 'v', 'S')
       ORDER BY schema`,
    );
    expect(owned).toEqual([
      { schema: 'event_days', kind: 'r' },
      { schema: 'public', kind: 'p' },
    ]);
    const archivists = await database.query(
      `SELECT 1 FROM pg_roles WHERE rolname = 'tradegraph_archivist' AND rolcanlogin
       UNION ALL SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
         JOIN pg_roles member ON member.oid = m.member
       WHERE r.rolname = 'tradegraph_archivist' AND member.rolname LIKE 'tradegraph_%'`,
    );
    expect(archivists).toEqual([]);
  });

  test('meet FORCEd row-level security on every table that has an owner', async () => {
    const open = await database.query(
      `SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
         AND (a.attname IN ('owner_id', 'actor_id') OR c.relname = 'users')
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(open).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('shows one state to all reads of a request and takes one connection', async () => {
    const viewer = as(ada);
    server.beginSnapshot(viewer);
    const client = server.clientFor(viewer);
    const before = await client.user.findUniqueOrThrow({ where: { id: ada } });
    await database.query(`UPDATE users SET username = 'countess' WHERE id = $1`, [ada]);
    const during = await server.snapshot(viewer, (tx) => tx.user.findMany());
    await server.endSnapshot(viewer);
    const [after] = await namesSeenBy(as(ada));
    expect([before.username, during[0]?.username, after?.username]).toEqual([
      'ada',
      'ada',
      'countess',
    ]);
  });

  test('refuses to write', async () => {
    const write = worker.snapshot(anonymousViewer(), (tx) =>
      tx.user.updateMany({ data: { role: 'ADMIN' } }),
    );
    await expect(write).rejects.toThrow(/read-only/);
  });

  test('ends before a write begins, so that ten requests on five connections do not block', async () => {
    const requests = Array.from({ length: 10 }, async () => {
      const viewer = as(bob);
      server.beginSnapshot(viewer);
      await server.snapshot(viewer, (tx) => tx.user.count());
      await server.withViewer(viewer, (tx) => tx.$queryRaw`SELECT 1`);
      const seen = await server.clientFor(viewer).user.count();
      await server.endSnapshot(viewer);
      return seen;
    });
    expect(await Promise.all(requests)).toEqual(Array.from({ length: 10 }, () => 1));
  });
});
