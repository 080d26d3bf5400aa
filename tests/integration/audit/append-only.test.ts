import { Client, DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditHouse, type AuditHouse } from './house.ts';

const TABLES = ['audit_records', 'audit_seals'];
const CHANGES = [
  ['UPDATE', (table: string) => `UPDATE ${table} SET ${KEY[table] ?? ''} = ${KEY[table] ?? ''}`],
  ['DELETE', (table: string) => `DELETE FROM ${table}`],
  ['TRUNCATE', (table: string) => `TRUNCATE ${table}`],
] as const;
const KEY: Readonly<Record<string, string>> = { audit_records: 'id', audit_seals: 'sequence' };
const INSUFFICIENT_PRIVILEGE = '42501';
const RESTRICT_VIOLATION = '23001';

let house: AuditHouse;
let superuser: Client;
beforeAll(async () => {
  house = await createAuditHouse();
  await house.record(3);
  await house.sealerWith().seal();
  superuser = new Client({ connectionString: house.database.ownerUrl });
  await superuser.connect();
  afterAll(() => superuser.end());
});

/** What a statement is refused with, when it runs as `role`; nothing of it stays. */
async function refusalAs(role: string | undefined, ...statements: string[]): Promise<string> {
  await superuser.query('BEGIN');
  try {
    if (role !== undefined) await superuser.query(`SET LOCAL ROLE ${role}`);
    for (const statement of statements) await superuser.query(statement);
    return 'done';
  } catch (error) {
    if (error instanceof DatabaseError) return String(error.code);
    throw error;
  } finally {
    await superuser.query('ROLLBACK');
  }
}

describe.each(TABLES)('%s', (table) => {
  it.each(CHANGES)('refuses %s of every role of the program, by its grants', async (_is, sqlOf) => {
    // Server and worker, and those who own a function that runs with their rights.
    const roles = await house.query<{ name: string }>(
      `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'tradegraph\\_%' ORDER BY 1`,
    );
    expect(roles.length).toBeGreaterThanOrEqual(6);
    for (const { name } of roles) {
      const refusal = await refusalAs(name, sqlOf(table));
      expect({ name, refusal }).toEqual({ name, refusal: INSUFFICIENT_PRIVILEGE });
    }
  });

  it.each(CHANGES)('refuses %s of whoever owns it, by its trigger', async (_change, sqlOf) => {
    expect(await refusalAs(undefined, sqlOf(table))).toBe(RESTRICT_VIOLATION);
  });
});

describe('the server', () => {
  it.each(['audit_seals', 'audit_unsealed'])('does not see %s', async (table) => {
    const sql = `SELECT 1 FROM ${table}`;
    expect(await refusalAs('tradegraph_server', sql)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('neither adds to the queue nor takes from it', async () => {
    for (const sql of [
      'INSERT INTO audit_unsealed VALUES (gen_random_uuid())',
      'DELETE FROM audit_unsealed',
      'SELECT queue_for_sealing()',
    ]) {
      expect(await refusalAs('tradegraph_server', sql)).toBe(INSUFFICIENT_PRIVILEGE);
    }
  });
});
