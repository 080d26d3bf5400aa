import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDatabase, type Database } from '../../../src/services/platform/database.ts';
import { Prisma } from '../../../src/services/platform/prisma/client.ts';
import type { Query } from '../../../src/services/platform/query.ts';
import type { Ask } from '../../../src/services/platform/read-transaction.ts';
import { userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { statementsOf } from '../../support/statement-watch.ts';

const database = await createTestDatabase();
const { server } = database;
const [ada, bob] = [randomUUID(), randomUUID()];
await database.query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   SELECT id, name, name, name, name, 'secret', 'USER', 'ACTIVE', 0, now(), now()
   FROM (VALUES ($1::uuid, 'ada'), ($2::uuid, 'bob')) AS people (id, name)`,
  [ada, bob],
);

const as = (userId: string): Viewer => userViewer({ userId, role: 'USER' });
interface Named {
  readonly username: string;
}
const NAMES: Query<Named> = { text: 'SELECT username FROM users ORDER BY 1', values: [] };
const WHERE: Query<{ readonly pid: number; readonly who: string }> = {
  text: `SELECT pg_backend_pid() AS pid, current_setting('app.user_id', true) AS who`,
  values: [],
};
const sleeping = (seconds: number): Query => ({ text: 'SELECT pg_sleep($1)', values: [seconds] });
const FAILING: Query = { text: 'SELECT 1 / $1::int AS never', values: [0] };

const namesSeenBy = async (viewer: Viewer, db: Database = server) =>
  (await db.read(viewer, (ask) => ask(NAMES))).map(({ username }) => username);

/** A database with one connection, unless another number is told. */
function open(options: Partial<Parameters<typeof createDatabase>[0]> = {}): Database {
  const db = createDatabase({
    ...{ url: database.serverUrl, poolSize: 1, acquireTimeoutMs: 60_000 },
    ...{ transactionTimeoutMs: 60_000, statementTimeoutMs: 60_000, ...options },
  });
  onTestFinished(() => db.close());
  return db;
}

/** Runs `work` in a snapshot of a viewer's. */
async function inSnapshot<T>(db: Database, work: (viewer: Viewer) => Promise<T>): Promise<T> {
  const viewer = as(ada);
  db.beginSnapshot(viewer);
  try {
    return await work(viewer);
  } finally {
    await db.endSnapshot(viewer);
  }
}

describe('a read past Prisma', () => {
  test('tells who looks at what was not read', async () => {
    const query = { ...NAMES, unread: ['email'] };
    const [row] = await server.read(as(ada), (ask) => ask<Named & { email?: string }>(query));
    expect({ ...row }).toEqual({ username: 'ada' });
    expect(() => row?.email).toThrow('email was not read.');
  });

  test('prepares a statement once, also when it is asked again before it is answered', async () => {
    const db = open();
    const answers = await db.read(as(ada), async (ask) => {
      const first = ask(sleeping(0.3));
      await delay(100);
      // Both are on their way by now: the server answers the one after the other.
      return Promise.all([first, ask(sleeping(0)), ask(sleeping(0))]);
    });
    expect(answers.map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(await namesSeenBy(as(ada), db)).toEqual(['ada']);
  });

  test('sees its viewer’s rows and no others, whoever had the connection before', async () => {
    const db = open();
    expect(await namesSeenBy(as(ada), db)).toEqual(['ada']);
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
    const admin = userViewer({ userId: ada, role: 'ADMIN' });
    expect(await namesSeenBy(admin, db)).toEqual(['ada', 'bob']);
    expect(await namesSeenBy(as(randomUUID()), db)).toEqual([]);
  });

  test('leaves nothing of its viewer on the connection', async () => {
    const db = open();
    await namesSeenBy(as(ada), db);
    const [left] = await db.lookUp<{ who: string | null }>(Prisma.raw(WHERE.text));
    expect(left?.who ?? '').toBe('');
  });

  test('writes nothing', async () => {
    const write: Query = { text: `UPDATE users SET username = 'eve' RETURNING id`, values: [] };
    await expect(server.read(as(ada), (ask) => ask(write))).rejects.toThrow(/read-only/);
    expect(await namesSeenBy(as(ada))).toEqual(['ada']);
  });

  test('shares one connection and one state with Prisma, whichever begins', async () => {
    for (const isPrismaFirst of [true, false]) {
      await inSnapshot(server, async (viewer) => {
        const past = () => server.read(viewer, (ask) => ask(WHERE));
        const prisma = () =>
          server.snapshot(viewer, (tx) => tx.$queryRawUnsafe<(typeof WHERE.row)[]>(WHERE.text));
        const first = isPrismaFirst ? await prisma() : await past();
        await database.query(`UPDATE users SET username = username || '!' WHERE id = $1`, [ada]);
        const second = isPrismaFirst ? await past() : await prisma();
        expect(second).toEqual(first);
        const before = await namesSeenBy(viewer);
        const [byPrisma] = await server.snapshot(viewer, (tx) => tx.user.findMany());
        expect([byPrisma?.username]).toEqual(before);
        await server.pauseSnapshot(viewer);
        expect(await namesSeenBy(viewer)).toEqual([`${String(before[0])}!`]);
      });
    }
    await database.query(`UPDATE users SET username = 'ada' WHERE id = $1`, [ada]);
  });

  test('is one message with its beginning, together with what else is asked at once', async () => {
    const sent = await statementsOf(() =>
      inSnapshot(server, async (viewer) => {
        await Promise.all([namesSeenBy(viewer), server.read(viewer, (ask) => ask(WHERE))]);
      }),
    );
    expect(sent.map((text) => text.split(' ', 2).join(' '))).toEqual([
      'BEGIN ISOLATION',
      'SELECT username',
      'SELECT pg_backend_pid()',
      'COMMIT',
    ]);
  });

  test('takes no connection before it is asked anything', async () => {
    const db = open({ acquireTimeoutMs: 10_000 });
    await inSnapshot(db, async () => {
      await db.read(as(bob), () => Promise.resolve());
      expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
    });
  });

  test('answers what was asked before its end, and nothing after', async () => {
    let late: Ask | undefined;
    const asked = await server.read(as(ada), (ask) => {
      late = ask;
      return Promise.resolve({ names: ask(NAMES) });
    });
    expect(await asked.names).toEqual([{ username: 'ada' }]);
    await expect(late?.(NAMES)).rejects.toThrow('The transaction is over.');
  });

  test('of ten at once on one connection holds none up', async () => {
    const db = open();
    const seen = await Promise.all(
      Array.from({ length: 10 }, () =>
        inSnapshot(db, async (viewer) => {
          await namesSeenBy(viewer, db);
          await db.withViewer(viewer, (tx) => tx.$queryRaw`SELECT 1`);
          return namesSeenBy(viewer, db);
        }),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 10 }, () => ['ada']));
  });
});

describe('what fails', () => {
  test('fails alone of what was asked before it, and with all behind it', async () => {
    const db = open();
    await inSnapshot(db, async (viewer) => {
      const outcomes = await db.read(viewer, (ask) =>
        Promise.allSettled([ask(NAMES), ask(FAILING), ask(NAMES)]),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      await expect(db.read(viewer, (ask) => ask(NAMES))).rejects.toThrow('is over');
      await expect(db.snapshot(viewer, (tx) => tx.user.findMany())).rejects.toThrow('is over');
    });
    // The next request has a connection that is in no transaction, for nobody.
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });

  test('is told as PostgreSQL says it, of a statement that it does not understand', async () => {
    const db = open();
    const nonsense: Query = { text: 'SELECT nonsense', values: [] };
    await expect(db.read(as(ada), (ask) => ask(nonsense))).rejects.toThrow(/"nonsense"/);
    expect(await namesSeenBy(as(ada), db)).toEqual(['ada']);
  });

  test('is a value that no statement takes, and no connection with it', async () => {
    const db = open();
    const strange: Query = { text: 'SELECT $1::text', values: [Symbol('strange')] };
    await expect(db.read(as(ada), (ask) => ask(strange))).rejects.toThrow(/is a symbol/);
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });

  test('is a statement that takes too long', async () => {
    const db = open({ statementTimeoutMs: 2_000 });
    await expect(db.read(as(ada), (ask) => ask(sleeping(60)))).rejects.toThrow(/statement timeout/);
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });

  test('is a transaction that takes too long', async () => {
    const db = open({ transactionTimeoutMs: 2_000, idleInTransactionMs: 60_000 });
    await inSnapshot(db, async (viewer) => {
      expect(await namesSeenBy(viewer, db)).toEqual(['ada']);
      await delay(2_500);
      await expect(namesSeenBy(viewer, db)).rejects.toThrow('is over');
    });
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });

  test('is a connection that is lost in the middle', async () => {
    const db = open();
    await inSnapshot(db, async (viewer) => {
      const [{ pid } = { pid: 0 }] = await db.read(viewer, (ask) => ask(WHERE));
      const lost = expect(db.read(viewer, (ask) => ask(sleeping(60)))).rejects.toThrow();
      await database.query('SELECT pg_terminate_backend($1)', [pid]);
      await lost;
      await expect(namesSeenBy(viewer, db)).rejects.toThrow();
    });
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });

  test('is a pool that has no connection left, for who waits too long', async () => {
    const db = open({ acquireTimeoutMs: 2_000 });
    await inSnapshot(db, async (viewer) => {
      await namesSeenBy(viewer, db);
      await expect(namesSeenBy(as(bob), db)).rejects.toThrow(/timeout/);
      await expect(db.snapshot(as(bob), (tx) => tx.user.findMany())).rejects.toThrow(
        /timeout|transaction/i,
      );
    });
    expect(await namesSeenBy(as(bob), db)).toEqual(['bob']);
  });
});
