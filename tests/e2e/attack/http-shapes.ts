import assert from 'node:assert/strict';
import { tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { ask, send, sendRaw, statusesIn } from './wire.ts';

const BODY = '{"query":"{ health { status } }"}';
const JSON_TYPE = { 'content-type': 'application/json' };
const EVIL = 'https://evil.example.com';
const CRLF = '\r\n';

/** A request, header by header. */
const raw = (lines: readonly string[], body = BODY): string =>
  [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    ...lines,
    '',
    body,
  ].join(CRLF);

/** What each shape was answered; one with a second request inside must not be answered twice. */
const SMUGGLED = `GET /health HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}`;
const SHAPES: readonly (readonly [name: string, text: string])[] = [
  [
    'both lengths',
    raw([`Content-Length: 4`, 'Transfer-Encoding: chunked'], `0${CRLF}${CRLF}${SMUGGLED}`),
  ],
  ['two lengths', raw(['Content-Length: 4', `Content-Length: ${String(BODY.length)}`])],
  ['a length twice in one line', raw([`Content-Length: ${String(BODY.length)}, 4`])],
  ['a negative length', raw(['Content-Length: -1'])],
  ['a length in hex', raw(['Content-Length: 0x10'])],
  ['a space before the colon', raw([`Content-Length : ${String(BODY.length)}`])],
  ['another coding', raw(['Transfer-Encoding: xchunked'], `0${CRLF}${CRLF}${SMUGGLED}`)],
  [
    'chunked and another',
    raw(['Transfer-Encoding: chunked, identity'], `0${CRLF}${CRLF}${SMUGGLED}`),
  ],
  [
    'a chunk of a size that is none',
    raw(['Transfer-Encoding: chunked'], `zz${CRLF}x${CRLF}0${CRLF}${CRLF}`),
  ],
  ['a chunk of 2^64', raw(['Transfer-Encoding: chunked'], `10000000000000000${CRLF}x`)],
  ['a folded header', raw([`X-A: b${CRLF} c`, `Content-Length: ${String(BODY.length)}`])],
  ['line feeds alone', `POST /graphql HTTP/1.1\nHost: localhost\nContent-Length: 4\n\n1234`],
  ['a null byte in a header', raw(['X-A: a\0b', `Content-Length: ${String(BODY.length)}`])],
  ['no host', `POST /graphql HTTP/1.1${CRLF}Content-Length: 4${CRLF}${CRLF}1234`],
  ['two hosts', raw(['Host: evil.example.com', `Content-Length: ${String(BODY.length)}`])],
  ['HTTP/2 on the same port', `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`],
  ['CONNECT', `CONNECT evil.example.com:443 HTTP/1.1${CRLF}Host: evil.example.com${CRLF}${CRLF}`],
];

export const HTTP_SHAPES: readonly Attack[] = [
  {
    name: 'HTTP that a proxy may read otherwise (smuggling), in 17 shapes',
    refusal: '400, 501 or cut off; never an answer to what was hidden within',
    async run(house) {
      const outcomes: string[] = [];
      for (const [name, text] of SHAPES) {
        const got = await sendRaw(house, [text], { waitMs: 600 });
        const statuses = statusesIn(got);
        assert.ok(!got.includes('"eventBus"'), `${name}: the hidden request was answered`);
        assert.ok(
          statuses.every((status) => status >= 400),
          `${name}: ${statuses.join()}`,
        );
        outcomes.push(statuses.join() || 'cut off');
      }
      return tally(outcomes);
    },
  },
  {
    name: 'another Host, X-Forwarded-Host, and paths that climb',
    refusal: 'answered as ever, without a word of it; 404',
    async run(house) {
      const headers = {
        ...JSON_TYPE,
        host: 'evil.example.com',
        'x-forwarded-host': 'evil.example.com',
      };
      const { status, text, headers: answered } = await send(house, { headers, body: BODY });
      assert.equal(status, 200);
      assert.ok(!`${text}${JSON.stringify(answered)}`.includes('evil'));
      const paths = [
        '/',
        '/graphql/..%2f..%2fetc/passwd',
        '/graphqlx',
        '/.env',
        '/metrics',
        '/%00',
      ];
      const statuses: number[] = [];
      for (const path of paths) {
        const got = await send(house, { method: 'GET', path });
        assert.ok(!/node_modules|\/work|at Object/.test(got.text), got.text.slice(0, 200));
        statuses.push(got.status);
      }
      assert.ok(
        statuses.every((each) => each >= 400 && each < 500),
        tally(statuses),
      );
      return `200 ${tally(statuses)}`;
    },
  },
  {
    name: 'targets of a request line that are no path',
    refusal: 'answered as a path or 4xx, and the server goes on',
    async run(house) {
      const targets = [
        '*',
        '//',
        'http://evil.example.com/graphql',
        'http://[',
        '/graphql?%',
        '/%',
        'http://a:b@c:99999/',
      ];
      const outcomes: string[] = [];
      for (const target of targets) {
        const lines = ['Host: localhost', 'Connection: close', CRLF].join(CRLF);
        const got = await sendRaw(house, [`GET ${target} HTTP/1.1${CRLF}${lines}`], {
          waitMs: 600,
        });
        const upgrade = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', CRLF].join(
          CRLF,
        );
        const socket = await sendRaw(house, [`GET ${target} HTTP/1.1${CRLF}${upgrade}`], {
          waitMs: 600,
        });
        const statuses = [...statusesIn(got), ...statusesIn(socket)];
        assert.ok(
          statuses.every((status) => status < 500),
          `${target}: ${statuses.join()}`,
        );
        outcomes.push(...statuses.map(String));
      }
      return tally(outcomes);
    },
  },
  {
    name: 'pages of other origins, asking first and not asking',
    refusal: 'no Access-Control-Allow-Origin, no cookie, nothing written',
    async run(house) {
      const query = `mutation { logIn(input: { login: "ada", password: "${house.ada.password}x" }) { __typename } }`;
      const origins = [
        EVIL,
        'null',
        `${house.origin}.evil.example`,
        house.origin.replace('https', 'http'),
        'https://app.example.com:444',
      ];
      for (const origin of origins) {
        const preflight = await send(house, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type',
          },
        });
        const asked = await ask(house, { query, headers: { origin }, from: house.nextAddress() });
        for (const { headers } of [preflight, asked]) {
          assert.equal(headers['access-control-allow-origin'], undefined);
          assert.equal(headers['access-control-allow-credentials'], undefined);
          assert.equal(headers['set-cookie'], undefined);
        }
      }
      const ours = await send(house, {
        method: 'OPTIONS',
        headers: { origin: house.origin, 'access-control-request-method': 'POST' },
      });
      assert.equal(ours.headers['access-control-allow-origin'], house.origin);
      return `${String(origins.length)} origins, none allowed; ours is`;
    },
  },
  {
    name: 'what production tells of itself: headers, GraphiQL, errors, health',
    refusal: 'security headers on all; no page, no version, no stack',
    run: production,
  },
];

const EXPECTED: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
};

async function production(house: AttackHouse): Promise<string> {
  const answers = [
    await send(house, { headers: JSON_TYPE, body: BODY }),
    await send(house, { headers: JSON_TYPE, body: '{' }),
    await send(house, { method: 'GET', headers: { accept: 'text/html' } }),
    await send(house, { method: 'GET', path: '/health' }),
    await send(house, { method: 'GET', path: '/nowhere' }),
    await send(house, { headers: { ...JSON_TYPE, authorization: 'Basic eDp4' }, body: BODY }),
    await send(house, { headers: { 'content-type': 'text/plain' }, body: BODY }),
    await send(house, { method: 'OPTIONS', headers: { origin: EVIL } }),
  ];
  for (const { status, headers, text } of answers) {
    const shown = `${String(status)} ${text.slice(0, 120)}`;
    for (const [name, value] of Object.entries(EXPECTED)) {
      assert.equal(headers[name], value, `${name} of ${shown}`);
    }
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['server'], undefined);
    assert.ok(!/<html|graphiql|node_modules|\.ts:|yoga/i.test(text), shown);
  }
  return tally(answers.map(({ status }) => status));
}
