import pg from 'pg';

/**
 * Reads as a viewer: each in a transaction of its own that begins with who asks, all of it in one
 * message, its statement prepared by name. Rows come as PostgreSQL writes them.
 */
export function createReads({ databaseUrl, poolSize }) {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolSize,
    pipeline: true,
    options: '-c timezone=UTC',
    types: { getTypeParser: () => (text) => text },
  });
  return (userId) => {
    const begin =
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ' +
      `SET LOCAL app.user_id = ${pg.escapeLiteral(userId)}; SET LOCAL app.role = 'USER'`;
    return async (name, text, values) => {
      const client = await pool.connect();
      const { stream } = client.connection;
      stream.cork();
      const begun = client.query(begin);
      const asked = client.query({ name, text, values });
      const ended = client.query('COMMIT');
      stream.uncork();
      try {
        const [{ rows }] = await Promise.all([asked, begun, ended]);
        client.release();
        return rows;
      } catch (error) {
        client.release(true);
        throw error;
      }
    };
  };
}
