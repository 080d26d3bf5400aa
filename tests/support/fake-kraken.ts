import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createFakeBinanceBook } from './fake-binance-book.ts';
import type { FakeVenue } from './broker-venue.ts';

type Json = Readonly<Record<string, string>>;
type Result = Readonly<Record<string, unknown>>;

const KEYS = { keyId: 'kraken-test-key', secret: Buffer.from('of-the-tests').toString('base64') };
const PAIR = 'XXBTZUSD';

const PUBLIC: Readonly<Record<string, () => Result>> = {
  '/0/public/Time': () => ({ unixtime: Math.floor(Date.now() / 1_000) }),
  '/0/public/Assets': () => ({
    XXBT: { aclass: 'currency', altname: 'XBT', decimals: 10, status: 'enabled' },
    ZUSD: { aclass: 'currency', altname: 'USD', decimals: 4, status: 'enabled' },
  }),
  '/0/public/AssetPairs': () => ({
    [PAIR]: {
      ...{ altname: 'XBTUSD', wsname: 'XBT/USD', base: 'XXBT', quote: 'ZUSD', status: 'online' },
      ...{ pair_decimals: 2, lot_decimals: 8, cost_decimals: 5, tick_size: '0.01' },
      ...{ ordermin: '0.0001', costmin: '0.5', fees: [[0, 0.26]], fees_maker: [[0, 0.16]] },
      ...{ leverage_buy: [], leverage_sell: [] },
    },
  }),
  '/0/public/Ticker': () => {
    const day = {
      v: ['9', '9'],
      p: ['150', '150'],
      t: [3, 3],
      l: ['149', '149'],
      h: ['152', '152'],
    };
    const sides = { a: ['151.10', '1', '1.000'], b: ['150.90', '2', '2.500'] };
    return { [PAIR]: { ...day, ...sides, c: ['151', '0.1'], o: '150' } };
  },
};

/** Kraken's spot REST as its documentation describes it (docs.kraken.com), on a port of this machine. */
export async function startFakeKraken() {
  const book = createFakeBinanceBook();
  const { state, trades } = book;

  const orderOf = (order: Json): readonly [string, Result] => {
    const { side = '', price = '0', origQty: vol = '0' } = order;
    const type = side.toLowerCase();
    const text = `${type} ${vol} XBTUSD @ limit ${price}`;
    const descr = { pair: 'XBTUSD', type, ordertype: 'limit', price, price2: '0', order: text };
    const STATUSES: Json = { FILLED: 'closed', CANCELED: 'canceled' };
    return [
      `O${String(order['orderId'])}`,
      {
        ...{ cl_ord_id: order['clientOrderId'], status: STATUSES[order['status'] ?? ''] ?? 'open' },
        ...{ opentm: Number(order['time']) / 1_000, vol, vol_exec: order['executedQty'], descr },
        ...{ cost: order['cummulativeQuoteQty'], fee: '0', price: '0', oflags: 'fciq', misc: '' },
      },
    ];
  };
  const ordersWhere = (isOpen: boolean): Result =>
    Object.fromEntries(
      (book.orders() as readonly Json[])
        .map(orderOf)
        .filter(([, order]) => (order['status'] === 'open') === isOpen),
    );
  const named = (query: URLSearchParams): URLSearchParams =>
    new URLSearchParams({ orderId: (query.get('txid') ?? '').slice(1) });

  const act = (path: string, query: URLSearchParams): Result | string => {
    switch (path) {
      case '/0/private/AddOrder': {
        const { status, body } = book.take(
          new URLSearchParams({
            ...{ symbol: 'BTCUSDT', newClientOrderId: query.get('cl_ord_id') ?? '' },
            ...{ side: (query.get('type') ?? '').toUpperCase(), type: 'LIMIT' },
            ...{ quantity: query.get('volume') ?? '', price: query.get('price') ?? '0' },
          }),
        );
        if (status !== 200) return 'EOrder:Insufficient funds';
        const [txid, { descr }] = orderOf(body as Json);
        return { descr: { order: (descr as Json)['order'] }, txid: [txid] };
      }
      case '/0/private/QueryOrders': {
        const { status, body } = book.order(named(query));
        return status === 200 ? Object.fromEntries([orderOf(body as Json)]) : {};
      }
      case '/0/private/CancelOrder':
        return book.cancel(named(query)).status === 200 ? { count: 1 } : 'EOrder:Unknown order';
      case '/0/private/OpenOrders':
        return { open: ordersWhere(true) };
      case '/0/private/ClosedOrders':
        return { closed: ordersWhere(false), count: 0 };
      case '/0/private/TradesHistory': {
        // The newest fifty up to the end that is asked for, whatever the beginning.
        const end = Number(query.get('end') ?? Infinity);
        const page = trades
          .filter(({ time }) => time / 1_000 <= end)
          .slice(-50)
          .toReversed() as readonly Result[];
        const listed = page.map(({ id, orderId, time, price, qty, quoteQty, isBuyer }) => [
          `T${String(id)}`,
          {
            ...{ ordertxid: `O${String(orderId)}`, pair: PAIR, time: Number(time) / 1_000 },
            ...{ type: isBuyer === true ? 'buy' : 'sell', ordertype: 'limit', price, vol: qty },
            ...{ cost: quoteQty, fee: '0.00000', margin: '0.00000', misc: '', maker: true },
          },
        ]);
        return { trades: Object.fromEntries(listed) as Result, count: trades.length };
      }
      case '/0/private/BalanceEx':
        return {
          ZUSD: { balance: state.cash.toFixed(), hold_trade: '0' },
          XXBT: { balance: state.bitcoin.toFixed(), hold_trade: '0' },
        };
      default:
        throw new Error(`Kraken is not asked ${path} here.`);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://venue');
    const known = PUBLIC[pathname];
    if (known) {
      response.end(JSON.stringify({ error: [], result: known() }));
      return;
    }
    const query = new URLSearchParams(await text(request));
    const isOrder = pathname === '/0/private/AddOrder';
    const fault = isOrder ? book.nextFault() : undefined;
    const refuse = (error: string): void => void response.end(JSON.stringify({ error: [error] }));
    // Kraken tells trouble with status 200, in words.
    if (fault === 'BROKEN') refuse('EService:Unavailable');
    else if (fault === 'BUSY') refuse('EAPI:Rate limit exceeded');
    else if (fault !== 'SILENT') {
      const result = act(pathname, query);
      if (fault === 'BROKEN_AFTER_ACCEPTANCE') refuse('EService:Timeout');
      else if (fault === undefined && typeof result === 'string') refuse(result);
      else if (fault === undefined) response.end(JSON.stringify({ error: [], result }));
    }
  };

  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    void handle(request, response);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const venue: FakeVenue = { ...book.venue, symbol: 'BTC/USD' };

  return {
    ...{ venue, state, keys: KEYS, urls: { public: place, private: place } },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
