import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { createClient as createUrqlClient } from '@urql/core';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Client } from 'graphql-ws';
import { createResumingLink } from '../../clients/apollo.ts';
import { createLiveClient, type AccessToken } from '../../clients/live-client.ts';
import { subscribeResuming } from '../../clients/resuming.ts';
import { createResumingExchange } from '../../clients/urql.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openCuttableProxy } from '../support/cuttable-proxy.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const server = await serve(house);
const floor = createTradingFloor(house.database);
const HOUR_MS = 3_600_000;

const TRADES = `subscription Trades($after: Cursor) {
  tradeExecuted(after: $after) {
    __typename
    ... on TradeExecuted { cursor trade { id quantity } }
    ... on StreamGap { reason from oldest }
  }
}`;
interface Item {
  readonly __typename: string;
  readonly reason?: string;
  readonly trade?: { readonly quantity: string };
}
interface Data {
  readonly tradeExecuted: Item;
}
interface Reader {
  readonly onItem: (item: Item) => void;
  readonly onError: (error: unknown) => void;
}
type Follow = (client: Client, after: string, reader: Reader) => () => void;

const followPlain: Follow = (client, after, { onItem, onError }) =>
  subscribeResuming<Data>(
    client,
    { query: TRADES, variables: { after } },
    {
      next: ({ data, errors }) => {
        if (data) onItem(data.tradeExecuted);
        else onError(errors);
      },
      error: onError,
      complete: () => undefined,
    },
  );

const followByApollo: Follow = (client, after, { onItem, onError }) => {
  const apollo = new ApolloClient({
    link: createResumingLink(client),
    cache: new InMemoryCache(),
  });
  const subscription = apollo
    .subscribe<Data>({ query: gql(TRADES), variables: { after }, fetchPolicy: 'no-cache' })
    .subscribe({
      next: ({ data, error }) => {
        if (data) onItem(data.tradeExecuted);
        else onError(error);
      },
      error: onError,
    });
  return () => {
    subscription.unsubscribe();
  };
};

const followByUrql: Follow = (client, after, { onItem, onError }) => {
  const urql = createUrqlClient({
    url: server.url,
    preferGetMethod: false,
    exchanges: [createResumingExchange(client)],
  });
  const { unsubscribe } = urql
    .subscription<Data>(TRADES, { after })
    .subscribe(({ data, error }) => {
      if (data) onItem(data.tradeExecuted);
      else onError(error);
    });
  return unsubscribe;
};

/** A person with an account, a line that can be cut, and a client at its end. */
async function openLine(token?: (id: string) => Promise<AccessToken>) {
  const person = await house.addPerson(`person_${randomUUID().slice(0, 8)}`);
  const account = await floor.openAccount(userViewer({ userId: person.id, role: 'USER' }), '10000');
  const proxy = await openCuttableProxy(server.url);
  const usual = async () => ({
    accessToken: person.token,
    expiresAt: new Date(Date.now() + HOUR_MS),
  });
  const client = createLiveClient({
    url: proxy.url.replace('http', 'ws'),
    token: token ? () => token(person.id) : usual,
    webSocketImpl: WebSocket,
  });
  const closes: number[] = [];
  client.on('closed', (event) => {
    closes.push((event as { code: number }).code);
  });
  afterAll(async () => {
    await client.dispose();
    await proxy.close();
  });
  return {
    ...{ client, proxy, closes },
    trade: (quantity: number) =>
      house.database.worker.withViewer(systemViewer(), (tx) =>
        floor.booking.bookTrade(tx, {
          account,
          instrument: house.instrument,
          ...{ side: 'BUY', quantity: decimal(quantity), price: decimal('1'), fee: decimal('0') },
          ...{ source: 'IMPORTED', importKey: randomUUID(), executedAt: house.app.clock.now() },
        }),
      ),
  };
}

describe.each([
  ['graphql-ws', followPlain],
  ['Apollo', followByApollo],
  ['urql', followByUrql],
])('the recipe for %s', (_name, follow) => {
  test('brings each event once and in order, however often the line is cut', async () => {
    const { client, proxy, closes, trade } = await openLine();
    const seen: string[] = [];
    const errors: unknown[] = [];
    const stop = follow(client, encodeCursor(0n), {
      onItem: ({ trade: made }) => void seen.push(made?.quantity ?? 'gap'),
      onError: (error) => void errors.push(error),
    });
    for (let round = 0; round < 3; round += 1) {
      await trade(3 * round + 1);
      await eventually('it has come', () => seen.length === 3 * round + 1);
      proxy.cut();
      // One while nobody listens, and one that may meet the client on its way back.
      await trade(3 * round + 2);
      await trade(3 * round + 3);
      await eventually('it was made good', () => seen.length === 3 * round + 3);
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(errors).toEqual([]);
    expect(closes.length).toBeGreaterThanOrEqual(3);
    stop();
  });

  test('tells a gap, and goes on behind it', async () => {
    const { client, trade } = await openLine();
    const items: Item[] = [];
    // A cursor of another database.
    const after = encodeCursor(4_294_967_295n);
    const stop = follow(client, after, {
      onItem: (item) => void items.push(item),
      onError: () => undefined,
    });
    await eventually('the gap is told', () => items.length === 1);
    await trade(5);
    await eventually('the trade has come', () => items.length === 2);
    expect(items[0]).toMatchObject({ __typename: 'StreamGap', reason: 'BEYOND_HEAD' });
    expect(items[1]).toMatchObject({ __typename: 'TradeExecuted', trade: { quantity: '5' } });
    stop();
  });
});

test('a fresh token goes over the open socket, which lives on past the first', async () => {
  const LIFE_SECONDS = 4;
  const given: Date[] = [];
  const { client, closes, trade } = await openLine(async (id) => {
    // Rounded down to seconds in a token.
    const expiresAt = new Date(Date.now() + (LIFE_SECONDS - 1) * 1_000);
    given.push(expiresAt);
    return { accessToken: await house.logIn({ id }, LIFE_SECONDS), expiresAt };
  });
  const seen: string[] = [];
  const stop = followPlain(client, encodeCursor(0n), {
    onItem: ({ trade: made }) => void seen.push(made?.quantity ?? 'gap'),
    onError: () => undefined,
  });
  await eventually('the first has run out', () => {
    const [first] = given;
    return given.length >= 2 && first !== undefined && Date.now() > first.getTime() + 2_000;
  });
  await trade(7);
  await eventually('the trade has come', () => seen.length === 1);
  // On a machine that stood still for long, the socket is closed with 4403 and comes again.
  expect(closes.every((code) => code === 4403)).toBe(true);
  expect(seen).toEqual(['7']);
  stop();
});
