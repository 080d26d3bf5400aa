import fc from 'fast-check';
import { execute, parse, validate, type ExecutionArgs } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '../../src/server/context.ts';
import { executePlan } from '../../src/server/plans/plan.ts';
import { inSnapshot } from '../../src/server/use-snapshot.ts';
import { systemClock } from '../../src/services/platform/clock.ts';
import { anonymousViewer, type Viewer } from '../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate } from '../support/estate.ts';
import { documentGenerator, type GeneratedDocument } from '../support/generated-documents.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { tokensOf } from './isolation-callers.ts';
import { argumentsOf, rootsOf } from './isolation-roots.ts';
import { CALLERS } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';

/*
 * Plans beside plain graphql-js: the same documents, of the same callers, over the same rows. Whatever a
 * plan answers, graphql-js answers too, to the letter. `DOCUMENTS=20000` makes it longer.
 */
const DOCUMENTS = Number(process.env['DOCUMENTS'] ?? 1_500);

let graph: Graph;
let viewers: readonly Viewer[];
let generate: ReturnType<typeof documentGenerator>;
let frozen: Date | undefined;

beforeAll(async () => {
  const database = await createTestDatabase();
  const clock = { ...systemClock, now: () => frozen ?? systemClock.now() };
  graph = await openGraph(database, { clock });
  afterAll(() => graph.app.stop());
  const estate = await settleEstate(graph, database);
  const tokens = await tokensOf(estate);
  const { sessions } = graph.app.services;
  const people: Viewer[] = [];
  for (const caller of CALLERS) {
    const token = tokens[caller];
    const found = token === undefined ? undefined : await sessions.authenticate(token);
    people.push(found?.viewer ?? anonymousViewer());
  }
  viewers = people;
  const things = thingsOf(estate);
  generate = documentGenerator({
    schema: graph.schema,
    roots: rootsOf(things),
    args: argumentsOf(things),
  });
  // What tells the time tells the same to both.
  frozen = systemClock.now();
});

type Ways = 'planned' | 'executed';

/** What both make of a document; undefined for a plan that leaves it to ordinary execution. */
async function bothAnswers(
  { document: text, variables }: GeneratedDocument,
  viewer: Viewer,
): Promise<Record<Ways, string | undefined>> {
  const { db, services } = graph.app;
  const document = parse(text);
  const faults = validate(graph.schema, document);
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\n${text}`);
  const run = async (
    way: (args: ExecutionArgs) => ReturnType<typeof execute> | ReturnType<typeof executePlan>,
  ) => {
    const contextValue = createContext({ db, services, isMarketDataPublic: true }, viewer);
    const args = { schema: graph.schema, document, variableValues: variables, contextValue };
    const result = await inSnapshot(db, contextValue, () => way(args));
    return result && JSON.stringify(result);
  };
  return { planned: await run(executePlan), executed: await run(execute) };
}

describe('a plan', () => {
  it('answers what graphql-js answers, or leaves it to it', async () => {
    let planned = 0;
    const property = fc.asyncProperty(fc.gen(), fc.nat(CALLERS.length - 1), async (g, caller) => {
      const generated = generate(g);
      const answers = await bothAnswers(generated, viewers[caller] ?? anonymousViewer());
      if (answers.planned === undefined) return;
      planned += 1;
      expect(answers.planned, generated.document).toBe(answers.executed);
    });
    await fc.assert(property, { numRuns: DOCUMENTS, endOnFailure: true });
    // Else it would say nothing.
    expect(planned).toBeGreaterThan(DOCUMENTS / 3);
  });
});
