import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import type { Certificate } from './certificate.ts';

/** What came in one request. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Receiver {
  readonly port: number;
  /** The requests so far, in the order in which they came. */
  readonly received: Received[];
  /** How it answers from now on; 204 and nothing else at first. */
  answer: (response: ServerResponse, request: Received) => void;
}

/** A server of somebody else's on this machine, closed after the file's last test. */
export async function openReceiver(certificate?: Certificate): Promise<Receiver> {
  const receiver: { -readonly [Name in keyof Receiver]: Receiver[Name] } = {
    port: 0,
    received: [],
    answer: (response) => response.writeHead(204).end(),
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const one = { path: String(request.url), headers: request.headers, body };
    receiver.received.push(one);
    receiver.answer(response, one);
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // Whoever sends may break off in the middle.
    take(request, response).catch(() => response.destroy());
  };
  const server = certificate ? createSecureServer(certificate, onRequest) : createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.port = (server.address() as AddressInfo).port;
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return receiver;
}
