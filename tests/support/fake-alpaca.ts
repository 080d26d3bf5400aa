import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';
import { toText } from '../../src/services/platform/money.ts';
import { createFakeAlpacaBook, type Json } from './fake-alpaca-book.ts';

const KEYS = { keyId: 'PKTEST', secret: 'of-the-tests' };

/**
 * Alpaca as its documentation describes it (Trading API v2: orders, positions, account, activities, assets;
 * Market Data API v2: latest quote; the stream `trade_updates` with binary frames), on a port of this machine.
 */
export async function startFakeAlpaca() {
  const listeners = new Set<WebSocket>();
  const held: string[] = [];
  /** `repeats`: how often each update is told; `isHolding`: whether it is held back. */
  const stream = { repeats: 1, isHolding: false };
  const send = (message: string): void => {
    for (const socket of listeners) socket.send(Buffer.from(message));
  };
  const book = createFakeAlpacaBook((message) => {
    if (stream.isHolding) held.push(message);
    else for (let time = 0; time < stream.repeats; time += 1) send(message);
  });

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await text(request)) as Json;
    const fault = book.nextFault();
    if (fault === 'BROKEN') {
      answer(response, 503, { message: 'unavailable' });
    } else if (fault === 'BUSY') {
      response.setHeader('retry-after', '0.05');
      answer(response, 429, { message: 'too many requests.' });
    } else if (fault !== 'SILENT') {
      const orderId = new URL(request.url ?? '/', 'http://venue').pathname.split('/').at(-1) ?? '';
      const taken = request.method === 'PATCH' ? book.replace(orderId, body) : book.take(body);
      if (fault === 'BROKEN_AFTER_ACCEPTANCE') answer(response, 500, { message: 'oops' });
      else if (fault === undefined) answer(response, taken.status, taken.body);
    }
  };

  const read = ({ pathname, searchParams }: URL): unknown => {
    switch (pathname) {
      case '/v2/account':
        return { currency: 'USD', cash: toText(book.state.cash), status: 'ACTIVE' };
      case '/v2/positions':
        return book.positions();
      case '/v2/orders':
        return book.openOrders();
      case '/v2/orders:by_client_order_id':
        return book.order({ clientOrderId: searchParams.get('client_order_id') });
      case '/v2/account/activities/FILL':
        return book.activities(searchParams);
      case '/v2/assets':
        return ['AAPL', 'MSFT'].map((symbol) => ({
          ...{ symbol, name: `${symbol} Inc.`, class: 'us_equity', status: 'active' },
          ...{ tradable: true, fractionable: symbol === 'AAPL' },
        }));
      case '/v2/stocks/AAPL/quotes/latest':
        return { symbol: 'AAPL', quote: 'numbers' };
      default:
        return book.order({ id: pathname.split('/').at(-1) ?? '' });
    }
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://venue');
    const isKnown =
      request.headers['apca-api-key-id'] === KEYS.keyId &&
      request.headers['apca-api-secret-key'] === KEYS.secret;
    if (!isKnown) {
      answer(response, 403, { message: 'forbidden.' });
    } else if (request.method === 'POST' || request.method === 'PATCH') {
      void post(request, response);
    } else if (request.method === 'DELETE') {
      const { status, body } = book.cancel(url.pathname.split('/').at(-1) ?? '');
      answer(response, status, body);
    } else {
      const found = read(url);
      const missing = { code: 40410000, message: 'not found' };
      answer(response, found === undefined ? 404 : 200, found ?? missing);
    }
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const streams = new WebSocketServer({ server, path: '/stream' });
  streams.on('connection', (socket) => {
    socket.on('close', () => listeners.delete(socket));
    socket.on('message', (raw: Buffer) => {
      const message = JSON.parse(raw.toString('utf8')) as Json;
      if (message['action'] === 'auth') {
        const isKnown = message['key'] === KEYS.keyId && message['secret'] === KEYS.secret;
        const data = { status: isKnown ? 'authorized' : 'unauthorized', action: 'authenticate' };
        socket.send(Buffer.from(JSON.stringify({ stream: 'authorization', data })));
        return;
      }
      listeners.add(socket);
      const listening = { stream: 'listening', data: { streams: ['trade_updates'] } };
      socket.send(Buffer.from(JSON.stringify(listening)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    ...{ venue: book.venue, state: book.state, settle: book.settle, stream, keys: KEYS },
    hosts: { trading: `http://${place}`, data: `http://${place}`, stream: `ws://${place}/stream` },
    /** Ends all streams; what happens until they are back is not told. */
    cutStreams(): void {
      for (const socket of listeners) socket.terminate();
      listeners.clear();
    },
    listenerCount: () => listeners.size,
    /** Sends what was held back, the newest first, and holds nothing back from here on. */
    releaseBackwards(): void {
      stream.isHolding = false;
      for (const message of held.splice(0).reverse()) send(message);
    },
    async stop(): Promise<void> {
      for (const client of streams.clients) client.terminate();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeAlpaca = Awaited<ReturnType<typeof startFakeAlpaca>>;

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  // Prices of quotes are numbers there, and these digits would not survive one.
  const time = new Date().toISOString();
  const quote = `{"ap":151.10,"as":4,"bp":150.9000000000000000001,"bs":2,"t":"${time}"}`;
  response.end(body === undefined ? '' : JSON.stringify(body).replace('"numbers"', quote));
}
