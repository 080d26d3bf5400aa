import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../src/server.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { connectBySocket, connectBySse } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';

const ALLOWED = 'https://app.example.com';
const house = await openTestApp({ variables: { CORS_ALLOWED_ORIGINS: ALLOWED } });
const { url, port } = await serve(house);
const graph = openGraph(house);
const inProduction = openGraph({
  app: house.app,
  config: { ...house.config, environment: 'production' },
});
const json = { 'content-type': 'application/json' };
const post = (headers: Record<string, string>, body = '{"query":"{ health { status } }"}') =>
  fetch(url, { method: 'POST', headers, body });

describe('/health', () => {
  const readHealth = async () => {
    const response = await fetch(`http://localhost:${port}/health`);
    return { status: response.status, report: (await response.json()) as { status: string } };
  };
  /** A busy machine may need a moment to be found well. */
  const healthy = () =>
    eventually('all is well', async () => (await readHealth()).report.status === 'OK');

  test('answers in plain JSON whether requests can be answered', async () => {
    await healthy();
    expect(await readHealth()).toMatchObject({
      status: 200,
      report: { status: 'OK', database: 'OK', eventBus: 'OK' },
    });
  });

  test('is the same that the graph says', async () => {
    await healthy();
    expect(await graph.data('{ health { status database eventBus version } }')).toEqual({
      health: { status: 'OK', database: 'OK', eventBus: 'OK', version: '0.1.0' },
    });
  });
});

describe('a page of another origin', () => {
  test('may read the answers when it is listed', async () => {
    const response = await post({ ...json, origin: ALLOWED });
    expect(response.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: ALLOWED, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  });

  test.each(['https://evil.example.com', 'null'])('may not when it is %s', async (origin) => {
    const response = await post({ ...json, origin });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('cannot make a browser send a form or a text to us', async () => {
    const body = new URLSearchParams({ query: 'mutation { logOut { __typename } }' }).toString();
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ]) {
      const response = await post({ 'content-type': type }, body);
      expect([403, 415]).toContain(response.status);
    }
  });

  test('may send a form when it asked first', async () => {
    const body = new URLSearchParams({ query: '{ health { status } }' }).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-csrf-prevention': '1',
    };
    expect((await post(headers, body)).status).toBe(200);
  });
});

describe('a GET', () => {
  const get = (query: string) => fetch(`${url}?query=${encodeURIComponent(query)}`);

  test('may read', async () => {
    expect(await (await get('{ health { version } }')).json()).toMatchObject({
      data: { health: { version: '0.1.0' } },
    });
  });

  test('may not change anything', async () => {
    const ada = await house.addPerson('ada');
    const query = encodeURIComponent('mutation { logOut { __typename } }');
    const headers = { authorization: `Bearer ${ada.token}` };
    const response = await fetch(`${url}?query=${query}`, { headers });
    expect(response.status).toBe(405);
    expect(await graph.data('{ viewer { user { username } } }', { token: ada.token })).toEqual({
      viewer: { user: { username: 'ada' } },
    });
  });
});

describe('every answer', () => {
  test('tells browsers to believe its type, keep nothing and frame nothing', async () => {
    const { headers } = await post(json);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('GraphiQL', () => {
  test('is served whole, without anything from elsewhere, and opens with a useful query', async () => {
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    expect(page).toContain('query Overview');
    expect(page).toContain('subscription Live');
    expect(page).toContain('Authorization');
  });

  test('is not there in production', async () => {
    const response = await inProduction.send({ headers: { accept: 'text/html' } });
    expect(await response.text()).not.toContain('<html');
  });
});

describe('production', () => {
  test('hides the schema', async () => {
    for (const query of [
      '{ __schema { queryType { name } } }',
      '{ __type(name: "User") { name } }',
    ]) {
      const { body } = await inProduction.ask(query);
      expect(body.data).toBeUndefined();
      expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    }
    expect((await inProduction.ask('{ __typename }')).body.data).toEqual({ __typename: 'Query' });
  });

  test('says no names that come near', async () => {
    const query = '{ viewer { user { emial } } }';
    const [silent, helpful] = [await inProduction.ask(query), await graph.ask(query)];
    expect(silent.body.errors?.[0]?.message).toBe('Cannot query field "emial" on type "User".');
    expect(helpful.body.errors?.[0]?.message).toContain('Did you mean "email"');
    const variables = { i: { side: 'BYU' } };
    const place = 'mutation ($i: PlaceOrderInput!) { placeOrder(input: $i) { __typename } }';
    expect(JSON.stringify((await inProduction.ask(place, { variables })).body)).not.toContain(
      'Did you mean',
    );
  });
});

describe('what goes wrong on our side', () => {
  test('leaves as an id that is in the log, and nothing else of it', async () => {
    const { users, ...services } = house.app.services;
    const failing = {
      ...users,
      me: () => Promise.reject(new Error('relation "users" of /srv/app/secret.ts does not exist')),
    };
    const broken = openGraph({
      config: house.config,
      app: { ...house.app, services: { ...services, users: failing } },
    });
    const bob = await house.addPerson('bob');
    const { status, body } = await broken.ask('{ viewer { user { username } } }', {
      token: bob.token,
    });
    expect(status).toBe(200);
    expect(body.errors).toEqual([
      expect.objectContaining({
        message: 'Something went wrong on our side.',
        path: ['viewer', 'user'],
        extensions: { code: 'INTERNAL', errorId: expect.any(String) as string },
      }),
    ]);
    expect(JSON.stringify(body)).not.toMatch(/relation|secret/);
    expect(house.log.lines.map(({ message }) => message)).toContain('An error was masked.');
  });
});

describe('a stop', () => {
  test('ends streams, closes sockets with 1001, and lets a request finish', async () => {
    const { app, config } = house;
    // Longer than the test: it must not be the grace time that ends anything.
    const http = { ...config.http, shutdownGraceMs: 600_000 };
    const server = await startServer({ app, config: { ...config, http } });
    const carol = await house.addPerson('carol');
    const address = { url: server.url, token: carol.token };
    house.quote();
    const operation = { query: 'subscription { quotes(symbols: ["ACME.SIM"]) { symbol } }' };
    const first = { done: false, value: { data: { quotes: { symbol: 'ACME.SIM' } } } };
    const socket = connectBySocket(address);
    const bySocket = socket.iterate(operation);
    const bySse = connectBySse(address).iterate(operation);
    // Both must be open, and the request must be under way, before the stop.
    expect(await Promise.all([bySocket.next(), bySse.next()])).toEqual([first, first]);
    const slow = halfRequest(server.port);
    await slow.isUnderWay;
    const [socketEnded, sseEnded] = [
      bySocket.next().catch(() => undefined),
      bySse.next().catch((error: unknown) => error),
    ];
    const stopped = server.stop();
    slow.finish();
    expect(await slow.status).toBe(200);
    expect(await socket.closed).toMatchObject({ code: 1001 });
    // Not as one that is complete: its reader would not come again.
    expect(await sseEnded).toMatchObject({
      message: 'Connection closed while having active streams',
    });
    await socketEnded;
    await stopped;
    await expect(fetch(server.url)).rejects.toThrow(/fetch failed/);
  });

  test('waits no longer than its grace time for a client that never ends', async () => {
    const { app, config } = house;
    const http = { ...config.http, shutdownGraceMs: 300 };
    const server = await startServer({ app, config: { ...config, http } });
    const slow = halfRequest(server.port);
    await slow.isUnderWay;
    // It would wait for as long as the test may take.
    await server.stop();
    await expect(slow.status).rejects.toThrow();
  });
});

describe('a port that is taken', () => {
  test('is told when the server starts', async () => {
    const { app, config } = house;
    const taken = startServer({ app, config: { ...config, http: { ...config.http, port } } });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

/** A request whose body is not whole until `finish` is called. */
function halfRequest(toPort: number) {
  const body = '{"query":"{ health { status } }"}';
  const length = String(body.length);
  const headers = { ...json, 'content-length': length, expect: '100-continue' };
  const outgoing = request({ port: toPort, path: '/graphql', method: 'POST', headers });
  const status = new Promise<number | undefined>((resolve, reject) => {
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.once('error', reject);
  });
  status.catch(() => undefined);
  // The server says so once it has begun to answer.
  const isUnderWay = once(outgoing, 'continue');
  outgoing.write(body.slice(0, 5));
  return { status, isUnderWay, finish: () => outgoing.end(body.slice(5)) };
}
