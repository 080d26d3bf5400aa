import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import type { Sight } from '../support/graph-walk.ts';
import { OUTSIDERS, tokenOf } from './isolation-callers.ts';
import { readFieldTable, readRootTable, type Audience } from './isolation-lines.ts';
import { rootFieldsOf, rootsOf } from './isolation-roots.ts';
import { CALLERS, type Caller } from './isolation-table.ts';
import { thingsOf, type Things } from './isolation-things.ts';
import { miscountsOf, trespassesOf, walkAs, type Walked } from './isolation-walk.ts';

const audiences = readFieldTable();
/** Five callers walk the whole graph before the first test. */
const SETTLING_TIMEOUT_MS = 600_000;

const walked = new Map<Caller, Walked>();
let estate: Estate;
let things: Things;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  things = thingsOf(estate);
  for (const caller of CALLERS) {
    const token = await tokenOf(estate, caller);
    walked.set(caller, await walkAs(caller, { estate, graph, token }));
  }
}, SETTLING_TIMEOUT_MS);

/** What is null until a board has days to count. Nobody owns it. */
const TAKES_DAYS =
  /^LeaderboardBenchmark\.|^Leaderboard\.benchmark$|^LeaderboardEntry\.(rank|confidence)/;

/** Lists that only their owner has, and that are empty for whoever owns nothing. */
const OF_OWN_LISTS = /^(ApiKey|Credential|Webhook)Edge\./;

/** Nobody who walks has shown a factor, nor has an authenticator app that works. */
const OF_SHOWN_FACTORS = /^SecondFactors\.(freshUntil|totpEnabledAt)$/;

/** A brief walk follows one order to its steps, and that one was filled. */
const OF_REFUSED_STEPS = /^OrderStep\.reasonCode$/;

/** Nobody has halted trading. */
const OF_HALTS = /^TradingStatus\.(reason|since)$/;

const sightsOf = (caller: Caller): readonly Sight[] => walked.get(caller)?.sights ?? [];
const placeOf = ({ typeName, fieldName }: Sight): string => `${typeName}.${fieldName}`;
const isThere = ({ value }: Sight): boolean => value !== null && value !== undefined;
const placesOf = (sights: readonly Sight[]): Set<string> => new Set(sights.map(placeOf));
const placesFor = (...wanted: Audience[]): string[] =>
  [...audiences].flatMap(([place, audience]) => (wanted.includes(audience) ? place : []));

describe('a walk', () => {
  it('begins at every root query', () => {
    const queries = readRootTable().filter(({ place }) => place.startsWith('Query.'));
    expect(rootFieldsOf(rootsOf(things))).toEqual(new Set(queries.map((line) => line.fieldName)));
  });

  it.each(['owner', 'admin'] as const)('sees all that there is, for the %s', (caller) => {
    const seen = placesOf(sightsOf(caller).filter(isThere));
    const own = placesFor(caller === 'admin' ? 'admin' : 'self');
    const expected = [...placesFor('everyone', 'market', 'owner', 'readers'), ...own];
    const isAsked = (place: string) =>
      (caller === 'owner' || !OF_OWN_LISTS.test(place)) &&
      !OF_SHOWN_FACTORS.test(place) &&
      !OF_REFUSED_STEPS.test(place) &&
      !OF_HALTS.test(place);
    const missing = expected.filter(
      (place) => !seen.has(place) && !TAKES_DAYS.test(place) && isAsked(place),
    );
    // The entry to one's own things, and the list of one's own past, never lead to another's.
    expect(missing).toEqual(caller === 'admin' ? ['Position.asOf', 'Viewer.account'] : []);
  });

  it("comes to nothing that is somebody's alone, for the admin", () => {
    const seen = placesOf(sightsOf('admin'));
    expect(placesFor('self').filter((place) => seen.has(place))).toEqual([]);
  });

  it('never comes to what stands in answers to writes and in streams alone', () => {
    const seen = CALLERS.flatMap((caller) => [...placesOf(sightsOf(caller))]);
    const forCallers = placesFor('caller');
    expect(seen.filter((place) => forCallers.includes(place))).toEqual([]);
  });
});

describe.each(OUTSIDERS)('the %s', (caller) => {
  it('reads no secret of the owner anywhere', () => {
    expect(walked.get(caller)?.leaks).toEqual([]);
  });

  it('comes to no object but those that are public and their own', () => {
    expect(trespassesOf(caller, { estate, sights: sightsOf(caller) })).toEqual([]);
  });

  it('comes to nothing that is for administrators', () => {
    const seen = placesOf(sightsOf(caller).filter(isThere));
    expect(placesFor('admin').filter((place) => seen.has(place))).toEqual([]);
  });

  it('counts only what is shown', () => {
    expect(miscountsOf(sightsOf(caller))).toEqual([]);
  });

  it("gets null, and no error, for what is the owner's alone on a public object", () => {
    const forOwner = placesFor('owner');
    const asked = sightsOf(caller).filter((sight) => forOwner.includes(placeOf(sight)));
    expect(placesOf(asked)).toEqual(new Set(forOwner));
    expect(asked.filter(({ value }) => value !== null)).toEqual([]);
  });

  it('reads all else of what is public', () => {
    const seen = placesOf(sightsOf(caller).filter(isThere));
    const expected = [
      ...placesFor('market'),
      ...placesFor('readers').filter((place) => /^(Model|AgentLogEntry)\./.test(place)),
    ];
    expect(expected.filter((place) => !seen.has(place))).toEqual([]);
  });
});
