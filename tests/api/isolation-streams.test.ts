import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../src/server.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { collect, type Collected } from '../support/collected.ts';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { addLine } from '../support/owned-model.ts';
import { addPerson } from '../support/people.ts';
import { tokenOf, tokensOf } from './isolation-callers.ts';
import { readRootTable } from './isolation-lines.ts';
import { PROBES } from './isolation-probes.ts';
import { CALLERS } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';

const cases = readRootTable()
  .filter(({ place }) => place.startsWith('Subscription.'))
  .flatMap((line) =>
    CALLERS.map((caller) => ({ ...line, caller, outcome: line.outcomes[caller] })),
  );

let estate: Estate;
let server: RunningServer;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database, { variables: { PORT: '0' } });
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  server = await startServer(graph);
  afterAll(() => server.stop());
});

const logOut = (token: string) => estate.graph.ask('mutation { logOut { __typename } }', token);

/** What a stream came to: `data`, the code of its refusal, or `silent`. */
function outcomeOf({ results: [first] }: Collected): string {
  if (!first) return 'silent';
  return first.data ? 'data' : String(first.errors?.[0]?.extensions?.['code']);
}

describe.each(TRANSPORTS)('over $transport', ({ connect }) => {
  const open = (query: string, token: string | undefined): Collected => {
    const connection = connect({ url: server.url, ...(token !== undefined && { token }) });
    afterAll(() => {
      connection.close();
    });
    return collect(connection.iterate({ query: `subscription { ${query} }` }));
  };

  describe('while the owner trades', () => {
    const streams = new Map<string, Collected>();
    const outcomes = new Map<string, string>();
    const streamOf = (name: string): Collected => {
      const stream = streams.get(name);
      if (!stream) throw new Error(`There is no stream ${name}.`);
      return stream;
    };

    beforeAll(async () => {
      const tokens = await tokensOf(estate);
      for (const { title, place, thing, caller } of cases) {
        const about = thing === undefined ? undefined : thingsOf(estate)[thing];
        const stream = open(String(PROBES[place]?.(about)), tokens[caller]);
        streams.set(`${title} ${caller}`, stream);
      }
      const loud = cases.filter(({ outcome }) => outcome !== 'silent');
      const hasAnswered = ({ title, caller }: (typeof cases)[number]) =>
        streamOf(`${title} ${caller}`).results.length > 0;
      // A stream that does not begin in time is silent, which its own test tells.
      const areThere = () => loud.every(hasAnswered);
      const begun = eventually('the streams have begun', areThere, 90_000);
      await begun.catch(() => undefined);
      const follows = ['tradeExecuted', 'balanceChanged of account', 'agentLog of publishedModel'];
      const ofOwner = follows.map((title) => streamOf(`Subscription.${title} owner`));
      const before = ofOwner.map(({ results }) => results.length);
      await actAsOwner();
      await eventually('the owner has the news', () =>
        ofOwner.every(({ results }, at) => results.length > Number(before[at])),
      );
      for (const [name, stream] of streams) outcomes.set(name, outcomeOf(stream));
      // The end of a session follows the news of before: what is to come to its streams has come.
      for (const token of Object.values(tokens)) if (token !== undefined) await logOut(token);
      const silent = cases.filter(({ outcome }) => outcome === 'silent');
      await Promise.all(silent.map(({ title, caller }) => streamOf(`${title} ${caller}`).ended));
    });

    it.each(cases)('$title gives the $caller: $outcome', ({ title, caller, outcome }) => {
      const name = `${title} ${caller}`;
      expect(outcomes.get(name)).toBe(outcome);
      const gave = streamOf(name).results.filter(({ data }) => data);
      if (outcome !== 'data') expect(gave).toEqual([]);
    });
  });

  it('gives strangers who trade as well their own news alone', async () => {
    const { graph, database, floor, instrument } = estate;
    const username = `trader_${randomUUID().slice(0, 8)}`;
    const stranger = await addPerson(graph, database, { username, role: 'USER' });
    const account = await floor.openAccount(stranger.viewer(), '1000');
    const token = await graph.logIn(stranger);
    const balances = open(
      'balanceChanged { ... on BalanceChanged { account { name cash } } }',
      token,
    );
    await eventually('the stream has begun', () => balances.results.length > 0);
    await actAsOwner();
    await graph.app.services.orders.place(stranger.viewer(), {
      ...{ accountId: account.id, symbol: instrument.symbol, side: 'BUY' },
      ...{ quantity: account.cash.div(1_000), clientOrderId: 'order-of-the-stranger' },
    });
    // 1,000 − 1 × 101; the order of 1 holds back 106.05 first, when the balance is told as well.
    const last = { data: { balanceChanged: { account: { name: account.name, cash: '899' } } } };
    await eventually('their own trade came', () =>
      balances.results.some((result) => JSON.stringify(result) === JSON.stringify(last)),
    );
    const names = balances.results.map(
      ({ data }) => (data?.['balanceChanged'] as typeof last.data.balanceChanged).account.name,
    );
    expect(new Set(names)).toEqual(new Set([account.name]));
    await logOut(token);
  });

  it('replays nothing of the owner to a stranger who asks for all that was', async () => {
    const past = `after: "${encodeCursor(0n)}"`;
    const token = String(await tokenOf(estate, 'stranger'));
    const trades = open(`tradeExecuted(${past}) { ... on TradeExecuted { trade { id } } }`, token);
    const balances = open(`balanceChanged(${past}) { ... on BalanceChanged { cursor } }`, token);
    const ofOwner = await ownerReplays(past);
    expect(ofOwner.length).toBeGreaterThan(1);
    await logOut(token);
    await Promise.all([trades.ended, balances.ended]);
    expect([...trades.results, ...balances.results].filter(({ data }) => data)).toEqual([]);
  });

  async function ownerReplays(past: string) {
    const token = String(await tokenOf(estate, 'owner'));
    const { results } = open(`tradeExecuted(${past}) { ... on TradeExecuted { cursor } }`, token);
    await eventually('the past came', () => results.length > 1);
    await logOut(token);
    return results;
  }
});

/** Trades in both kinds of account of the owner, and writes to the logs of models. */
async function actAsOwner(): Promise<void> {
  const { models, account, instrument, owner } = estate;
  await estate.place(account, { instrument, quantity: '1' });
  await estate.place(models.published.account, { instrument, quantity: '1' });
  for (const { id } of [models.published, models.private]) {
    await addLine(estate, { id, ownerId: owner.id }, { content: 'A thought while others listen' });
  }
}
