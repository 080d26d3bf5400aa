import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { liftRowLevelSecurity } from '../support/open-database.ts';
import { tokensOf, type Tokens } from './isolation-callers.ts';
import { readRootTable } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';
import { trespassesOf, WALK_TIMEOUT_MS, walkAs } from './isolation-walk.ts';

// Of the three walls, scopes, owner filters and row-level security, the first stands alone here.
vi.mock('../../src/services/platform/owner-filter.ts', () => ({
  ownedBy: () => ({}),
  accountsOf: () => ({}),
  inAccountsOf: () => ({}),
  accountsAreOf: () => [],
  ofAccountsOf: () => [],
  isOnPaper: () => false,
}));
vi.mock('../../src/services/agents/model-visibility.ts', () => ({
  modelsInScope: () => ({}),
  modelsWithLogInScope: () => ({}),
}));

const closed = readRootTable()
  .filter(({ place }) => place.startsWith('Query.'))
  .filter(({ outcomes }) => outcomes.anonymous === 'UNAUTHENTICATED');

let estate: Estate;
let tokens: Tokens;
/** The program on a database that shows every row to everyone. */
let open: Graph;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  tokens = await tokensOf(estate);
  open = await openGraph(database, { serverUrl: await liftRowLevelSecurity(database) });
  afterAll(() => open.app.stop());
});

describe('scopes alone', () => {
  it('do not keep a stranger from counting: the walls behind are out', async () => {
    const { data } = await open.ask('{ orders { totalCount } }', tokens.stranger);
    expect(data).toEqual({ orders: { totalCount: 10 } });
  });

  it.each(closed)('ask for a log-in at $title', async ({ place, fieldName, thing }) => {
    const about = thing === undefined ? undefined : thingsOf(estate)[thing];
    const answer = await open.ask(`{ ${String(PROBES[place]?.(about))} }`);
    expect(outcomeOf(answer, fieldName)).toBe('UNAUTHENTICATED');
  });

  it.each(['anonymous', 'stranger'] as const)(
    'show the %s nothing of the owner, wherever they look',
    async (caller) => {
      const walked = await walkAs(caller, { estate, graph: open, token: tokens[caller] });
      expect(walked.leaks).toEqual([]);
      expect(trespassesOf(caller, { estate, sights: walked.sights })).toEqual([]);
    },
    WALK_TIMEOUT_MS,
  );
});
