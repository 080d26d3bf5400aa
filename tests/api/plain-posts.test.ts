import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { createGraphServer } from '../../src/server/graph-server.ts';
import { addApiKey } from '../support/api-keys.ts';
import { openTestApp } from '../support/app.ts';
import { serve } from '../support/served.ts';
import { ask, BODIES } from './plain-bodies.ts';

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
let [token, endedToken, key, lateKey] = ['', '', '', ''];
beforeAll(async () => {
  const ada = await house.addPerson('ada');
  token = ada.token;
  endedToken = await house.logIn(ada);
  const { viewer } = await house.app.services.sessions.authenticate(endedToken);
  await house.app.services.sessions.logOut(viewer);
  key = (await addApiKey(house.app, ada)).secret;
  lateKey = (await addApiKey(house.app, ada, { requestsPerMinute: 1 })).secret;
  const headers = { ...JSON_TYPE, authorization: `Bearer ${lateKey}` };
  await sendBoth({ headers, body: ask('{ __typename }') });
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
  [/(?<=in |retryAfterSeconds":)\d+/g, '(some)'],
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
  'with the token of a session that ended': () => ({ authorization: `Bearer ${endedToken}` }),
  'with a key': () => ({ authorization: `Bearer ${key}` }),
  'with a key that is no good': () => ({ authorization: `Bearer ${key.slice(0, -2)}AA` }),
  'with a key that asked too often': () => ({ authorization: `Bearer ${lateKey}` }),
  'with two tokens': () => ({ authorization: `Bearer ${token} ${token}` }),
  'with an empty token': () => ({ authorization: 'Bearer ' }),
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
