import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** Serves an empty page at an origin of its own, such as `http://localhost:40123`. Gone after the tests. */
export async function openOrigin(host: 'localhost' | '127.0.0.1'): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>A page</title><iframe name="hidden"></iframe>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${String((server.address() as AddressInfo).port)}`;
}
