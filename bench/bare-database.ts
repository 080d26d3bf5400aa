import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import type {
  Database,
  DatabaseOptions,
  SnapshotClient,
} from '../src/services/platform/database.ts';
import { PrismaClient, type Prisma } from '../src/services/platform/prisma/client.ts';
import { createStatementNames } from '../src/services/platform/statement-names.ts';

/**
 * Reads as a program would that knows no walls: each statement goes to the database by itself, in no
 * transaction, for nobody. What the whole of `createDatabase` costs is told beside this.
 */
export function createBareDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({ connectionString: options.url, max: options.poolSize });
  pool.on('error', () => undefined);
  const nameOf = createStatementNames();
  const adapter = new PrismaPg(pool, { statementNameGenerator: nameOf });
  const prisma = new PrismaClient({ adapter, omit: { user: { passwordHash: true } } });
  const client: SnapshotClient = prisma;
  return {
    withViewer: () => Promise.reject(new Error('The bare database of the bench does not write.')),
    pipeline: () => Promise.reject(new Error('The bare database of the bench does not write.')),
    handedPipelines: () =>
      Promise.reject(new Error('The bare database of the bench does not write.')),
    snapshot: (_viewer, work) => work(client),
    read: (_viewer, work) => work(({ text, values }) => client.$queryRawUnsafe(text, ...values)),
    clientFor: () => client,
    async lookUp<Row extends object>({ text, values }: Prisma.Sql) {
      const { rows } = await pool.query<Row>({ name: nameOf({ sql: text }), text, values });
      return rows;
    },
    beginSnapshot: () => undefined,
    endSnapshot: () => Promise.resolve(),
    pauseSnapshot: () => Promise.resolve(),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
