import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addApiKey } from '../support/api-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { dumpTables } from '../support/table-dump.ts';
import {
  readKeyTable,
  SCOPES,
  SESSION_FIELDS,
  SESSION_THINGS,
  type Scope,
  type Wanted,
} from './isolation-keys.ts';
import { readRootTable, type RootLine } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import type { Caller } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';
import { WALK_TIMEOUT_MS, walkAs } from './isolation-walk.ts';

/**
 * - `key`: of the owner, or for what is for administrators of one, with the one scope that is wanted.
 * - `bareKey`: the same with every scope but that one; for what is for people, with all scopes.
 * - `adminKey`: of an administrator, with all scopes but ADMIN: it sees as little as a stranger.
 */
const KEYS = ['key', 'bareKey', 'adminKey'] as const;
type KeyCaller = (typeof KEYS)[number];

const wantedBy = readKeyTable();
const isSubscription = ({ place }: RootLine) => place.startsWith('Subscription.');
const isMutation = ({ place }: RootLine) => place.startsWith('Mutation.');
const wantedOf = ({ place }: RootLine): Wanted => {
  const wanted = wantedBy.get(place);
  if (!wanted) throw new Error(`Say in isolation-keys.ts which keys open ${place}.`);
  return wanted;
};

const FORBIDDEN = 'FORBIDDEN';
/** What a line says of those whom a key is like. */
function expectedOf(line: RootLine, caller: KeyCaller): string {
  const wanted = wantedOf(line);
  const likeOwner: Caller = wanted === 'ADMIN' ? 'admin' : 'owner';
  if (wanted === 'SESSION' || wanted === 'PERSON') return FORBIDDEN;
  if (caller === 'adminKey') return wanted === 'ADMIN' ? FORBIDDEN : line.outcomes.stranger;
  if (caller === 'bareKey' && wanted !== 'ANY') return FORBIDDEN;
  if (SESSION_THINGS.includes(line.thing ?? '')) return FORBIDDEN;
  return line.outcomes[likeOwner];
}

function scopesOf(line: RootLine, caller: KeyCaller): readonly Scope[] {
  const wanted = wantedOf(line);
  if (caller === 'adminKey') return ['READ', 'TRADE', 'AGENT'];
  if (caller === 'bareKey') return SCOPES.filter((scope) => scope !== wanted);
  if (wanted === 'PERSON') return ['ADMIN'];
  return wanted === 'ANY' || wanted === 'SESSION' ? ['TRADE'] : [wanted];
}

const roots = readRootTable().filter((line) => !isSubscription(line));
const queries = roots.filter((line) => !isMutation(line));
const writes = roots
  .filter(isMutation)
  .flatMap((line) =>
    KEYS.map((caller) => ({ ...line, caller, outcome: expectedOf(line, caller) })),
  );

let database: TestDatabase;
let estate: Estate;
const secrets = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
});

/** A key with these scopes, made once. Only administrators have any with ADMIN. */
async function keyOf(line: RootLine, caller: KeyCaller): Promise<string> {
  const { owner, admin, graph } = estate;
  const scopes = scopesOf(line, caller);
  const isAdmin = caller === 'adminKey' || ['ADMIN', 'PERSON'].includes(wantedOf(line));
  const name = `${String(isAdmin)} ${scopes.join(' ')}`;
  const known = secrets.get(name);
  if (known !== undefined) return known;
  const person = isAdmin ? { ...admin, role: 'ADMIN' as const } : owner;
  const wish = scopes.filter((scope) => isAdmin || scope !== 'ADMIN');
  const { secret } = await addApiKey(graph.app, person, { scopes: wish });
  secrets.set(name, secret);
  return secret;
}

/** What a caller is answered, with the tables before and after. */
async function ask(line: RootLine, caller: KeyCaller) {
  const token = await keyOf(line, caller);
  const about = line.thing === undefined ? undefined : thingsOf(estate)[line.thing];
  const kind = isMutation(line) ? 'mutation' : 'query';
  return estate.graph.ask(`${kind} { ${String(PROBES[line.place]?.(about))} }`, token);
}

/** The record that a refusal leaves: attempts at other people's rights and at somebody's session. */
function recordedOf({
  outcome,
  caller,
  ...line
}: RootLine & { readonly outcome: string; readonly caller: KeyCaller }): unknown {
  if (outcome === 'INVALID_CREDENTIALS') return 'user.log-in-refused';
  // Its service lets traders stop what is their own, and writes down who would stop others.
  const isOfOthers = line.place === 'Mutation.setKillSwitch' && caller !== 'bareKey';
  const isAttempt = outcome === FORBIDDEN && (wantedOf(line) === 'ADMIN' || isOfOthers);
  return isAttempt ? expect.stringMatching(/\.change-refused$/) : undefined;
}

it('the table has a line for every root field, and none besides', () => {
  const { schema } = estate.graph;
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const places = types.flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${String(type)}.${field}`),
  );
  expect([...wantedBy.keys()].toSorted()).toEqual(places.toSorted());
});

describe.each(queries)('$title', (line) => {
  it.each(KEYS)('answers the %s as it should', async (caller) => {
    expect(outcomeOf(await ask(line, caller), line.fieldName)).toBe(expectedOf(line, caller));
  });
});

// Before the writes, which make private things public.
describe('walking through the whole graph', () => {
  it(
    "an administrator's key without ADMIN reads no secret of the owner",
    async () => {
      const { admin, graph } = estate;
      const { secret: token } = await addApiKey(
        graph.app,
        { ...admin, role: 'ADMIN' },
        { scopes: ['READ', 'TRADE', 'AGENT'] },
      );
      expect((await walkAs('admin', { estate, graph, token })).leaks).toEqual([]);
    },
    WALK_TIMEOUT_MS,
  );

  it(
    "the owner's own key without READ reads none either",
    async () => {
      const { owner, graph } = estate;
      const { secret: token } = await addApiKey(graph.app, owner, { scopes: ['TRADE'] });
      expect((await walkAs('owner', { estate, graph, token })).leaks).toEqual([]);
    },
    WALK_TIMEOUT_MS,
  );
});

describe('a write that is refused to a key changes nothing', () => {
  it.each(writes.filter(({ outcome }) => outcome !== 'data'))(
    '$title, asked by the $caller: $outcome',
    async (line) => {
      await keyOf(line, line.caller);
      await untilQuiet(database);
      const before = await dumpTables(database);
      const answer = await ask(line, line.caller);
      expect(outcomeOf(answer, line.fieldName)).toBe(line.outcome);
      await untilQuiet(database);
      const after = await dumpTables(database);
      const records = after['audit_records']?.splice(before['audit_records']?.length ?? 0);
      // What is written down says which key it was.
      const action = recordedOf(line);
      const which = { apiKeyId: expect.any(String) as string };
      expect(records).toMatchObject(action === undefined ? [] : [{ action, after: which }]);
      expect(after).toEqual(before);
    },
  );
});

describe('a write that a key is for', () => {
  it.each(writes.filter(({ outcome }) => outcome === 'data'))(
    'is done: $title, asked by the $caller',
    async (line) => {
      const answer = await ask(line, line.caller);
      expect(outcomeOf(answer, line.fieldName)).toBe('data');
    },
  );
});

describe.each(readRootTable().filter(isSubscription))('$title', (line) => {
  it('does not begin for a key without the scope for it', async () => {
    const about = line.thing === undefined ? undefined : thingsOf(estate)[line.thing];
    const document = `subscription { ${String(PROBES[line.place]?.(about))} }`;
    if (wantedOf(line) === 'ANY') return;
    const answer = await estate.graph.ask(document, await keyOf(line, 'bareKey'));
    expect(outcomeOf(answer, line.fieldName)).toBe(FORBIDDEN);
  });
});

describe('what is for people', () => {
  it.each(SESSION_FIELDS)('is closed to a key of all scopes: %s', async (document) => {
    const { admin, owner, graph } = estate;
    const ofAdmin = await addApiKey(graph.app, { ...admin, role: 'ADMIN' }, { scopes: SCOPES });
    const ofOwner = await addApiKey(graph.app, owner, { scopes: ['READ', 'TRADE', 'AGENT'] });
    for (const { secret } of [ofAdmin, ofOwner]) {
      const { data, errors } = await graph.ask(`{ ${document} }`, secret);
      expect(errors?.[0]?.extensions?.code).toBe(FORBIDDEN);
      expect(JSON.stringify(data ?? null)).not.toMatch(/\d/);
    }
  });
});
