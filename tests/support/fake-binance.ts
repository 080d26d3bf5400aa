import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createFakeBinanceBook, type Answer } from './fake-binance-book.ts';

const KEYS = { keyId: 'binance-test-key', secret: 'of-the-tests' };

const MARKET = {
  ...{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', baseAssetPrecision: 8 },
  ...{ quoteAsset: 'USDT', quotePrecision: 8, quoteAssetPrecision: 8 },
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'],
  ...{ isSpotTradingAllowed: true, isMarginTradingAllowed: false, permissions: [] },
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000.00', tickSize: '0.01' },
    { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000.0', stepSize: '0.00001' },
    { filterType: 'NOTIONAL', minNotional: '5.0', applyMinToMarket: true, maxNotional: '9000000' },
  ],
};

/**
 * Binance's REST for spot markets as its documentation describes it (binance-spot-api-docs), signatures
 * included, on a port of this machine.
 */
export async function startFakeBinance() {
  const book = createFakeBinanceBook();

  const readPublic = ({ pathname, searchParams }: URL): Answer | undefined => {
    switch (pathname) {
      case '/api/v3/exchangeInfo': {
        const own = { ...MARKET, symbol: 'BNBUSDT', baseAsset: 'BNB' };
        const symbols = book.state.coin ? [MARKET, own] : [MARKET];
        return { status: 200, body: { timezone: 'UTC', symbols } };
      }
      case '/api/v3/time':
        return { status: 200, body: { serverTime: Date.now() } };
      case '/api/v3/ticker/24hr': {
        const symbol = searchParams.get('symbol');
        if (symbol === 'BNBUSDT' && book.state.coin) {
          const prices = { bidPrice: '600', askPrice: '601', lastPrice: '600' };
          const sizes = { bidQty: '1', askQty: '1', closeTime: Date.now() };
          return { status: 200, body: { symbol, ...prices, ...sizes } };
        }
        if (symbol !== 'BTCUSDT') {
          return { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
        }
        const sizes = { bidQty: '2.5', askQty: '0.00001' };
        const prices = { bidPrice: 'digits', askPrice: '151.10', lastPrice: '151' };
        const times = { openTime: Date.now() - 86_400_000, closeTime: Date.now() };
        return { status: 200, body: { symbol: 'BTCUSDT', ...prices, ...sizes, ...times } };
      }
      default:
        return undefined;
    }
  };
  const act = (method: string, { pathname }: URL, query: URLSearchParams): Answer => {
    switch (`${method} ${pathname}`) {
      case 'POST /api/v3/order':
        return book.take(query);
      case 'POST /api/v3/order/cancelReplace':
        return book.cancelReplace(query);
      case 'DELETE /api/v3/order':
        return book.cancel(query);
      case 'GET /api/v3/order':
        return book.order(query);
      case 'GET /api/v3/openOrders':
        return book.openOrders();
      case 'GET /api/v3/myTrades':
        return book.myTrades(query);
      case 'GET /api/v3/account':
        return book.account();
      default:
        throw new Error(`Binance is not asked ${method} ${pathname} here.`);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', 'http://venue');
    const known = readPublic(url);
    if (known) {
      answer(response, known);
      return;
    }
    const signed = method === 'GET' || method === 'DELETE' ? url.search.slice(1) : '';
    const payload = signed || (await text(request));
    if (!isSigned(request, payload)) {
      const msg = 'Invalid API-key, IP, or permissions for action.';
      answer(response, { status: 401, body: { code: -2015, msg } });
      return;
    }
    const { trouble } = book.state;
    if (trouble === 'CUT') {
      request.socket.destroy();
      return;
    }
    const fault = trouble ?? (method === 'POST' ? book.nextFault() : undefined);
    if (fault === 'BROKEN') {
      // With a code that ccxt does not know: the status says that nobody knows what was done.
      answer(response, { status: 503, body: { code: -9999, msg: 'Unknown error.' } });
    } else if (fault === 'BUSY') {
      response.setHeader('retry-after', '0.05');
      answer(response, { status: 429, body: { code: -1003, msg: 'Too many requests.' } });
    } else if (fault !== 'SILENT') {
      const done = act(method, url, new URLSearchParams(payload));
      if (fault === 'BROKEN_AFTER_ACCEPTANCE') answer(response, { status: 500, body: 'oops' });
      else if (fault === undefined) answer(response, done);
    }
  };

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    ...{ venue: book.venue, state: book.state, keys: KEYS },
    /** What ccxt calls `urls.api`. */
    urls: { public: `${place}/api/v3`, private: `${place}/api/v3` },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeBinance = Awaited<ReturnType<typeof startFakeBinance>>;

function isSigned(request: IncomingMessage, payload: string): boolean {
  const [body = '', signature] = payload.split('&signature=');
  const own = createHmac('sha256', KEYS.secret).update(body).digest('hex');
  return request.headers['x-mbx-apikey'] === KEYS.keyId && signature === own;
}

function answer(response: ServerResponse, { status, body }: Answer): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  // A number, as some exchanges send prices, whose digits would not survive a JavaScript number.
  response.end(JSON.stringify(body).replace('"digits"', '150.9000000000000000001'));
}
