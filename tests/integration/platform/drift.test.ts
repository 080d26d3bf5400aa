import { expect, it } from 'vitest';
import { readMigrations } from '../../../src/services/platform/migrations/migrate.ts';
import { driftOf } from '../../../src/services/platform/migrations/scratch.ts';
import { MIGRATIONS_FOLDER } from '../../../src/services/platform/project-root.ts';
import { createTestDatabase } from '../../support/database.ts';

const migrations = await readMigrations(MIGRATIONS_FOLDER);

it('finds nothing in a database that was only migrated, and leaves no scratch behind', async () => {
  const { ownerUrl, query } = await createTestDatabase();
  expect(await driftOf(ownerUrl, migrations)).toEqual([]);
  const scratch = `SELECT datname FROM pg_database WHERE datname = 'tradegraph_scratch_${String(process.pid)}'`;
  expect(await query(scratch)).toEqual([]);
});

it('finds every kind of thing that was changed past the migrations', async () => {
  const { ownerUrl, query } = await createTestDatabase();
  for (const change of [
    'ALTER TABLE users ADD COLUMN hobby text',
    'ALTER TABLE orders ALTER quantity TYPE numeric',
    'ALTER TABLE sessions ALTER address SET NOT NULL',
    `ALTER TABLE models ALTER name SET DEFAULT 'nameless'`,
    'DROP POLICY owner_reads ON orders',
    'ALTER TABLE trades NO FORCE ROW LEVEL SECURITY',
    'ALTER TABLE positions DISABLE ROW LEVEL SECURITY',
    'GRANT DELETE ON order_events TO tradegraph_server',
    'GRANT SELECT (password_hash) ON users TO tradegraph_server',
    'CREATE INDEX extra ON orders (status)',
    'ALTER TABLE instruments ADD CONSTRAINT named CHECK (length(name) > 0)',
    'DROP TABLE news_articles',
    'CREATE TABLE left_over (id int PRIMARY KEY)',
    'CREATE VIEW open_orders AS SELECT id FROM orders',
    'ALTER TABLE ledger_entries DISABLE TRIGGER append_only',
    `ALTER TYPE order_side ADD VALUE 'HOLD'`,
    `CREATE OR REPLACE FUNCTION viewer_is_admin() RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    'GRANT EXECUTE ON FUNCTION viewer_id() TO PUBLIC',
  ]) {
    await query(change);
  }
  const extra = 'is in the database, but no migration makes it';
  expect(await driftOf(ownerUrl, migrations)).toEqual(
    [
      'column models.name differs',
      'column orders.quantity differs',
      'column sessions.address differs',
      `column users.hobby ${extra}`,
      'column users.password_hash differs',
      `constraint instruments.named ${extra}`,
      'function viewer_id() differs',
      'function viewer_is_admin() differs',
      `index orders.extra ${extra}`,
      'policy orders.owner_reads is missing',
      'table news_articles is missing',
      'table order_events differs',
      `table left_over ${extra}`,
      'table positions differs',
      'table trades differs',
      'trigger ledger_entries.append_only differs',
      'type order_side differs',
      `view open_orders ${extra}`,
    ].sort(),
  );
});
