import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { OUTSIDERS, tokensOf, type Tokens } from './isolation-callers.ts';
import { readRootTable, type RootLine } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import type { Caller } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';
import { miscountsOf, trespassesOf, WALK_TIMEOUT_MS, walkAs } from './isolation-walk.ts';

// Of the three walls, scopes, owner filters and row-level security, the third stands alone here.
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
vi.mock('../../src/services/accounts/capabilities.ts', async (original) => ({
  ...(await original<object>()),
  requireCapability: (viewer: unknown) => viewer,
}));
const schema = buildSchema({ disableScopeAuth: true });

const queries = readRootTable().filter(({ place }) => place.startsWith('Query.'));
/** The one shows oneself, which a test of its own tells; the other shows no row that is anybody's. */
const OF_NOBODY = ['Query.admin', 'Query.tradingStatus'];
/** Its service asks by itself who calls: the cursor of nobody would be of use to nobody. */
const REFUSED_BY_ITS_SERVICE = ['Query.events'];
let estate: Estate;
let tokens: Tokens;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database, { schema });
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  tokens = await tokensOf(estate);
});

async function outcomeFor(caller: Caller, { place, fieldName, thing }: RootLine): Promise<string> {
  const about = thing === undefined ? undefined : thingsOf(estate)[thing];
  const document = `{ ${String(PROBES[place]?.(about))} }`;
  return outcomeOf(await estate.graph.ask(document, tokens[caller]), fieldName);
}

describe('scopes and owner filters are out', () => {
  // An administrator passes row-level security and scopes, and no filter by owner. What is somebody's
  // alone they do not see even so.
  it.each(queries)('$title answers an administrator', async (line) => {
    const isOfOwner = ['credential', 'passkey', 'webhook'].includes(String(line.thing));
    expect(await outcomeFor('admin', line)).toBe(isOfOwner ? 'null' : 'data');
  });

  it("a list of one's own things does not ask who calls", async () => {
    const { errors } = await estate.graph.ask('{ orders { totalCount } }');
    expect(errors).toBeUndefined();
  });
});

describe.each(OUTSIDERS)('row-level security alone shows the %s', (caller) => {
  const hidden = queries.filter(
    ({ place, outcomes }) => outcomes[caller] !== 'data' && !OF_NOBODY.includes(place),
  );

  it.each(hidden)('nothing at $title', async (line) => {
    const isRefused = REFUSED_BY_ITS_SERVICE.includes(line.place) && caller === 'anonymous';
    const allowed = isRefused ? ['UNAUTHENTICATED'] : ['null', 'empty', 'NOT_FOUND'];
    expect(allowed).toContain(await outcomeFor(caller, line));
  });

  // Lists over everyone are functions of the database, which find nobody for whoever is no administrator.
  it('of all people, nobody', async () => {
    const document = '{ admin { users { totalCount nodes { id } } pendingUsers { totalCount } } }';
    const { data } = await estate.graph.ask(document, tokens[caller]);
    expect(data).toEqual({
      admin: { users: { totalCount: 0, nodes: [] }, pendingUsers: { totalCount: 0 } },
    });
  });
});

// It does not tell one who may only look from a stranger.
it.each(['anonymous', 'stranger'] as const)(
  'row-level security alone shows the %s nothing of the owner, wherever they look',
  async (caller) => {
    const { graph } = estate;
    const walked = await walkAs(caller, { estate, graph, token: tokens[caller] });
    expect(walked.leaks).toEqual([]);
    expect(miscountsOf(walked.sights)).toEqual([]);
    expect(trespassesOf(caller, { estate, sights: walked.sights })).toEqual([]);
  },
  WALK_TIMEOUT_MS,
);
