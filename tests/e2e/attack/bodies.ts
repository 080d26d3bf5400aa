import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { inParallel, tally, type Attack } from './attack.ts';
import { ask, readAnswer, send, sendRaw, statusesIn } from './wire.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** Would end Ada's session, were it let through. */
const LOG_OUT = 'mutation { logOut { __typename } }';
const MEBIBYTE = 2 ** 20;
const BODY = '{"query":"{ health { status } }"}';

const head = (lines: readonly string[]): string =>
  `${['POST /graphql HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...lines].join('\r\n')}\r\n\r\n`;

/** A body in chunks, `count` of 64 KiB, and no end. */
const chunks = (count: number): string[] =>
  Array.from({ length: count }, () => `10000\r\n${'x'.repeat(65_536)}\r\n`);

export const BODIES: readonly Attack[] = [
  ...['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'].map(
    (type): Attack => ({
      name: `a mutation in ${type.split(';', 1)[0] ?? ''}, as a form sends it`,
      refusal: '403 or 415',
      async run(house) {
        const bodies = [
          new URLSearchParams({ query: LOG_OUT }).toString(),
          JSON.stringify({ query: LOG_OUT }),
          `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"${LOG_OUT}"}\r\n--x--`,
        ];
        const statuses: number[] = [];
        for (const body of bodies) {
          const headers = { 'content-type': type, authorization: `Bearer ${house.ada.token}` };
          statuses.push((await send(house, { headers, body })).status);
        }
        assert.ok(
          statuses.every((status) => [403, 415].includes(status)),
          tally(statuses),
        );
        return tally(statuses);
      },
    }),
  ),
  {
    name: 'a multipart upload that carries the header against forgery',
    refusal: '4xx: there is nothing to upload to',
    async run(house) {
      const body = [
        `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"${LOG_OUT}"}`,
        `--x\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.__proto__.x"]}`,
        `--x\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\nx\r\n--x--`,
      ].join('\r\n');
      const { status } = await send(house, {
        headers: {
          ...{ 'content-type': 'multipart/form-data; boundary=x', 'x-csrf-prevention': '1' },
          authorization: `Bearer ${house.ada.token}`,
        },
        body,
      });
      assert.ok(status >= 400 && status < 500, String(status));
      return String(status);
    },
  },
  {
    name: 'a mutation by GET, HEAD, PUT, PATCH, DELETE and TRACE',
    refusal: '405',
    async run(house) {
      const path = `/graphql?query=${encodeURIComponent(LOG_OUT)}`;
      const headers = { authorization: `Bearer ${house.ada.token}` };
      const statuses: number[] = [];
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'TRACE']) {
        statuses.push((await send(house, { method, path, headers })).status);
      }
      assert.ok(
        statuses.every((status) => status >= 400 && status < 500),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: 'bodies of 8 MiB, at once 10, said beforehand',
    refusal: '413',
    async run(house) {
      const body = Buffer.alloc(8 * MEBIBYTE, ' ');
      const got = await inParallel(Array.from({ length: 10 }), 5, () =>
        send(house, { headers: { ...JSON_TYPE, 'content-length': String(body.length) }, body }),
      );
      const statuses = got.map(({ status, text }) => (status === 0 ? `cut off (${text})` : status));
      assert.ok(
        got.every(({ status }) => status === 413 || status === 0),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: 'a body without an end, in chunks',
    refusal: '413, and the connection ends',
    async run(house) {
      const text = await sendRaw(house, [head(['Transfer-Encoding: chunked']), ...chunks(64)], {
        waitMs: 1_500,
      });
      assert.deepEqual(statusesIn(text), [413], text.slice(0, 200));
      return statusesIn(text).join();
    },
  },
  {
    name: 'gzip, deflate and brotli bombs of 100 MiB',
    refusal: '4xx: packed bodies are not unpacked past the limit',
    async run(house) {
      const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE, ' '));
      const statuses: number[] = [];
      for (const coding of ['gzip', 'gzip, gzip', 'deflate', 'br', 'zstd']) {
        const headers = { ...JSON_TYPE, 'content-encoding': coding };
        statuses.push((await send(house, { headers, body: bomb })).status);
      }
      assert.ok(
        statuses.every((status) => status >= 400 && status < 500),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: '50 requests whose bodies do not end',
    refusal: '408, and the connection ends',
    isLong: true,
    async run(house) {
      const slow = head([`Content-Length: ${String(BODY.length)}`]) + BODY.slice(0, 4);
      const texts = await Promise.all(
        Array.from({ length: 50 }, () => sendRaw(house, [slow], { waitMs: 9_000 })),
      );
      const statuses = texts.flatMap(statusesIn);
      assert.ok(
        statuses.length === 50 && statuses.every((status) => status === 408),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: '50 requests whose headers never end',
    refusal: '408, and the connection ends',
    isLong: true,
    async run(house) {
      const texts = await Promise.all(
        Array.from({ length: 50 }, () =>
          sendRaw(house, ['POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-A: '], {
            waitMs: 9_000,
          }),
        ),
      );
      const statuses = texts.flatMap(statusesIn);
      assert.ok(
        statuses.length === 50 && statuses.every((status) => status === 408),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: 'headers of 64 KiB, and 3,000 of them',
    refusal: '431',
    async run(house) {
      const giant = await send(house, {
        headers: { ...JSON_TYPE, 'x-a': 'a'.repeat(65_536) },
        body: BODY,
      });
      const lines = Array.from({ length: 3_000 }, (_, n) => `X-${String(n)}: a`);
      const many = statusesIn(await sendRaw(house, [head(lines)]));
      // The answer may be cut off with the connection while the rest is on its way.
      assert.ok([0, 431].includes(giant.status), String(giant.status));
      assert.deepEqual(many, [431]);
      return tally([giant.status, ...many]);
    },
  },
  {
    name: 'a key twice in the body: a query, and a mutation behind it',
    refusal: 'one of the two, and the limits look at that one',
    async run(house) {
      const flood = `{ ${Array.from({ length: 30 }, (_, n) => `a${String(n)}: __typename`).join(' ')} }`;
      const harmless = '{ __typename }';
      const answers = await Promise.all(
        [
          [harmless, flood],
          [flood, harmless],
        ].map(async ([first = '', second = '']) => {
          const body = `{"query":${JSON.stringify(first)},"query":${JSON.stringify(second)}}`;
          return readAnswer(await send(house, { headers: JSON_TYPE, body }));
        }),
      );
      assert.deepEqual(answers[0]?.codes, ['QUERY_TOO_COMPLEX']);
      assert.deepEqual(answers[1]?.data, { __typename: 'Query' });
      return 'the last one counts, with its limits';
    },
  },
  {
    name: 'JSON that is none, no object, or 100,000 levels deep',
    refusal: '400',
    async run(house) {
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);
      const bodies = [
        '',
        '{',
        'null',
        '1',
        '"a"',
        'true',
        '[]',
        deep,
        '{"query":',
        '\ufeff{}',
        'NaN',
      ];
      const statuses: number[] = [];
      for (const body of bodies) {
        statuses.push((await send(house, { headers: JSON_TYPE, body })).status);
      }
      assert.ok(
        statuses.every((status) => status === 400),
        tally(statuses),
      );
      return tally(statuses);
    },
  },
  {
    name: 'a batch of 100 operations',
    refusal: '400: batching is off',
    async run(house) {
      const body = JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ __typename }' })));
      const { status } = await send(house, { headers: JSON_TYPE, body });
      assert.equal(status, 400);
      return String(status);
    },
  },
  {
    name: 'a body where each key is of another type than it should',
    refusal: '400 or BAD_USER_INPUT',
    async run(house) {
      const odd = [1, true, [], {}, null, 'text', [[]], { a: 1 }];
      const bodies = odd.flatMap((value) => [
        { query: value },
        { query: '{ __typename }', variables: value },
        { query: '{ __typename }', operationName: value },
        { query: '{ __typename }', extensions: value },
      ]);
      const got = await inParallel(bodies, 4, (more) => ask(house, { more }));
      assert.ok(
        got.every(({ status }) => status === 200 || status === 400),
        tally(got.map(({ status }) => status)),
      );
      assert.ok(got.every(({ codes }) => !codes.includes('INTERNAL')));
      return tally(got.map(({ status }) => status));
    },
  },
];
