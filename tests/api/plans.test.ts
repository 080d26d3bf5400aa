import fc from 'fast-check';
import {
  execute,
  isObjectType,
  parse,
  validate,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FieldsRead } from '../../src/schema/context.ts';
import { encodeGlobalId, NODE_TYPES } from '../../src/schema/global-ids.ts';
import { createContext } from '../../src/server/context.ts';
import { fieldsReadBy } from '../../src/server/plans/fields-read.ts';
import { executePlan } from '../../src/server/plans/plan.ts';
import { inSnapshot } from '../../src/server/use-snapshot.ts';
import { systemClock } from '../../src/services/platform/clock.ts';
import type { ApiKeyScope } from '../../src/services/platform/prisma/enums.ts';
import { anonymousViewer, userViewer, type Viewer } from '../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
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
let streamed: readonly Streamed[];
let frozen: Date | undefined;

/** A subscription with an event of it, and a generator of documents that follow it. */
interface Streamed {
  readonly event: object;
  readonly generate: ReturnType<typeof documentGenerator>;
}

beforeAll(async () => {
  const database = await createTestDatabase();
  const clock = { ...systemClock, now: () => frozen ?? systemClock.now() };
  graph = await openGraph(database, { clock });
  afterAll(() => graph.app.stop());
  const estate = await settleEstate(graph, database);
  const things = thingsOf(estate);
  const { schema } = graph;
  generate = documentGenerator({ schema, roots: rootsOf(things), args: argumentsOf(things) });
  viewers = await viewersOf(estate);
  streamed = await eventsOf(estate);
  // What tells the time tells the same to both.
  frozen = systemClock.now();
});

/** Everyone whom the isolation tests know, and bots of the owner with keys that open less. */
async function viewersOf(estate: Estate): Promise<readonly Viewer[]> {
  const tokens = await tokensOf(estate);
  const people: Viewer[] = [];
  for (const caller of CALLERS) {
    const token = tokens[caller];
    const found =
      token === undefined
        ? undefined
        : await estate.graph.app.services.sessions.authenticate(token);
    people.push(found?.viewer ?? anonymousViewer());
  }
  const owner = people[CALLERS.indexOf('owner')] ?? anonymousViewer();
  const key = { id: estate.owner.id, requestsPerMinute: null };
  const withKey = (environment: 'LIVE' | 'TEST', ...scopes: ApiKeyScope[]): Viewer => ({
    ...owner,
    ...{ sessionId: null, apiKey: { ...key, environment, scopes } },
  });
  return [
    ...people,
    ...[withKey('LIVE', 'READ'), withKey('LIVE', 'TRADE'), withKey('LIVE')],
    ...[withKey('LIVE', 'READ', 'AGENT'), withKey('TEST', 'READ')],
  ];
}

/** Events of the owner as their streams give them, one a subscription. */
async function eventsOf(estate: Estate): Promise<readonly Streamed[]> {
  const { app, schema } = graph;
  const { id: userId } = estate.owner;
  const rows = await app.db.snapshot(userViewer({ userId, role: 'USER' }), async (tx) => ({
    account: await tx.account.findFirstOrThrow({ where: { id: estate.account.id } }),
    trade: await tx.trade.findFirstOrThrow({ where: { accountId: estate.account.id } }),
    position: await tx.position.findFirstOrThrow({ where: { accountId: estate.account.id } }),
  }));
  const of = (name: string, row: object): Streamed => ({
    event: { kind: 'event', cursor: 7n, occurredAt: systemClock.now(), row },
    generate: documentGenerator({
      ...{ schema, operation: 'subscription', args: argumentsOf(thingsOf(estate)) },
      roots: [
        {
          typeName: `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`,
          chain: [`${name}(accountId: "${encodeGlobalId('Account', estate.account.id)}")`],
        },
      ],
    }),
  });
  return [
    of('balanceChanged', rows.account),
    of('tradeExecuted', rows.trade),
    of('positionChanged', rows.position),
    { ...of('balanceChanged', {}), event: { kind: 'gap', from: 1n, oldest: 5n } },
  ];
}

interface Answers {
  /** Else it was left to ordinary execution. */
  readonly isPlanned: boolean;
  /** The plan's, or else what ordinary execution makes of rows that have what is selected alone. */
  readonly ours: string;
  /** By graphql-js, of whole rows. */
  readonly executed: string;
}

/**
 * An answer as text. Errors are told in the order in which reads fail, and not beneath what is null by then:
 * of those it only says that there are some.
 */
const told = (answer: ExecutionResult | undefined): string =>
  JSON.stringify(answer?.errors ? { data: answer.data, hasErrors: true } : answer);

/** What all make of a document. */
async function allAnswers(
  { document: text, variables }: GeneratedDocument,
  viewer: Viewer,
  rootValue?: object,
): Promise<Answers> {
  const { db, services } = graph.app;
  const { schema } = graph;
  const document = parse(text);
  const faults = validate(schema, document);
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\n${text}`);
  const fieldsRead = rootValue ? {} : fieldsReadBy(schema, document);
  const run = async (
    way: (args: ExecutionArgs) => ReturnType<typeof execute> | ReturnType<typeof executePlan>,
    read: FieldsRead,
  ) => {
    const context = createContext({ db, services, isMarketDataPublic: true }, viewer);
    const contextValue = Object.assign(context, { fieldsRead: read });
    const args = { schema, document, rootValue, variableValues: variables, contextValue };
    return inSnapshot(db, contextValue, () => way(args));
  };
  const planned = await run(executePlan, fieldsRead);
  const [ours, executed] = [planned ?? (await run(execute, fieldsRead)), await run(execute, {})];
  return { isPlanned: planned !== undefined, ours: told(ours), executed: told(executed) };
}

const anyViewer = fc.nat(CALLERS.length + 4);
const viewerAt = (index: number): Viewer => viewers[index] ?? anonymousViewer();

/** How many of the two ways were plans: one, or none. */
async function compare(generated: GeneratedDocument, viewer: Viewer, event?: object) {
  let answers = await allAnswers(generated, viewer, event);
  // What the program does by the clock may have come between the two: then they agree about it later.
  if (answers.ours !== answers.executed) {
    answers = await allAnswers(generated, viewer, event);
  }
  expect(answers.ours, generated.document).toBe(answers.executed);
  return answers.isPlanned ? 1 : 0;
}

describe('a plan', () => {
  it('answers a query as graphql-js does, or leaves it to it', async () => {
    let planned = 0;
    const property = fc.asyncProperty(fc.gen(), anyViewer, async (g, who) => {
      const generated = generate(g);
      planned += await compare(generated, viewerAt(who));
    });
    await fc.assert(property, { numRuns: DOCUMENTS, endOnFailure: true });
    // Else it would say nothing.
    expect(planned).toBeGreaterThan(DOCUMENTS / 3);
  });

  it('answers an event as graphql-js does, or leaves it to it', async () => {
    let planned = 0;
    const runs = Math.ceil(DOCUMENTS / 5);
    const property = fc.asyncProperty(fc.gen(), fc.nat(3), anyViewer, async (g, which, who) => {
      const { event, generate: generateOf } = streamed[which] ?? {};
      if (!event || !generateOf) throw new Error('There is no such event.');
      const generated = generateOf(g);
      planned += await compare(generated, viewerAt(who), event);
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    expect(planned).toBeGreaterThan(runs / 5);
  });

  const owner = (): Viewer => viewerAt(CALLERS.indexOf('owner'));
  const stranger = (): Viewer => viewerAt(CALLERS.indexOf('stranger'));

  it.each([
    ['a mutation', 'mutation { logOut { __typename } }'],
    ['the schema', '{ __schema { queryType { name } } }'],
    [
      'a field of the schema beside others',
      '{ viewer { user { id } } __type(name: "User") { name } }',
    ],
    ['a size that is refused', '{ orders(first: 0) { nodes { id } } }'],
    ['a name that objects have a use for', '{ viewer { user { __proto__: username } } }'],
    ['an id that is none', '{ node(id: "nonsense") { id } }'],
  ])('leaves %s to graphql-js', async (_what, document) => {
    const { db, services } = graph.app;
    const contextValue = createContext({ db, services, isMarketDataPublic: true }, owner());
    const args = { schema: graph.schema, document: parse(document), contextValue };
    expect(await inSnapshot(db, contextValue, () => executePlan(args))).toBeUndefined();
  });

  it('leaves what may not be read to graphql-js, whose refusal is told', async () => {
    const refused = { document: '{ orders { nodes { id } } }', variables: {} };
    const answers = await allAnswers(refused, anonymousViewer());
    expect(answers.isPlanned).toBe(false);
    expect(answers.executed).toContain('hasErrors');
  });

  it('tells null where a field may not be read and says so', async () => {
    const document = '{ models(first: 5) { nodes { name owner { username } } } }';
    const answers = await allAnswers({ document, variables: {} }, stranger());
    expect(answers.isPlanned).toBe(true);
    expect(answers.ours).toContain('"owner":null');
    expect(answers.ours).toBe(answers.executed);
  });

  it('goes by what directives say each time, also past the plans that are kept', async () => {
    const names = ['id', 'username', 'email', 'role'];
    const document = `query Q(${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
      viewer { user { __typename ${names.map((name) => `${name} @include(if: $${name})`).join(' ')} } } }`;
    const parsed = parse(document);
    const { db, services } = graph.app;
    for (let bits = 0; bits < 16; bits += 1) {
      const variables = Object.fromEntries(names.map((name, at) => [name, (bits & (1 << at)) > 0]));
      const contextValue = createContext({ db, services, isMarketDataPublic: true }, owner());
      const args = {
        schema: graph.schema,
        document: parsed,
        variableValues: variables,
        contextValue,
      };
      const result = await inSnapshot(db, contextValue, () => executePlan(args));
      expect(result === undefined).toBe(bits >= 8);
      if (!result) continue;
      const user = (result.data?.['viewer'] as { user: object }).user;
      expect(Object.keys(user)).toEqual(['__typename', ...names.filter((name) => variables[name])]);
    }
  });
});

describe('the global id of each type with one', () => {
  it.each(NODE_TYPES)('%s is made of the id of its row', async (name) => {
    const type = graph.schema.getType(name);
    const resolve = isObjectType(type) ? type.getFields()['id']?.extensions['ungated'] : undefined;
    const id = '01930000-0000-7000-8000-000000000001';
    const found = await (resolve as (row: object, args: object, context: object) => unknown)(
      { id },
      {},
      {},
    );
    expect(found).toBe(encodeGlobalId(name, id));
  });
});
