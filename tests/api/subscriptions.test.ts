import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { TRANSPORTS, type LiveResult } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const { url } = await serve(house);
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const viewerOf = ({ id }: TestPerson) => userViewer({ userId: id, role: 'USER' });
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');
const openAccount = (person = ada) => floor.openAccount(viewerOf(person), '10000');

/** Books a trade as the engine does, with its events; the relay hears of it by its poll. */
const trade = (account: { readonly id: string }, quantity: number) =>
  house.database.worker.withViewer(systemViewer(), (tx) =>
    floor.booking.bookTrade(tx, {
      account,
      instrument: house.instrument,
      ...{ side: 'BUY', quantity: decimal(quantity), price: decimal('1'), fee: decimal('0') },
      ...{ source: 'IMPORTED', importKey: randomUUID(), executedAt: house.app.clock.now() },
    }),
  );

interface TradeItem {
  readonly __typename: string;
  readonly cursor: string;
  readonly reason?: string;
  readonly trade: { readonly quantity: string; readonly instrument: object };
}
const TRADES = `subscription ($accountId: ID, $after: Cursor) {
  tradeExecuted(accountId: $accountId, after: $after) {
    __typename
    ... on TradeExecuted { cursor occurredAt trade { id quantity instrument { symbol } } }
    ... on StreamGap { reason from oldest }
  }
}`;

describe.each(TRANSPORTS)('over $transport', ({ connect }) => {
  const open = <Data>(query: string, variables: Record<string, unknown>, person?: TestPerson) => {
    const connection = connect({ url, ...(person && { token: person.token }) });
    const results = connection.iterate<Data>({ query, variables });
    return {
      async next(): Promise<Data> {
        const read = await results.next();
        const result: LiveResult<Data> | undefined = read.done ? undefined : read.value;
        if (!result?.data) throw new Error(`It ended: ${JSON.stringify(result)}`);
        return result.data;
      },
      /** The errors of the next result; it must have some. */
      async failure() {
        const read = await results.next();
        return read.done ? undefined : read.value.errors;
      },
      close: () => {
        connection.close();
      },
    };
  };
  const trades = (variables: Record<string, unknown>, person = ada) => {
    const live = open<{ tradeExecuted: TradeItem }>(TRADES, variables, person);
    return { ...live, next: async () => (await live.next()).tradeExecuted };
  };
  const quantities = async (live: { next(): Promise<TradeItem> }, count: number) => {
    const seen: string[] = [];
    for (let n = 0; n < count; n += 1) seen.push((await live.next()).trade.quantity);
    return seen;
  };

  test('trades come as they are made, the latest one first', async () => {
    const account = await openAccount();
    await trade(account, 1);
    const accountId = globalId('Account', account.id);
    await relayed(account.id, 1);
    const live = trades({ accountId });
    expect(await live.next()).toMatchObject({
      __typename: 'TradeExecuted',
      trade: { quantity: '1', instrument: { symbol: 'ACME.SIM' } },
    });
    await trade(account, 2);
    await trade(account, 3);
    expect(await quantities(live, 2)).toEqual(['2', '3']);
    live.close();
  });

  test('a stream goes on exactly behind its cursor', async () => {
    const account = await openAccount();
    const accountId = globalId('Account', account.id);
    for (const quantity of [1, 2, 3, 4]) await trade(account, quantity);
    await relayed(account.id, 4);
    const first = trades({ accountId });
    const { cursor: last } = await first.next();
    first.close();
    for (const quantity of [5, 6]) await trade(account, quantity);
    const second = trades({ accountId, after: last });
    expect(await quantities(second, 2)).toEqual(['5', '6']);
    second.close();
  });

  test("without an account, those of all of one's own come in one order, and no one else's", async () => {
    const [one, two, bobs] = [await openAccount(), await openAccount(), await openAccount(bob)];
    await trade(one, 1);
    await relayed(one.id, 1);
    const live = trades({});
    await live.next();
    await trade(bobs, 7);
    await trade(two, 2);
    await trade(one, 3);
    expect(await quantities(live, 2)).toEqual(['2', '3']);
    live.close();
  });

  test('balances come with the current one first', async () => {
    const account = await openAccount();
    const live = open<{ balanceChanged: { account: { cash: string; buyingPower: string } } }>(
      `subscription ($accountId: ID) { balanceChanged(accountId: $accountId) {
         ... on BalanceChanged { cursor account { cash buyingPower } } } }`,
      { accountId: globalId('Account', account.id) },
      ada,
    );
    const cash = async () => (await live.next()).balanceChanged.account.cash;
    expect(await cash()).toBe('10000');
    // The event of the deposit may come after the state that shows it.
    await trade(account, 100);
    const seen = [await cash()];
    if (seen.at(-1) === '10000') seen.push(await cash());
    expect(seen.at(-1)).toBe('9900');
    live.close();
  });

  test("the log of a model of one's own comes line by line", async () => {
    const { createModel } = await graph.data<{ createModel: { model: { id: string } } }>(
      `mutation ($input: CreateModelInput!) { createModel(input: $input) {
         ... on CreateModelSuccess { model { id } } } }`,
      {
        variables: {
          input: {
            ...{ name: 'Momentum', universe: ['ACME.SIM'], startingCash: '1000' },
            ...{ intervalSeconds: 60, idempotencyKey: randomUUID() },
          },
        },
        token: ada.token,
      },
    );
    const modelId = createModel.model.id;
    const live = open<{ agentLog: { entry: { content: string } } }>(
      'subscription ($modelId: ID!) { agentLog(modelId: $modelId) { ... on AgentLogged { entry { content } } } }',
      { modelId },
      ada,
    );
    const [, id = ''] = Buffer.from(modelId, 'base64url').toString('utf8').split(':');
    const write = (content: string) =>
      house.database.worker.withViewer(systemViewer(), (tx) =>
        house.app.services.agentLog.append(tx, {
          model: { id, ownerId: ada.id },
          runId: randomUUID(),
          date: new Date('2026-03-02'),
          occurredAt: house.app.clock.now(),
          lines: [{ sequence: 0, kind: 'DECISION', content }],
        }),
      );
    await write('Hold.');
    expect((await live.next()).agentLog.entry.content).toBe('Hold.');
    live.close();
  });

  test('quotes come without a log-in, the known ones first', async () => {
    house.quote({ bid: '10', ask: '11' });
    const live = open<{ quotes: { symbol: string; bid: string } }>(
      'subscription { quotes(symbols: ["ACME.SIM", "NOBODY"]) { symbol bid ask source } }',
      {},
    );
    expect((await live.next()).quotes).toMatchObject({ symbol: 'ACME.SIM', bid: '10' });
    const ticking = setInterval(() => {
      house.quote({ bid: '12', ask: '13' });
    }, 50);
    expect((await live.next()).quotes.bid).toBe('12');
    clearInterval(ticking);
    live.close();
  });

  test('a cursor of another database is told as a gap, and the stream goes on', async () => {
    const account = await openAccount();
    const after = Buffer.from([1, 0, 0, 0, 0, 255, 255, 255, 255]).toString('base64url');
    const live = trades({ accountId: globalId('Account', account.id), after });
    expect(await live.next()).toMatchObject({ __typename: 'StreamGap', reason: 'BEYOND_HEAD' });
    await trade(account, 9);
    expect(await quantities(live, 1)).toEqual(['9']);
    live.close();
  });

  test.each([
    ['an account of someone else', async () => globalId('Account', (await openAccount(bob)).id)],
    ['an account that never was', async () => globalId('Account', randomUUID())],
  ])('%s is not found', async (_name, accountOf) => {
    const live = trades({ accountId: await accountOf() });
    expect(await live.failure()).toEqual([
      expect.objectContaining({
        message: 'Account not found.',
        extensions: { code: 'NOT_FOUND' },
      }),
    ]);
    live.close();
  });

  test("what is one's own is not for nobody", async () => {
    const live = open(TRADES, {});
    const errors = await live.failure().catch((thrown: unknown) => thrown);
    expect(JSON.stringify(errors)).toContain('UNAUTHENTICATED');
    live.close();
  });
});

/** Waits until the log holds so many trades of the account: then the latest is known to it. */
async function relayed(accountId: string, count: number): Promise<void> {
  const rows = () =>
    house.database.query(
      `SELECT 1 FROM event_log WHERE topic = 'account:' || $1 AND type = 'TradeExecuted'`,
      [accountId],
    );
  await eventually('the log holds the trades', async () => (await rows()).length >= count);
}
