import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTokens } from '../../src/services/accounts/tokens.ts';
import type { Clock } from '../../src/services/platform/clock.ts';
import { keyOfSecret } from '../../src/services/platform/config/token-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { dumpTables } from '../support/table-dump.ts';
import { readRootTable } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';

const HOUR_MS = 3_600_000;
const operations = readRootTable()
  .filter(({ place }) => !place.startsWith('Subscription.'))
  .filter(({ place }, at, all) => all.findIndex((line) => line.place === place) === at);

let database: TestDatabase;
let estate: Estate;
/** How far the clock of the program is ahead. */
let aheadMs = 0;
const clock: Clock = { now: () => new Date(Date.now() + aheadMs) };

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database, { clock });
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
});

const ownedBySql = (sql: string) => database.query(sql, [estate.owner.id]);

/** Ways in which a token that was the owner's a moment ago is good no more. */
const VOID: readonly { state: string; spoil: (token: string) => Promise<string> }[] = [
  {
    state: 'expired',
    spoil: async (token) => {
      aheadMs = HOUR_MS;
      return token;
    },
  },
  {
    state: 'of a session that was logged out',
    spoil: async (token) => {
      await estate.graph.ask('mutation { logOut { __typename } }', token);
      return token;
    },
  },
  {
    state: 'of a person who was disabled',
    spoil: async (token) => {
      await ownedBySql(`UPDATE users SET status = 'DISABLED' WHERE id = $1`);
      return token;
    },
  },
  {
    state: 'of an older version',
    spoil: async (token) => {
      await ownedBySql('UPDATE users SET token_version = token_version + 1 WHERE id = $1');
      return token;
    },
  },
  {
    state: 'signed with another secret',
    spoil: async () => {
      const secret = 'another secret that is long enough';
      const [session] = await ownedBySql('SELECT id, expires_at FROM sessions WHERE owner_id = $1');
      const { id, expires_at: expiresAt } = session as { id: string; expires_at: Date };
      const claims = { userId: estate.owner.id, sessionId: id, tokenVersion: 0, expiresAt };
      return createTokens({ keys: [keyOfSecret(secret)], clock }).sign(claims);
    },
  },
  {
    state: 'changed in its last characters',
    spoil: async (token) => `${token.slice(0, -4)}AAAA`,
  },
  { state: 'no token at all', spoil: async () => 'nonsense' },
];

describe.each(VOID)('a token $state', ({ spoil }) => {
  let token = '';
  let before = {};

  beforeAll(async () => {
    token = await spoil(await estate.graph.logIn(estate.owner));
    await untilQuiet(database);
    before = await dumpTables(database);
    return async () => {
      aheadMs = 0;
      await ownedBySql(`UPDATE users SET status = 'ACTIVE', token_version = 0 WHERE id = $1`);
    };
  });

  it.each(operations)('is refused by $place', async ({ place, fieldName, thing }) => {
    const about = thing === undefined ? undefined : thingsOf(estate)[thing];
    const operation = place.startsWith('Query.') ? '' : 'mutation';
    const answer = await estate.graph.ask(
      `${operation} { ${String(PROBES[place]?.(about))} }`,
      token,
    );
    // Not as for a caller without a token: whoever sends one must learn that it is no good.
    expect(outcomeOf(answer, fieldName)).toBe('UNAUTHENTICATED');
    expect(answer.data ?? null).toBeNull();
  });

  it('changed nothing', async () => {
    expect(await dumpTables(database)).toEqual(before);
  });
});

describe('a token whose person got another role', () => {
  let token = '';
  beforeEach(async () => {
    token = await estate.graph.logIn(estate.admin);
  });

  it('has the rights of the new role', async () => {
    const { account } = thingsOf(estate);
    const question = `{ node(id: "${String(account?.id)}") { id } }`;
    expect(outcomeOf(await estate.graph.ask(question, token), 'node')).toBe('data');
    await database.query(`UPDATE users SET role = 'USER' WHERE id = $1`, [estate.admin.id]);
    expect(outcomeOf(await estate.graph.ask(question, token), 'node')).toBe('null');
    await database.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [estate.admin.id]);
  });
});
