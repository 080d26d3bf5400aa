import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createOutsidePost,
  type OutsidePostPorts,
} from '../../../src/services/platform/outside-post.ts';
import { selfSignedCertificate } from '../../support/certificate.ts';
import { eventually } from '../../support/outbox.ts';
import { openReceiver, type Receiver } from '../../support/receiver.ts';

let plain: Receiver;
let secure: Receiver;
const certificate = selfSignedCertificate();

beforeAll(async () => {
  plain = await openReceiver();
  secure = await openReceiver(certificate);
});
beforeEach(() => {
  for (const receiver of [plain, secure]) {
    receiver.received.length = 0;
    receiver.answer = (response) => response.writeHead(200).end();
  }
});

const never = new AbortController().signal;
/** Longer than any test takes, so that no slow machine makes it a time-out. */
const patient = { connectMs: 60_000, totalMs: 60_000 };

function post(url: string, ports: Partial<OutsidePostPorts> = {}, signal = never) {
  const send = createOutsidePost({ isInsideAllowed: true, ...patient, ...ports });
  return send({ url, headers: { 'x-own': 'one' }, body: '{"n":1}' }, signal);
}
const at = ({ port }: { port: number }, host = '127.0.0.1', scheme = 'http') =>
  `${scheme}://${host}:${String(port)}/hook`;
/** Answers with these addresses, one list a look-up, and the last one from then on. */
function resolving(...answers: string[][]) {
  const asked: string[] = [];
  const resolve = (name: string) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(name);
    return Promise.resolve(
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { asked, resolve };
}

describe('an answer', () => {
  test('is told by its status, and by when it asks to be tried again', async () => {
    const tooMany = { kind: 'ANSWERED', status: 429, retryAfter: '7' };
    plain.answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end('busy');
    expect(await post(at(plain))).toEqual(tooMany);
    expect(plain.received).toMatchObject([
      { path: '/hook', body: '{"n":1}', headers: { 'x-own': 'one', 'content-length': '7' } },
    ]);
  });

  test('that leads elsewhere is an answer, and nobody goes there', async () => {
    plain.answer = (response) => response.writeHead(302, { location: `${at(plain)}/on` }).end();
    expect(await post(at(plain))).toMatchObject({ kind: 'ANSWERED', status: 302 });
    expect(plain.received).toHaveLength(1);
  });

  test('without an end is cut off, and its status counts', async () => {
    let isCut = false;
    plain.answer = (response) => {
      response.writeHead(200);
      response.on('close', () => {
        isCut = true;
      });
      writeForever(response);
    };
    expect(await post(at(plain))).toMatchObject({ kind: 'ANSWERED', status: 200 });
    await eventually('the receiver is cut off', () => isCut);
  });

  test('that is broken off behind its head counts by its status', async () => {
    plain.answer = (response) => {
      response.writeHead(202, { 'content-length': '100' });
      response.write('a part', () => response.destroy());
    };
    expect(await post(at(plain))).toMatchObject({ kind: 'ANSWERED', status: 202 });
  });

  test('that is none of HTTP, or is broken off, is a broken connection', async () => {
    const failed = { kind: 'FAILED', problem: 'CONNECTION_FAILED' };
    plain.answer = (response) => response.destroy();
    expect(await post(at(plain))).toEqual(failed);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 mail.example.com ESMTP\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterAll(() => server.close());
    expect(await post(at(server.address() as AddressInfo))).toEqual(failed);
  });

  test('that does not come is waited for so long', async () => {
    plain.answer = () => undefined;
    expect(await post(at(plain), { totalMs: 200 })).toEqual({
      ...{ kind: 'FAILED', problem: 'TIMED_OUT' },
    });
    const resolve = () => new Promise<never>(() => undefined);
    expect(await post(at(plain, 'slow.example'), { connectMs: 50, resolve })).toEqual({
      ...{ kind: 'FAILED', problem: 'TIMED_OUT' },
    });
  });

  test('is not waited for by who stops', async () => {
    const stopping = new AbortController();
    plain.answer = () => {
      stopping.abort();
    };
    expect(await post(at(plain), {}, stopping.signal)).toEqual({ kind: 'STOPPED' });
    expect(await post(at(plain), {}, stopping.signal)).toEqual({ kind: 'STOPPED' });
    expect(plain.received).toHaveLength(1);
  });

  test('comes from nobody where nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await post(at({ port }))).toEqual({ kind: 'FAILED', problem: 'CONNECTION_FAILED' });
  });
});

describe('TLS', () => {
  test('goes to the address that was looked at, by the name of the receiver', async () => {
    const { asked, resolve } = resolving(['127.0.0.1']);
    const { cert: ca } = certificate;
    expect(await post(at(secure, 'localhost', 'https'), { resolve, ca })).toMatchObject({
      ...{ kind: 'ANSWERED', status: 200 },
    });
    expect(asked).toEqual(['localhost']);
    expect(secure.received).toMatchObject([
      { headers: { host: `localhost:${String(secure.port)}` } },
    ]);
  });

  test('is refused for another name, and for a certificate that nobody vouches for', async () => {
    const failed = { kind: 'FAILED', problem: 'TLS_FAILED' };
    const { resolve } = resolving(['127.0.0.1']);
    const { cert: ca } = certificate;
    expect(await post(at(secure, 'bank.example', 'https'), { resolve, ca })).toEqual(failed);
    expect(await post(at(secure, 'localhost', 'https'), { resolve })).toEqual(failed);
    expect(secure.received).toEqual([]);
  });
});

describe('an address that is not of the outside', () => {
  const guarded = { isInsideAllowed: false };
  const refused = { kind: 'FAILED', problem: 'INSIDE_ADDRESS' };

  test.each([
    ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.0.0.1', '172.31.0.1', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1'],
    ...['::1', '::', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
    // IPv4 in IPv6: mapped, compatible, translated (NAT64).
    ...['::ffff:127.0.0.1', '::ffff:a00:1', '::127.0.0.1', '64:ff9b::7f00:1'],
    'not an address',
  ])('is refused: %s', async (address) => {
    const { resolve } = resolving([address]);
    expect(await post(at(plain, 'hooks.example.com'), { ...guarded, resolve })).toEqual(refused);
    expect(plain.received).toEqual([]);
  });

  test.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.1'])(
    'is refused where it stands in the URL: %s',
    async (host) => {
      expect(await post(at(plain, host), guarded)).toEqual(refused);
      expect(plain.received).toEqual([]);
    },
  );

  test('is left out where the name has others as well', async () => {
    const { resolve } = resolving(['127.0.0.1', '203.0.113.7', '::1']);
    expect(await post(at(plain, 'hooks.example.com'), { ...guarded, resolve })).toEqual(refused);
  });

  test('is not reached by a name that is answered differently the next moment', async () => {
    // The second answer is never asked for: the connection goes to the first, and each send asks once.
    const { asked, resolve } = resolving(['127.0.0.1'], ['192.0.2.1']);
    expect(await post(at(plain, 'rebind.example'), { resolve })).toMatchObject({ status: 200 });
    expect(asked).toEqual(['rebind.example']);
    const later = resolving(['127.0.0.1']);
    expect(await post(at(plain, 'rebind.example'), { ...guarded, resolve: later.resolve })).toEqual(
      refused,
    );
    expect(plain.received).toHaveLength(1);
  });

  test('is told apart from a name without any', async () => {
    const { resolve } = resolving([]);
    const failed = { kind: 'FAILED', problem: 'NO_ADDRESS' };
    expect(await post(at(plain, 'hooks.example.com'), { resolve })).toEqual(failed);
    const broken = () => Promise.reject(new Error('No name server answers.'));
    expect(await post(at(plain, 'hooks.example.com'), { resolve: broken })).toEqual(failed);
  });
});

test('no proxy of the environment is asked', async () => {
  const proxy = `http://127.0.0.1:${String(secure.port)}`;
  const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'NODE_USE_ENV_PROXY'];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy;
  try {
    expect(await post(at(plain))).toMatchObject({ kind: 'ANSWERED', status: 200 });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
});

function writeForever(response: ServerResponse): void {
  const chunk = 'x'.repeat(1_024);
  const more = (): void => {
    if (!response.writable) return;
    if (response.write(chunk)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
}
