import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { BrokerRefused } from '../errors.ts';
import { parseLosslessJson } from '../lossless-json.ts';

type Params = Readonly<Record<string, string>>;
/** Decimals are given as texts: ccxt takes them wherever its types say number. */
type Text = string;

/** As much of an exchange of ccxt as is used. What it answers is read by parser.ts alone. */
export interface CcxtExchange {
  readonly id: string;
  readonly has: Readonly<Record<string, boolean | 'emulated' | undefined>>;
  readonly precisionMode: number;
  /** Of ccxt: what it knows of the exchange's own limits, by kind of market. */
  readonly features?: unknown;
  urls: Record<string, unknown>;
  parseJson: (text: string) => unknown;
  handleErrors: (...answer: readonly unknown[]) => unknown;
  setSandboxMode(isSandbox: boolean): void;
  isJsonEncodedObject(text: string): boolean;
  loadMarkets(isAgain?: boolean): Promise<unknown>;
  createOrder(
    ...order: readonly [Text, Text, Text, Text, Text | undefined, Params]
  ): Promise<unknown>;
  editOrder(
    id: string,
    ...order: readonly [Text, Text, Text, Text, Text | undefined, Params]
  ): Promise<unknown>;
  cancelOrder(id: string, symbol: string): Promise<unknown>;
  fetchOrder(id: string, symbol: string, params?: Params): Promise<unknown>;
  fetchOpenOrders(symbol?: string): Promise<unknown>;
  fetchOrders(symbol: string): Promise<unknown>;
  fetchClosedOrders(symbol: string): Promise<unknown>;
  fetchCanceledOrders(symbol: string): Promise<unknown>;
  fetchCanceledAndClosedOrders(symbol: string): Promise<unknown>;
  fetchMyTrades(
    symbol?: string,
    sinceMs?: number,
    limit?: number,
    params?: Params,
  ): Promise<unknown>;
  fetchBalance(): Promise<unknown>;
  fetchTicker(symbol: string): Promise<unknown>;
  fetchOrderBook(symbol: string): Promise<unknown>;
}

/** What an exchange asks of who trades there; which parts it wants it says itself. */
export interface CcxtKeys {
  readonly keyId: string;
  readonly secret: string;
  /** Some have a third part, such as OKX and KuCoin. */
  readonly passphrase?: string;
}

type ExchangeClass = new (options: object) => CcxtExchange;

/** An exchange is a file of the package: its name must lead nowhere else. */
const EXCHANGE_ID = /^[a-z][a-z0-9]{1,30}$/;
/**
 * Without one of these an order that is lost could not be looked for, or its fills not be booked.
 */
const NEEDED = [
  'createOrder',
  'cancelOrder',
  'fetchOrder',
  'fetchOpenOrders',
  'fetchMyTrades',
  'fetchBalance',
];

/**
 * Loads one exchange of ccxt, and no other: all of them together are 60 MB. Nothing is asked of it
 * yet. Throws BrokerRefused for one that ccxt does not have, that lacks what is needed here, or
 * that has no sandbox when that is wanted.
 */
export async function loadExchange({
  id,
  isSandbox,
  keys,
  timeoutMs,
}: {
  readonly id: string;
  readonly isSandbox: boolean;
  readonly keys: CcxtKeys;
  readonly timeoutMs: number;
}): Promise<CcxtExchange> {
  const Exchange = await classOf(id);
  const exchange = new Exchange({
    ...{ apiKey: keys.keyId, secret: keys.secret, password: keys.passphrase ?? '' },
    ...{ timeout: timeoutMs, enableRateLimit: true },
    // No amount ever becomes a binary number.
    number: String,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchOpenOrders: { warnWithoutSymbol: false },
      warnOnFetchOpenOrdersWithoutSymbol: false,
      adjustForTimeDifference: true,
    },
  });
  exchange.parseJson = (text) => {
    try {
      return exchange.isJsonEncodedObject(text) ? parseLosslessJson(text) : undefined;
    } catch {
      // What is no JSON, ccxt takes as a text.
      return undefined;
    }
  };
  const missing = NEEDED.filter((name) => exchange.has[name] !== true);
  if (missing.length > 0) {
    const what = missing.join(', ');
    throw new BrokerRefused('UNSUPPORTED_EXCHANGE', `${id} has no ${what} in ccxt.`);
  }
  if (isSandbox) {
    if (exchange.urls['test'] === undefined) {
      throw new BrokerRefused('NO_SANDBOX', `${id} has no sandbox.`);
    }
    exchange.setSandboxMode(true);
  }
  return exchange;
}

async function classOf(id: string): Promise<ExchangeClass> {
  const unknown = new BrokerRefused('UNKNOWN_EXCHANGE', `ccxt has no exchange "${id}".`);
  if (!EXCHANGE_ID.test(id)) throw unknown;
  // The package exports all of its exchanges at once or none, so the file is named.
  const entry = pathToFileURL(createRequire(import.meta.url).resolve('ccxt'));
  const file = new URL(`../js/src/${id}.js`, entry);
  let module: { readonly default?: unknown };
  try {
    module = (await import(file.href)) as typeof module;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw unknown;
    }
    throw error;
  }
  if (typeof module.default !== 'function') throw unknown;
  return module.default as ExchangeClass;
}
