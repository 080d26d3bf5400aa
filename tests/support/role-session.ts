import { Client, DatabaseError, type QueryResult } from 'pg';
import { afterAll } from 'vitest';

export interface RoleSession {
  /** One statement as a viewer, rolled back. */
  run(viewer: RoleViewer, sql: string, values?: readonly unknown[]): Promise<QueryResult>;
  /** The SQLSTATE that the statement is refused with; `done` when it is not. */
  refusalOf(viewer: RoleViewer, sql: string, values?: readonly unknown[]): Promise<string>;
}

export interface RoleViewer {
  readonly userId: string | null;
  readonly role: string;
}

/** A connection with a role of the program, to ask the database itself as a request would. */
export async function openRoleSession(url: string): Promise<RoleSession> {
  const client = new Client({ connectionString: url });
  await client.connect();
  afterAll(() => client.end());

  const session: RoleSession = {
    async run({ userId, role }, sql, values = []) {
      await client.query('BEGIN');
      try {
        await client.query(
          `SELECT set_config('app.user_id', $1, true), set_config('app.role', $2, true)`,
          [userId ?? '', role],
        );
        return await client.query(sql, [...values]);
      } finally {
        await client.query('ROLLBACK');
      }
    },
    async refusalOf(viewer, sql, values) {
      try {
        await session.run(viewer, sql, values);
        return 'done';
      } catch (error) {
        if (error instanceof DatabaseError) return String(error.code);
        throw error;
      }
    },
  };
  return session;
}
