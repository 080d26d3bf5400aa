import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { connectBySocket, connectBySse, type LiveConnection } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp({ variables: { PUBLIC_MARKET_DATA: 'false' } });
const { url, port } = await serve(house);
const rosa = await house.addPerson('rosa');
const sam = await house.addPerson('sam');
const QUOTES = `subscription Prices($symbols: [String!]!, $isShort: Boolean = false) {
  quotes(symbols: $symbols) { symbol bid ask @skip(if: $isShort) source time } }`;

/** Results of one reader, one after another. */
function follow(connection: LiveConnection, variables: Record<string, unknown>, query = QUOTES) {
  const results = connection.iterate<{ quotes: Record<string, unknown> }>({ query, variables });
  return {
    async next() {
      const read = await results.next();
      return read.done ? undefined : read.value;
    },
    close: () => {
      connection.close();
    },
  };
}
const bySocket = (token?: string) =>
  connectBySocket({ url, ...(token !== undefined && { token }) });

describe('quotes that many read alike', () => {
  test('are the same over each transport, with other symbols, and for each of those who may', async () => {
    house.quote({ bid: '10', ask: '11' });
    const readers = [
      follow(bySocket(rosa.token), { symbols: ['ACME.SIM'] }),
      follow(bySocket(sam.token), { symbols: ['NOBODY', 'ACME.SIM'] }),
      follow(connectBySse({ url, token: sam.token }), { symbols: ['ACME.SIM'] }),
    ];
    const expected = {
      data: { quotes: { symbol: 'ACME.SIM', bid: '10', ask: '11', source: 'SIMULATED' } },
    };
    const results = await Promise.all(readers.map((reader) => reader.next()));
    for (const result of results) {
      expect(result).toMatchObject(expected);
      expect(result).toEqual(results[0]);
    }
    for (const reader of readers) reader.close();
  });

  test('are each what its reader asked for, whatever others ask of the same event', async () => {
    house.quote({ bid: '20', ask: '21' });
    const whole = follow(bySocket(rosa.token), { symbols: ['ACME.SIM'] });
    const short = follow(bySocket(rosa.token), { symbols: ['ACME.SIM'], isShort: true });
    const other = follow(
      bySocket(sam.token),
      {},
      'subscription { quotes: quotes(symbols: ["ACME.SIM"]) { __typename last: bid } }',
    );
    expect(Object.keys((await whole.next())?.data?.quotes ?? {})).toContain('ask');
    expect(Object.keys((await short.next())?.data?.quotes ?? {})).not.toContain('ask');
    expect((await other.next())?.data?.quotes).toEqual({ __typename: 'Quote', last: '20' });
    for (const reader of [whole, short, other]) reader.close();
  });

  test('stay closed to who may not read them, while others do', async () => {
    house.quote();
    const allowed = follow(bySocket(rosa.token), { symbols: ['ACME.SIM'] });
    expect((await allowed.next())?.data).toBeTruthy();
    const refused = follow(bySocket(), { symbols: ['ACME.SIM'] });
    const result = await refused.next();
    expect(result?.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    expect(result?.data?.quotes).toBeUndefined();
    for (const reader of [allowed, refused]) reader.close();
  });

  test('bear the id of their own operation, whatever it looks like', async () => {
    house.quote();
    const socket = await openRawSocket(port);
    await socket.init({ accessToken: rosa.token });
    const ids = ['a"b\\', 'é}'];
    for (const id of ids) socket.subscribe(QUOTES, { symbols: ['ACME.SIM'] }, id);
    const messages = [await socket.next(), await socket.next()];
    expect(messages.map(({ id, type }) => [id, type]).toSorted()).toEqual(
      ids.map((id) => [id, 'next']).toSorted(),
    );
    for (const { payload } of messages) {
      expect(payload).toMatchObject({ data: { quotes: { symbol: 'ACME.SIM' } } });
    }
  });

  test('are counted in the log of operations', async () => {
    house.quote();
    const socket = await openRawSocket(port);
    await socket.init({ accessToken: rosa.token });
    const query = QUOTES.replace('Prices', 'CountedPrices');
    socket.subscribe(query, { symbols: ['ACME.SIM'] });
    await socket.next();
    socket.send({ id: '1', type: 'complete' });
    await eventually('the end of the operation is in the log', () =>
      house.log.fields.some(
        ({ operation, events }) => operation === 'CountedPrices' && events === 1,
      ),
    );
  });
});
