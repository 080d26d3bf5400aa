import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp();
const { url, port } = await serve(house);
const graph = openGraph(house);

const times = (count: number, write: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => write(n)).join(' ');
/** Each level is three fields deep, and the last one more. */
const deep = (levels: number): string =>
  levels === 0 ? '{ id }' : `{ account { orders(first: 1) { nodes ${deep(levels - 1)} } } }`;

const TOO_MUCH = [
  ['15 levels of fields', `{ orders(first: 1) { nodes ${deep(4)} } }`, /depth limit of 12/],
  ['16 aliases', `{ ${times(16, (n) => `a${n}: __typename`)} }`, /Aliases limit of 15/],
  [
    '11 directives',
    `{ ${times(11, () => '__typename @skip(if: true)')} }`,
    /Directives limit of 10/,
  ],
  ['1,501 tokens', `{ ${times(1_499, () => '__typename')} }`, /Token limit of 1500/],
  // models 1 + 100 × (nodes 1 + log 1 + 100 × (nodes 1 + id 1)) = 1 + 100 × 202
  [
    'a cost of 20,201',
    '{ models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }',
    /costs 20201/,
  ],
] as const;
const JUST_ENOUGH = [
  ['12 levels of fields', `{ orders(first: 1) { nodes ${deep(3)} } }`],
  ['15 aliases', `{ ${times(15, (n) => `a${n}: __typename`)} }`],
  // { nodes ( ids : [ … ] ) { id } } are 12; that these are no ids is another matter.
  ['1,500 tokens', `{ nodes(ids: [${times(1_488, () => '""')}]) { id } }`],
  // models 1 + 100 × (nodes 1 + log 1 + 45 × (nodes 1 + id 1)) = 1 + 100 × 92
  ['a cost of 9,201', '{ models(first: 100) { nodes { log(first: 45) { nodes { id } } } } }'],
] as const;

/** What three ways of asking answer: errors, whatever else they carry. */
const WAYS = [
  {
    way: 'HTTP',
    ask: async (query: string) => (await graph.ask(query)).body.errors ?? [],
  },
  {
    way: 'server-sent events',
    async ask(query: string) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query }),
      });
      const data = /^data: (\{.*)$/m.exec(await response.text())?.[1] ?? '{}';
      return (JSON.parse(data) as { errors?: { message: string }[] }).errors ?? [];
    },
  },
  {
    way: 'WebSocket',
    async ask(query: string) {
      const socket = await openRawSocket(port);
      await socket.init();
      socket.subscribe(query);
      const { type, payload } = await socket.next();
      if (type === 'error') return payload as { message: string }[];
      return (payload as { errors?: { message: string }[] }).errors ?? [];
    },
  },
];

describe.each(WAYS)('over $way', ({ ask }) => {
  test.each(TOO_MUCH)('%s are refused', async (_name, query, message) => {
    const errors = await ask(query);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(message) as string,
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      }),
    ]);
  });

  test.each(JUST_ENOUGH)('%s are not', async (_name, query) => {
    expect(JSON.stringify(await ask(query))).not.toContain('QUERY_TOO_COMPLEX');
  });

  test('a document that is none is refused, and the way stays open', async () => {
    const errors = await ask('{ health { status }');
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('Syntax Error') as string,
        extensions: { code: 'BAD_USER_INPUT' },
      }),
    ]);
  });

  test('an unknown field is refused', async () => {
    expect(await ask('{ healht { status } }')).toEqual([
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
    ]);
  });
});

describe('a subscription', () => {
  test('that costs too much is refused before it begins', async () => {
    const inner =
      'orders(first: 100) { nodes { account { orders(first: 100) { nodes { id } } } } }';
    const query = `subscription { balanceChanged { ... on BalanceChanged { account { ${inner} } } } }`;
    const ada = await house.addPerson('ada');
    const socket = await openRawSocket(port);
    await socket.init({ accessToken: ada.token });
    socket.subscribe(query);
    expect(await socket.next()).toMatchObject({
      payload: { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] },
    });
  });
});

describe('the size of', () => {
  test('a body is a megabyte at most', async () => {
    const query = `{ __typename } # ${'x'.repeat(2 ** 20)}`;
    const { status, body } = await graph.ask(query);
    expect(status).toBe(413);
    expect(body.errors).toHaveLength(1);
  });

  test('a message on a socket is 64 KB at most', async () => {
    const socket = await openRawSocket(port);
    await socket.init();
    socket.subscribe(`{ __typename } # ${'x'.repeat(2 ** 16)}`);
    // RFC 6455: 1009, message too big.
    expect(await socket.closed).toBe(1009);
  });
});

describe('the number of', () => {
  test('operations on one socket is 100 at most', async () => {
    const socket = await openRawSocket(port);
    await socket.init();
    const query = 'subscription { quotes(symbols: ["NOBODY"]) { bid } }';
    for (let n = 0; n < 101; n += 1) socket.subscribe(query, {}, String(n));
    expect(await socket.next()).toMatchObject({
      id: '100',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
  });

  test('operations in one request is one', async () => {
    const response = await graph.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    });
    expect(response.status).toBe(400);
  });
});

describe('the cost of an operation', () => {
  test('is told with the answer', async () => {
    const { body } = await graph.ask('{ health { status version } }');
    expect(body.extensions).toMatchObject({ cost: { requested: 3 } });
  });
});

describe('introspection', () => {
  test('is within the limits, so that GraphiQL and code generators work', async () => {
    const { body } = await graph.ask(getIntrospectionQuery());
    expect(body.errors).toBeUndefined();
  });
});
