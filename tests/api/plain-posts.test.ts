import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { createGraphServer } from '../../src/server/graph-server.ts';
import { openTestApp, PASSWORD } from '../support/app.ts';
import { serve } from '../support/served.ts';

/** A busy machine hashes passwords slowly. */
const PATIENCE_MS = 60_000;
const OURS = 'https://app.example.com';
const house = await openTestApp({
  variables: {
    ...{ AUTH_COOKIES: 'true', CORS_ALLOWED_ORIGINS: OURS, BODY_LIMIT_BYTES: '4096' },
    ...{ COST_BUDGET_ANONYMOUS: '100000000', COST_BUDGET_USER: '100000000' },
    LOG_IN_LIMIT_PER_ADDRESS: '100000',
  },
});
/** The same graph in two servers: as it is shipped, and with Yoga alone behind its HTTP. */
const shipped = await serve(house);
const { yoga } = createGraphServer({ ...house, schema: buildSchema() });
const byYoga = createServer((asked, answer) => void yoga(asked, answer));
byYoga.listen(0, '127.0.0.1');
await once(byYoga, 'listening');
afterAll(() => {
  byYoga.closeAllConnections();
  byYoga.close();
});
const ports = [shipped.port, (byYoga.address() as AddressInfo).port] as const;
let token = '';
beforeAll(async () => {
  token = (await house.addPerson('ada')).token;
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly isChunked?: boolean;
}

/** What differs from request to request, and is no part of what is compared. */
const PASSING = [
  [/[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '(an id)'],
  [/"remaining":\d+,"resetAt":"[^"]+"/g, '(what is left)'],
  [/(access|refresh)=[^;]+; Path=\/; Max-Age=\d+/g, '$1=(a token)'],
  [/(?<="accessToken":")[^"]+/g, '(a token)'],
] as const;
const lasting = (text: string): string =>
  PASSING.reduce((left, [pattern, name]) => left.replaceAll(pattern, name), text);

function send(port: number, { method = 'POST', path = '/graphql', ...sent }: Sent) {
  const { headers = {}, body, isChunked = false } = sent;
  return new Promise<object>((resolve, reject) => {
    const length = isChunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { port, method, path, agent: false, headers: { ...length, ...headers } };
    const asked = request(options, (answer) => {
      answer.setEncoding('utf8');
      let text = '';
      answer.on('data', (part: string) => (text += part));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({
          status: answer.statusCode,
          message: answer.statusMessage,
          headers: headersOf(answer),
          body: lasting(text),
        });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Without those of the connection, and of what differs. */
function headersOf({ headers }: IncomingMessage): object {
  const { date: _date, connection: _connection, 'content-length': length, ...rest } = headers;
  const cookies = rest['set-cookie']?.map(lasting);
  return {
    ...Object.fromEntries(Object.entries(rest).toSorted()),
    hasLength: length !== undefined,
    ...(cookies && { 'set-cookie': cookies }),
  };
}

async function sendBoth(sent: Sent): Promise<readonly [object, object]> {
  const [ours, theirs] = ports;
  return [await send(ours, sent), await send(theirs, sent)];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ask = (query: unknown, more: object = {}): string => JSON.stringify({ query, ...more });
const manyFields = (count: number): string => '__typename '.repeat(count);

const BODIES: Readonly<Record<string, string | Buffer>> = {
  'a query': ask('{ __typename }'),
  // Its status may differ from moment to moment on a busy machine.
  'what is public': ask('{ health { version } }'),
  'what is the caller’s own': ask('{ viewer { user { username } } }'),
  'what asks for a log-in': ask('{ orders { nodes { id } } }'),
  'an error beside data': ask('{ __typename order(id: "none") { id } }'),
  'a subscription': ask('subscription { nothing }'),
  'the word subscription': ask('{ __typename # subscription\n }'),
  'no such field': ask('{ nothing }'),
  'no field': ask('{ health }'),
  'no GraphQL': ask('{ health { '),
  'an empty query': ask(''),
  'several operations, none named': ask('query A { __typename } query B { __typename }'),
  'several operations, one named': ask('query A { __typename } query B { b: __typename }', {
    operationName: 'B',
  }),
  'an unknown operation': ask('query A { __typename }', { operationName: 'C' }),
  'an operation name of null': ask('{ __typename }', { operationName: null }),
  'an operation name that is a number': ask('{ __typename }', { operationName: 7 }),
  'a variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }', {
    variables: { n: 1 },
  }),
  'no variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }'),
  'a wrong variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }', {
    variables: { n: 'one' },
  }),
  'a variable too many': ask('{ __typename }', { variables: { n: 1 } }),
  'variables of null': ask('{ __typename }', { variables: null }),
  'variables that are a list': ask('{ __typename }', { variables: [1] }),
  'variables that are a text': ask('{ __typename }', { variables: '{}' }),
  'a variable that cannot be stored': ask('query($s: String) { __typename @skip(if: false) }', {
    variables: { s: 'a\0b' },
  }),
  extensions: ask('{ __typename }', { extensions: { a: 1 } }),
  'extensions that are a text': ask('{ __typename }', { extensions: 'a' }),
  'a parameter that is none': ask('{ __typename }', { id: 'x' }),
  'too many tokens': ask(`{ ${'a '.repeat(1_600)} }`),
  'too many aliases': ask(`{ ${[...Array(20).keys()].map((n) => `a${n}: __typename`).join(' ')} }`),
  'too many directives': ask(`{ __typename ${'@skip(if: false) '.repeat(12)} }`),
  'too deep': ask(`{ viewer ${'{ user '.repeat(14)} { id } ${'} '.repeat(14)} }`),
  'too costly': ask('{ models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }'),
  'too many asked for': ask('{ instruments(first: 1000000) { nodes { symbol } } }'),
  introspection: ask('{ __schema { queryType { name } } }'),
  'a mutation that is refused': ask('mutation { logOut { __typename } }'.replace('logOut', 'none')),
  'a log-in': ask(
    `mutation { logIn(input: { login: "ada", password: "${PASSWORD}" }) {
       __typename ... on LogInSuccess { accessToken } } }`,
  ),
  'a refresh without a cookie': ask('mutation { refreshSession { __typename } }'),
  'no query': '{}',
  'a query that is null': ask(null),
  'a query that is a number': ask(7),
  'a query that is a list': ask(['{ __typename }']),
  'a batch': `[${ask('{ __typename }')}]`,
  'an empty batch': '[]',
  null: 'null',
  'a number': '7',
  'a text': '"{ __typename }"',
  nothing: '',
  'half of JSON': '{"query": "{ __typename',
  'JSON with a tail': `${ask('{ __typename }')} x`,
  'a key that comes twice': '{"query": "{ nothing }", "query": "{ __typename }"}',
  'a prototype': '{"query": "{ __typename }", "__proto__": {"a": 1}}',
  'a mark of byte order': `\uFEFF${ask('{ __typename }')}`,
  'bytes that are no text': Buffer.concat([
    Buffer.from('{"query": "{ __typename # '),
    Buffer.from([0xff, 0xfe, 0xc3]),
    Buffer.from('\\n }"}'),
  ]),
  'letters of many bytes': ask('{ __typename # 株式 🚀\n }'),
  'as many bytes as may be': ask(`{ __typename # ${'x'.repeat(4_096 - 30)} }`).slice(0, 4_096),
  'exactly the limit': ask('{ __typename }').padEnd(4_096),
  'a byte past the limit': ask('{ __typename }').padEnd(4_097),
  'far past the limit': ask(`{ ${manyFields(2_000)} }`),
};

const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: JSON_TYPE,
  'accepting JSON': { ...JSON_TYPE, accept: 'application/json' },
  'accepting answers of GraphQL': { ...JSON_TYPE, accept: 'application/graphql-response+json' },
  'as Apollo accepts': {
    ...JSON_TYPE,
    accept: 'application/graphql-response+json,application/json;q=0.9',
  },
  'as urql accepts': {
    'content-type': 'application/json; charset=utf-8',
    accept:
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  },
  'accepting anything of applications': { ...JSON_TYPE, accept: 'application/*;q=0.5, text/html' },
  'accepting pages alone': { ...JSON_TYPE, accept: 'text/html' },
  'accepting events alone': { ...JSON_TYPE, accept: 'text/event-stream' },
  'accepting other letters': { ...JSON_TYPE, accept: 'application/json; charset=latin1' },
  'of a listed page': { ...JSON_TYPE, origin: OURS },
  'of another page': { ...JSON_TYPE, origin: 'https://evil.example.com' },
  'without a type': {},
  'of plain text': { 'content-type': 'text/plain' },
  'of a form': { 'content-type': 'application/x-www-form-urlencoded' },
  'of a form, with the header against forgery': {
    'content-type': 'application/x-www-form-urlencoded',
    'x-csrf-prevention': '1',
  },
  'of parts': { 'content-type': 'multipart/form-data; boundary=x', 'x-csrf-prevention': '1' },
  'of GraphQL': { 'content-type': 'application/graphql' },
  'of JSON in other letters': { 'content-type': 'APPLICATION/JSON' },
  'of JSON, among others': { 'content-type': 'application/json, text/plain' },
};

const CALLERS: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  'by nobody': () => ({}),
  'with a token': () => ({ authorization: `Bearer ${token}` }),
  'with a forged token': () => ({ authorization: `Bearer ${token.slice(0, -4)}AAAA` }),
  'with another scheme': () => ({ authorization: 'Basic YTpi' }),
  'with a cookie': () => ({ cookie: `__Host-tradegraph-access=${token}`, origin: OURS }),
};

let names = 0;
/** By another name each time, since one that is guessed at often is answered later and later. */
const wrongPassword = (): string =>
  ask(`mutation { logIn(input: { login: "someone_${String((names += 1))}", password: "wrong, and long" }) {
    __typename } }`);

/** Each body with these headers, answered by both alike. */
async function compareAll(headers: () => Readonly<Record<string, string>>): Promise<void> {
  const bodies = { ...BODIES, 'a wrong password': wrongPassword() };
  const compared = Object.entries(bodies).map(async ([about, body]) => {
    const [ours, theirs] = await sendBoth({ headers: headers(), body });
    expect({ about, ...ours }).toEqual({ about, ...theirs });
  });
  await Promise.all(compared);
}

test.each(Object.entries(HEADERS))(
  'a request %s is answered as by Yoga alone',
  async (_name, headers) => {
    await compareAll(() => ({ ...headers, ...CALLERS['with a token']?.() }));
  },
  PATIENCE_MS,
);

test.each(Object.entries(CALLERS))(
  'a request %s is answered as by Yoga alone',
  async (_name, caller) => {
    await compareAll(() => ({ ...JSON_TYPE, ...caller() }));
  },
  PATIENCE_MS,
);

test.each([
  { method: 'PUT' },
  { method: 'DELETE' },
  { method: 'OPTIONS', headers: { origin: OURS } },
  { path: '/graphql/' },
  { path: '/graphql?query={nothing}' },
  { path: '/elsewhere' },
  { isChunked: true },
  { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
  { headers: { ...JSON_TYPE, expect: '100-continue' } },
] satisfies Partial<Sent>[])('%j is answered as by Yoga alone', async (sent) => {
  for (const about of ['a query', 'no GraphQL', 'half of JSON', 'a byte past the limit']) {
    const body = BODIES[about] ?? '';
    const [ours, theirs] = await sendBoth({ headers: JSON_TYPE, body, ...sent });
    expect({ about, ...ours }).toEqual({ about, ...theirs });
  }
});

/** What a connection answers to bytes, until it closes. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect(shipped.port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

const head = (length: number, more = ''): string =>
  `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
  `content-length: ${length}\r\n${more}\r\n`;

test('answers requests that come at once on one connection in their order', async () => {
  const [one, two] = [ask('{ one: __typename }'), ask('{ two: __typename }')];
  const answer = await answerTo(
    head(one.length) + one + head(two.length, 'connection: close\r\n') + two,
  );
  const data = [...answer.matchAll(/"data":(?<data>\{.*?\})/g)].map(
    ({ groups }) => groups?.['data'],
  );
  expect(data).toEqual(['{"one":"Query"}', '{"two":"Query"}']);
});

test('forgets a request whose sender goes away in its middle', async () => {
  const before = house.log.lines.length;
  expect(await answerTo(`${head(500)}{"query": "{ __ty`)).not.toContain('data');
  const [answer] = await sendBoth({ headers: JSON_TYPE, body: ask('{ __typename }') });
  expect(answer).toMatchObject({ status: 200 });
  const told = house.log.lines.slice(before).map(({ message }) => message);
  expect(told).not.toContain('A request could not be answered.');
});
