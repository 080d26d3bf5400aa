import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp({ variables: { COST_BUDGET_USER: '100000000' } });
const { url } = await serve(house);
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const openAccount = ({ id }: TestPerson) =>
  floor.openAccount(userViewer({ userId: id, role: 'USER' }), '10000');

/** Books a trade as the engine does: it tells the trade, the position and the balance. */
const trade = (account: { readonly id: string }, quantity: number) =>
  house.database.worker.withViewer(systemViewer(), (tx) =>
    floor.booking.bookTrade(tx, {
      account,
      instrument: house.instrument,
      ...{ side: 'BUY', quantity: decimal(quantity), price: decimal('1'), fee: decimal('0') },
      ...{ source: 'IMPORTED', importKey: randomUUID(), executedAt: house.app.clock.now() },
    }),
  );
const relayed = () =>
  eventually('all is relayed', async () => {
    const left = await house.database.query('SELECT 1 FROM outbox LIMIT 1');
    return left.length === 0;
  });

interface Item {
  readonly __typename: string;
  readonly cursor?: string;
  readonly reason?: string;
  readonly trade?: { readonly quantity: string };
}
interface Page {
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly events: readonly Item[];
}
const ITEM = `__typename ... on TradeExecuted { cursor trade { quantity } }
  ... on BalanceChanged { cursor } ... on PositionChanged { cursor } ... on StreamGap { reason }`;
const EVENTS = `query ($after: Cursor, $first: Int!) {
  events(after: $after, first: $first) { cursor hasMore events { ${ITEM} } }
}`;

async function readPage(person: TestPerson, after: string | null, first: number): Promise<Page> {
  const variables = { after, first };
  const { events } = await graph.data<{ events: Page }>(EVENTS, { variables, token: person.token });
  return events;
}

async function readAll(person: TestPerson, after: string | null, first: number): Promise<Item[]> {
  const page = await readPage(person, after, first);
  return page.hasMore
    ? [...page.events, ...(await readAll(person, page.cursor, first))]
    : [...page.events];
}

interface Loaded {
  readonly viewer: {
    readonly asOfCursor: string;
    readonly accounts: { readonly nodes: readonly { asOfCursor: string; cash: string }[] };
  };
}

const tradesOf = (items: readonly Item[]) =>
  items.flatMap((item) => (item.trade ? [item.trade.quantity] : []));

test('all of one person comes in one order, in pages and live, and nothing of another', async () => {
  const [first, second, foreign] = [
    await openAccount(ada),
    await openAccount(ada),
    await openAccount(bob),
  ];
  await trade(first, 1);
  await trade(foreign, 99);
  await trade(second, 2);
  await trade(first, 3);
  await relayed();

  const whole = await readAll(ada, null, 100);
  expect(tradesOf(whole)).toEqual(['1', '2', '3']);
  // The same, whatever the pages; a page that is full goes on behind its last event.
  expect(await readAll(ada, null, 2)).toEqual(whole);
  expect(tradesOf(await readAll(bob, null, 100))).toEqual(['99']);

  const query = `subscription ($after: Cursor) { viewerEvents(after: $after) { ${ITEM} } }`;
  for (const { connect } of TRANSPORTS) {
    const connection = connect({ url, token: ada.token });
    const variables = { after: encodeCursor(0n) };
    const results = connection.iterate<{ viewerEvents: Item }>({ query, variables });
    const live: Item[] = [];
    while (live.length < whole.length) {
      const read = await results.next();
      if (read.done || !read.value.data) throw new Error(`It ended: ${JSON.stringify(read)}`);
      live.push(read.value.data.viewerEvents);
    }
    expect(live).toEqual(whole);
    connection.close();
  }
});

test('what is loaded with its cursor and what comes behind it miss nothing', async () => {
  const account = await openAccount(ada);
  const load = `{ viewer { asOfCursor accounts(first: 1) { nodes { asOfCursor cash } } } }`;
  let tradesLeft = 20;
  const writing = (async () => {
    for (; tradesLeft > 0; tradesLeft -= 1) await trade(account, 1);
  })();
  const loaded: { cursor: string; cash: number }[] = [];
  while (tradesLeft > 0) {
    const { viewer } = await graph.data<Loaded>(load, { token: ada.token });
    const [node] = viewer.accounts.nodes;
    expect(node?.asOfCursor).toBe(viewer.asOfCursor);
    loaded.push({ cursor: viewer.asOfCursor, cash: Number(node?.cash) });
  }
  await writing;
  await relayed();

  const from = loaded[0]?.cursor ?? '';
  const positions = (await readAll(ada, from, 100))
    .filter(({ trade: made }) => made !== undefined)
    .map(({ cursor = '' }) => decodeCursor(cursor));
  // 10,000 less 1 a trade. Behind the cursor are at least all trades that the loaded cash does not know.
  expect(loaded.length).toBeGreaterThan(0);
  for (const { cursor, cash } of loaded) {
    const behind = positions.filter((position) => position > decodeCursor(cursor)).length;
    expect(behind).toBeGreaterThanOrEqual(20 - (10_000 - cash));
  }
});

test('a cursor of before all that is kept, or of no log of ours, begins with a gap', async () => {
  await house.database.query('UPDATE event_head SET position = 2 WHERE id = 2');
  const [old] = (await readPage(ada, encodeCursor(1n), 1)).events;
  expect(old).toEqual({ __typename: 'StreamGap', reason: 'TOO_OLD' });
  const beyond = await readPage(ada, encodeCursor(1_000_000n), 10);
  expect(beyond.events).toEqual([{ __typename: 'StreamGap', reason: 'BEYOND_HEAD' }]);
  // Who asks for what is kept is told of no gap.
  const kept = await readPage(ada, null, 1);
  expect(kept.events[0]?.__typename).not.toBe('StreamGap');
});

test('nobody is not told, and a page is not larger than 100', async () => {
  const codeOf = async (first: number, token?: string) => {
    const { body } = await graph.ask(EVENTS, { variables: { first }, token });
    return body.errors?.[0]?.extensions?.['code'];
  };
  expect(await codeOf(10)).toBe('UNAUTHENTICATED');
  expect(await codeOf(101, ada.token)).toBe('BAD_USER_INPUT');
});
