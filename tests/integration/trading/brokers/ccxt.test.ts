import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/services/platform/clock.ts';
import { Decimal } from '../../../../src/services/platform/money.ts';
import { createCcxt } from '../../../../src/services/trading/brokers/ccxt/ccxt.ts';
import { loadExchange } from '../../../../src/services/trading/brokers/ccxt/exchange.ts';
import { createOpenBroker } from '../../../../src/services/trading/brokers/open-broker.ts';
import { systemTimers } from '../../../../src/services/platform/timers.ts';
import {
  BrokerRefused,
  BrokerUnreachable,
} from '../../../../src/services/trading/brokers/errors.ts';
import { describeBroker } from '../../../support/broker-contract.ts';
import { startFakeBinance } from '../../../support/fake-binance.ts';
import { startFakeKraken } from '../../../support/fake-kraken.ts';
import type { Broker, BrokerOrder } from '../../../../src/services/trading/brokers/broker.ts';

async function open(given: { readonly secret?: string } = {}) {
  const binance = await startFakeBinance();
  const exchange = await loadExchange({
    ...{ id: 'binance', isSandbox: true, timeoutMs: 2_000 },
    keys: { ...binance.keys, ...given },
  });
  exchange.urls['api'] = binance.urls;
  // The pace of the real one is not what is looked at here.
  Object.assign(exchange, { enableRateLimit: false });
  const broker = createCcxt({ exchange, clock: systemClock, pollMs: 50 });
  return { ...binance, broker, close: binance.stop };
}

describeBroker('Binance through ccxt', () => open());

describeBroker('Kraken through ccxt', async () => {
  const kraken = await startFakeKraken();
  const { keys } = kraken;
  const exchange = await loadExchange({ id: 'kraken', isSandbox: false, keys, timeoutMs: 2_000 });
  Object.assign(exchange, { enableRateLimit: false });
  exchange.urls['api'] = kraken.urls;
  const broker = createCcxt({ exchange, clock: systemClock, pollMs: 50 });
  return { broker, venue: kraken.venue, isReplacing: false, close: kraken.stop };
});

describe('an exchange that begins with its newest trades', () => {
  const openKraken = async () => {
    const kraken = await startFakeKraken();
    const { keys } = kraken;
    const exchange = await loadExchange({ id: 'kraken', isSandbox: false, keys, timeoutMs: 2_000 });
    Object.assign(exchange, { enableRateLimit: false });
    exchange.urls['api'] = kraken.urls;
    return { ...kraken, broker: createCcxt({ exchange, clock: systemClock }) };
  };

  test('is read backwards to where we were: each trade is told once, in order', async () => {
    const { broker, venue, state, stop } = await openKraken();
    venue.buyByHand('1', '150');
    const cursor = await broker.newestFill();
    // Four in a second, so that pages begin and end in the middle of one.
    for (let fill = 1; fill <= 230; fill += 1) {
      state.aheadMs += 250;
      venue.buyByHand('1', String(fill));
    }
    const { fills, cursor: after, hasMore } = await broker.fillsAfter(cursor);
    const wanted = Array.from({ length: 230 }, (_, at) => String(at + 1));
    expect(fills.map(({ price }) => price.toFixed())).toEqual(wanted);
    expect(hasMore).toBe(false);
    state.aheadMs += 250;
    venue.buyByHand('1', '150');
    expect((await broker.fillsAfter(after)).fills).toHaveLength(1);
    await stop();
  });

  test('and has more of them in one second than on one page: that is told, and not skipped', async () => {
    const { broker, venue, stop } = await openKraken();
    venue.buyByHand('1', '150');
    const cursor = await broker.newestFill();
    for (let fill = 0; fill < 60; fill += 1) venue.buyByHand('1', '150');
    await expect(broker.fillsAfter(cursor)).rejects.toThrow(BrokerUnreachable);
    await stop();
  });
});

describe('an exchange', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const submit = async (broker: Broker, given: Partial<BrokerOrder> = {}): Promise<string> => {
    const order: BrokerOrder = {
      ...{ clientOrderId: randomUUID(), symbol: 'BTC/USDT', side: 'BUY', type: 'LIMIT' },
      ...{ timeInForce: 'GTC', quantity: new Decimal(10), limitPrice: new Decimal(150) },
      ...{ stopPrice: null, trailAmount: null, trailPercent: null },
      ...given,
    };
    await broker.submit(order);
    return order.clientOrderId;
  };

  test('whose price is a number keeps every digit', async () => {
    const quote = await opened.broker.quote('BTC/USDT');
    expect(quote?.bid.toFixed()).toBe('150.9000000000000000001');
    expect(quote?.askSize.toFixed()).toBe('0.00001');
  });

  test('tells steps of prices and quantities with its instruments', async () => {
    const [bitcoin] = await opened.broker.instruments();
    expect(bitcoin).toMatchObject({ symbol: 'BTC/USDT', currency: 'USDT', calendar: 'ALWAYS' });
    expect([bitcoin?.tickSize.toFixed(), bitcoin?.lotSize.toFixed()]).toEqual(['0.01', '0.00001']);
  });

  test('lists trades twice and backwards, and each is told once, in order', async () => {
    const { broker, venue, state } = opened;
    const name = await submit(broker);
    const cursor = await broker.newestFill();
    Object.assign(state, { repeats: 2, isBackwards: true });
    venue.fill(name, '3', '149.25');
    venue.fill(name, '2', '149.5');
    const first = await broker.fillsAfter(cursor);
    venue.fill(name, '5', '150');
    const second = await broker.fillsAfter(first.cursor);
    const told = [first, second].map(({ fills }) => fills.map((fill) => fill.quantity.toFixed()));
    expect(told).toEqual([['3', '2'], ['5']]);
  });

  test('with more fills than one page tells all of them, each once', async () => {
    const { broker, venue } = opened;
    const name = await submit(broker);
    let cursor = await broker.newestFill();
    for (let fill = 0; fill < 120; fill += 1) {
      venue.fill(name, '0.05', '150');
      // Trades of one millisecond come on one page.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const ids: string[] = [];
    for (let hasMore = true; hasMore;) {
      const page = await broker.fillsAfter(cursor);
      ids.push(...page.fills.map(({ brokerTradeId }) => brokerTradeId));
      ({ cursor, hasMore } = page);
    }
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
  });

  test.each([
    ['USDT', '0.45', ['0.45', '0']],
    ['BTC', '0.003', ['0', '0.003']],
    ['BNB', '0.1', ['0', '0']], // without a market of it here
  ])('that charges in %s tells money and the coin itself apart', async (asset, amount, fee) => {
    const { broker, venue, state } = opened;
    state.commission = { amount, asset };
    const name = await submit(broker);
    const cursor = await broker.newestFill();
    venue.fill(name, '3', '150');
    const { fills } = await broker.fillsAfter(cursor);
    const told = fills.map((fill) => [fill.fee.toFixed(), fill.feeQuantity.toFixed()]);
    expect(told).toEqual([fee]);
    expect(fills[0]?.liquidity).toBe('MAKER');
  });

  test.each([
    ['LOT_SIZE', { quantity: new Decimal('0.000015') }],
    ['QUANTITY_LIMIT', { quantity: new Decimal('9001') }],
    ['TICK_SIZE', { limitPrice: new Decimal('150.001') }],
    ['PRICE_LIMIT', { limitPrice: new Decimal('1000001') }],
    ['NOTIONAL_LIMIT', { quantity: new Decimal('0.03') }], // 0.03 × 150 = 4.5 < 5
    ['UNSUPPORTED_TERMS', { type: 'TRAILING_STOP', trailAmount: new Decimal(1) }],
    ['UNSUPPORTED_TERMS', { timeInForce: 'DAY' }],
    ['UNKNOWN_SYMBOL', { symbol: 'DOGE/USDT' }],
    ['InsufficientFunds', { quantity: new Decimal('1000') }], // 150,000 of 100,000: refused there
  ] as const)('refuses by name: %s %o', async (reasonCode, given) => {
    await expect(submit(opened.broker, given)).rejects.toMatchObject({
      ...{ code: 'BROKER_REFUSED', reasonCode },
    });
    expect(opened.venue.orderCount()).toBe(0);
  });

  test('takes stops, and says of one that was ended there that it is canceled', async () => {
    const { broker, venue } = opened;
    const given = { type: 'STOP_LIMIT', stopPrice: new Decimal(155) } as const;
    const name = await submit(broker, { ...given, limitPrice: new Decimal(156) });
    venue.end(name);
    const named = { clientOrderId: name, symbol: 'BTC/USDT' };
    expect((await broker.findByClientOrderId(named))?.status).toBe('CANCELED');
  });

  test('with keys that it does not know refuses', async () => {
    const other = await open({ secret: 'wrong' });
    await expect(other.broker.cash()).rejects.toThrow(BrokerRefused);
    await other.close();
  });
});

test('a connection is opened with the parts of its credential', async () => {
  const { urls, keys, venue, stop } = await startFakeBinance();
  const ports = { clock: systemClock, timers: systemTimers, ccxtUrls: urls };
  const openBroker = createOpenBroker({ ...ports, ccxtTimeoutMs: 2_000, ccxtPollMs: 50 });
  const place = { broker: 'CCXT', exchange: 'binance', isSandbox: true } as const;
  const broker = await openBroker(place, keys);
  expect([(await broker.cash()).toFixed(), broker.currency]).toEqual([venue.cash(), 'USDT']);
  await expect(openBroker(place, 'one text')).rejects.toMatchObject({
    reasonCode: 'UNFIT_CREDENTIAL',
  });
  await stop();
});

test.each(['nosuchexchange', '../base/Exchange', 'Binance', 'base'])(
  'there is no exchange %s',
  async (id) => {
    const keys = { keyId: 'k', secret: 's' };
    await expect(
      loadExchange({ id, isSandbox: false, keys, timeoutMs: 2_000 }),
    ).rejects.toMatchObject({ reasonCode: 'UNKNOWN_EXCHANGE' });
  },
);

test('an exchange without a sandbox is never traded for real instead', async () => {
  const keys = { keyId: 'k', secret: 's' };
  await expect(
    loadExchange({ id: 'kraken', isSandbox: true, keys, timeoutMs: 2_000 }),
  ).rejects.toMatchObject({ reasonCode: 'NO_SANDBOX' });
});
