import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createDatabase, type Tx } from '../../../src/services/platform/database.ts';
import { Prisma } from '../../../src/services/platform/prisma/client.ts';
import { anonymousViewer, userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/outbox.ts';

const STATEMENT_TIMEOUT_MS = 1_000;
const TRANSACTION_TIMEOUT_MS = 2_000;
const RUNS = 10;
const REQUESTS = { minLength: 250, maxLength: 350 };
const TEST_TIMEOUT_MS = 600_000;

const database = await createTestDatabase();
const db = createDatabase({
  url: database.serverUrl,
  poolSize: 3,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
afterAll(() => db.close());

const people = Array.from({ length: 3 }, () => randomUUID());
await database.query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   SELECT id, id, id, id, id, 'secret', 'USER', 'ACTIVE', 0, now(), now() FROM unnest($1::uuid[]) AS id`,
  [people],
);
await database.query(
  `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at)
   SELECT gen_random_uuid(), id, now(), now(), now() FROM users`,
);

/** Somebody, or nobody; a viewer of its own for each request. */
interface Request {
  readonly who: string | null;
  readonly what: keyof typeof REQUESTED;
}
/** Whom a read showed. */
type Seen = readonly string[];

const readOnce = async (tx: Tx): Promise<Seen> => (await tx.user.findMany()).map(({ id }) => id);
/** Two statements, of which the second is sent when the first has answered. */
const readWithSessions = async (tx: Tx): Promise<Seen> => {
  const found = await tx.user.findMany({ include: { sessions: true } });
  return found.flatMap(({ id, sessions }) => [id, ...sessions.map(({ ownerId }) => ownerId)]);
};
const readSettings = (tx: Tx): Promise<Seen> =>
  tx.$queryRaw<{ id: string }[]>`SELECT current_setting('app.user_id') AS id WHERE
    current_setting('app.user_id') <> ''`.then((rows) => rows.map(({ id }) => id));
const fail = (tx: Tx) => tx.$executeRaw`SELECT 1 / 0`;
const sleep = (tx: Tx, seconds: number) => tx.$executeRaw`SELECT pg_sleep(${seconds})`;

/** What a request may do, and how it may end. Each answers with whom it saw. */
const REQUESTED = {
  reads: (viewer: Viewer) => db.snapshot(viewer, readOnce),
  async 'reads all at once'(viewer: Viewer) {
    db.beginSnapshot(viewer);
    const reads = [readOnce, readWithSessions, readSettings, readOnce];
    const seen = await Promise.all(reads.map((read) => db.snapshot(viewer, read)));
    await db.endSnapshot(viewer);
    return seen.flat();
  },
  writes: (viewer: Viewer) =>
    db.withViewer(viewer, async (tx) => {
      await tx.$executeRaw`UPDATE sessions SET last_used_at = now() WHERE owner_id = ${viewer.userId}::uuid`;
      return readWithSessions(tx);
    }),
  async 'reads, writes and reads'(viewer: Viewer) {
    db.beginSnapshot(viewer);
    const before = await db.clientFor(viewer).user.findMany();
    const during = await db.withViewer(viewer, readSettings);
    const after = await db.snapshot(viewer, readOnce);
    await db.endSnapshot(viewer);
    return [...before.map(({ id }) => id), ...during, ...after];
  },
  'asks nothing': (viewer: Viewer) => db.snapshot(viewer, () => Promise.resolve<Seen>([])),
  'throws before it asks': (viewer: Viewer) =>
    db.withViewer<Seen>(viewer, () => Promise.reject(new Error('On purpose.'))),
  'throws in the middle': (viewer: Viewer) =>
    db.withViewer<Seen>(viewer, async (tx) => {
      await readOnce(tx);
      throw new Error('On purpose.');
    }),
  'is refused by the database': (viewer: Viewer) =>
    db.snapshot<Seen>(viewer, async (tx) => {
      await fail(tx);
      return [];
    }),
  'swallows what the database says': (viewer: Viewer) =>
    db.withViewer<Seen>(viewer, async (tx) => {
      await fail(tx).catch(() => undefined);
      return [];
    }),
  /** As one whose client has gone: its reads go on when its snapshot has ended. */
  async 'gives up'(viewer: Viewer) {
    db.beginSnapshot(viewer);
    const late = db.snapshot(viewer, readWithSessions);
    const later = db.snapshot(viewer, async (tx) => {
      const seen = await readOnce(tx);
      await delay(5);
      return [...seen, ...(await readWithSessions(tx))];
    });
    await db.endSnapshot(viewer);
    const ended = await Promise.allSettled([late, later]);
    return ended.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  },
  'takes too long for a statement': (viewer: Viewer) =>
    db.snapshot<Seen>(viewer, async (tx) => {
      await sleep(tx, (3 * STATEMENT_TIMEOUT_MS) / 1_000);
      return [];
    }),
  'takes too long for a transaction': (viewer: Viewer) =>
    db.snapshot(viewer, async (tx) => {
      const seen = await readOnce(tx);
      await delay(1.5 * TRANSACTION_TIMEOUT_MS);
      return [...seen, ...(await readOnce(tx))];
    }),
  async 'loses its connection'(viewer: Viewer) {
    return db.snapshot(viewer, async (tx) => {
      const [own] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      await database.query('SELECT pg_terminate_backend($1)', [own?.pid]);
      return readOnce(tx);
    });
  },
  async 'looks up as nobody'() {
    const rows = await db.lookUp<{ id: string }>(
      Prisma.sql`SELECT id::text FROM users UNION ALL
        SELECT setting FROM (SELECT current_setting('app.user_id', true) AS setting) AS set
        WHERE setting <> ''`,
    );
    // Whoever asks, it sees nobody: anyone at all would be a stranger.
    return rows.map(({ id }) => `by nobody: ${id}`);
  },
} satisfies Record<string, (viewer: Viewer) => Promise<Seen>>;

const COSTLY = [
  'takes too long for a statement',
  'takes too long for a transaction',
  'loses its connection',
] as const;
const QUICK = (Object.keys(REQUESTED) as Request['what'][]).filter(
  (what) => !(COSTLY as readonly string[]).includes(what),
);
const requests = fc.array(
  fc.record<Request>({
    who: fc.constantFrom(null, ...people),
    what: fc.oneof(
      { weight: 100, arbitrary: fc.constantFrom(...QUICK) },
      { weight: 1, arbitrary: fc.constantFrom(...COSTLY) },
    ),
  }),
  REQUESTS,
);

test(
  'thousands of requests on three connections see their own viewer, however others end',
  async () => {
    let answered = 0;
    const run = async ({ who, what }: Request): Promise<void> => {
      const viewer = who === null ? anonymousViewer() : userViewer({ userId: who, role: 'USER' });
      const seen = await REQUESTED[what](viewer).catch(() => undefined);
      if (seen && seen.length > 0) answered += 1;
      expect({ what, seen: seen?.filter((id) => id !== who) ?? [] }).toEqual({ what, seen: [] });
    };
    await fc.assert(
      fc.asyncProperty(requests, async (given) => {
        await Promise.all(given.map(run));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    // Most of them read something, so that there was something to see.
    expect(answered).toBeGreaterThan((RUNS * REQUESTS.minLength) / 4);
    await eventually('all connections are clean', async () => {
      const busy = await database.query(
        `SELECT state FROM pg_stat_activity WHERE usename = 'tradegraph_server' AND datname = current_database()
           AND state <> 'idle'`,
      );
      return busy.length === 0;
    });
  },
  TEST_TIMEOUT_MS,
);

test('a write that swallows a refusal of the database does not pass for committed', async () => {
  const viewer = userViewer({ userId: String(people[0]), role: 'USER' });
  await expect(REQUESTED['swallows what the database says'](viewer)).rejects.toThrow(/ROLLBACK/);
});
