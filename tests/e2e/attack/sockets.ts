import assert from 'node:assert/strict';
import { inParallel, tally, type Attack } from './attack.ts';
import { openSocket } from './socket-wire.ts';
import { sendRaw, statusesIn } from './wire.ts';

const QUOTES = 'subscription { quotes(symbols: ["ACME.SIM"]) { bid } }';
const TRADES = 'subscription { tradeExecuted { __typename } }';
const CLOSED = /^closed \d+$/;

export const SOCKETS: readonly Attack[] = [
  {
    name: 'socket: an operation before connection_init',
    refusal: 'closed with 4401',
    async run(house) {
      const socket = await openSocket(house);
      socket.subscribe(TRADES);
      const code = await socket.closed();
      assert.equal(code, 4401);
      return String(code);
    },
  },
  {
    name: 'socket: connection_init twice, and 100 times',
    refusal: 'closed with 4429',
    async run(house) {
      const codes: number[] = [];
      for (const count of [2, 100]) {
        const socket = await openSocket(house);
        for (let n = 0; n < count; n += 1) socket.send({ type: 'connection_init' });
        codes.push(await socket.closed());
      }
      assert.deepEqual(codes, [4429, 4429]);
      return tally(codes);
    },
  },
  {
    name: 'socket: one that says nothing',
    refusal: 'closed with 4408 after some seconds',
    async run(house) {
      const socket = await openSocket(house);
      const code = await socket.closed();
      assert.equal(code, 4408);
      return String(code);
    },
  },
  {
    name: 'socket: a message of more than 64 KB, and one of 8 MiB in pieces',
    refusal: 'closed with 1009',
    async run(house) {
      const codes: number[] = [];
      const socket = await openSocket(house);
      await socket.init();
      socket.subscribe(`{ __typename } # ${'x'.repeat(65_536)}`);
      codes.push(await socket.closed());
      const pieces = await openSocket(house);
      for (let n = 0; n < 128; n += 1)
        pieces.raw.send('x'.repeat(65_536), { fin: n === 127 }, () => undefined);
      codes.push(await pieces.closed());
      assert.ok(
        codes.every((code) => code === 1009 || code === 1006),
        tally(codes),
      );
      return tally(codes);
    },
  },
  {
    name: 'socket: garbage, binary, an unknown type, an id twice',
    refusal: 'closed with 4400, 4409 or 1007',
    async run(house) {
      const codes: number[] = [];
      const says: readonly (string | Buffer)[] = [
        'not JSON',
        '[]',
        'null',
        '"connection_init"',
        '{"type":"unknown"}',
        '{"type":"__proto__"}',
        '{"id":1,"type":"subscribe","payload":{"query":"{ __typename }"}}',
        '{"id":"1","type":"subscribe","payload":{"query":{"a":1}}}',
        '{"id":"1","type":"subscribe"}',
        Buffer.from([0xff, 0xfe, 0x00]),
        '['.repeat(30_000),
      ];
      for (const said of says) {
        const socket = await openSocket(house);
        await socket.init();
        socket.raw.send(said);
        codes.push(await socket.closed());
      }
      const twice = await openSocket(house);
      await twice.init();
      twice.subscribe(QUOTES);
      twice.subscribe(QUOTES);
      codes.push(await twice.closed());
      assert.ok(
        codes.every((code) => [4400, 4409, 1007].includes(code)),
        tally(codes),
      );
      return tally(codes);
    },
  },
  {
    name: 'socket: frames that break RFC 6455 (no mask, reserved bits, long controls)',
    refusal: 'closed with 1002, or cut off',
    async run(house) {
      const opening = [
        'GET /graphql HTTP/1.1',
        ...[
          'Host: localhost',
          'Upgrade: websocket',
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
        ],
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        '\r\n',
      ].join('\r\n');
      const frames = [
        Buffer.from([0x81, 0x02, 0x7b, 0x7d]),
        Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
        Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]),
        Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      ];
      const codes = await inParallel(frames, 4, async (frame) => {
        const text = await sendRaw(house, [opening, frame], { waitMs: 2_000 });
        const body = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
        return body.length >= 4 && body[0] === 0x88
          ? body.readUInt16BE(2)
          : statusesIn(text).join();
      });
      assert.ok(
        codes.every((code) => code === 1002 || code === 1009),
        tally(codes),
      );
      return tally(codes);
    },
  },
  {
    name: 'socket: 150 subscriptions at once',
    refusal: '100 run, 50 are RATE_LIMITED',
    async run(house) {
      const socket = await openSocket(house);
      await socket.init();
      for (let n = 0; n < 150; n += 1)
        socket.subscribe(QUOTES.replace('ACME', `S${String(n)}`), String(n));
      const codes: string[] = [];
      while (codes.length < 50) {
        const { type = '', payload } = await socket.next();
        assert.ok(!CLOSED.test(type), type);
        if (type !== 'error') continue;
        const [{ extensions } = {}] = payload as { extensions?: { code?: string } }[];
        codes.push(String(extensions?.code));
      }
      assert.deepEqual(new Set(codes), new Set(['RATE_LIMITED']));
      socket.end();
      return tally(codes);
    },
  },
  {
    name: 'socket: 300 that open, subscribe and are gone, again and again',
    refusal: 'served, and nothing is left of them',
    async run(house) {
      const outcomes = await inParallel(Array.from({ length: 300 }), 20, async () => {
        const socket = await openSocket(house, { from: house.nextAddress() });
        if (socket.outcome !== 'open') return socket.outcome;
        await socket.init();
        for (let n = 0; n < 5; n += 1) socket.subscribe(QUOTES, String(n));
        socket.end();
        return 'served';
      });
      assert.deepEqual(new Set(outcomes), new Set(['served']));
      return tally(outcomes);
    },
  },
  {
    name: 'socket: a page of another origin, a wrong path, another protocol',
    refusal: '403, 404, and closed with 4406',
    async run(house) {
      const outcomes: unknown[] = [];
      for (const origin of [
        'https://evil.example.com',
        'null',
        `${house.origin}.evil.example`,
        'http://app.example.com',
      ]) {
        const socket = await openSocket(house, { headers: { origin } });
        outcomes.push(socket.outcome);
        socket.end();
      }
      assert.deepEqual(new Set(outcomes), new Set([403]));
      const other = await openSocket(house, { protocol: 'graphql-ws' });
      const code = other.outcome === 'open' ? await other.closed() : other.outcome;
      assert.ok(code === 4406 || code === 0 || code === 400, String(code));
      return `${tally(outcomes)} ${String(code)}`;
    },
  },
  {
    name: 'socket: the limits of documents, once more over a socket',
    refusal: 'QUERY_TOO_COMPLEX or BAD_USER_INPUT, and the socket stays',
    async run(house) {
      const socket = await openSocket(house);
      await socket.init(house.mallory.token);
      const aliases = Array.from({ length: 2_000 }, (_, n) => `a${String(n)}: __typename`).join(
        ' ',
      );
      const queries = [
        `{ ${aliases} }`,
        '{ __schema { types { name } } }',
        '{ models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }',
        '{ ...A } fragment A on Query { ...A }',
        'query Q($symbol: String!) { instrument(symbol: $symbol) { id } }',
        '{ nothing }',
        '',
      ];
      const codes: string[] = [];
      for (const [n, query] of queries.entries()) {
        socket.subscribe(query, String(n), { symbol: 'a\0' });
        const { type, payload } = await socket.next();
        assert.ok(type === 'error' || type === 'next', String(type));
        const text = JSON.stringify(payload);
        codes.push(/"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 80));
        if (type === 'next') await socket.next();
      }
      assert.ok(
        codes.every((code) => ['QUERY_TOO_COMPLEX', 'BAD_USER_INPUT'].includes(code)),
        tally(codes),
      );
      socket.end();
      return tally(codes);
    },
  },
];
