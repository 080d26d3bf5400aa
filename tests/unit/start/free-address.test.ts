import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listenAt } from '../../../src/start/free-address.ts';

const host = '127.0.0.1';

/** Listens as the server does: rejects with the error of the system. */
async function listen(port: number) {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

test('a port that is taken by the time the server listens is named, and nothing else is hidden', async () => {
  const other = await listen(0);
  const { port } = other.address() as AddressInfo;
  await expect(listenAt({ host, port }, () => listen(port))).rejects.toThrow(
    `PORT ${String(port)} is taken by another program.`,
  );
  const bug = new Error('A bug.');
  await expect(listenAt({ host, port }, () => Promise.reject(bug))).rejects.toBe(bug);
  other.close();
});

test('what listens is given back', async () => {
  const server = await listenAt({ host, port: 0 }, () => listen(0));
  expect(server.listening).toBe(true);
  server.close();
});
