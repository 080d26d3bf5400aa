import { BrokerBusy, BrokerRefused, BrokerUnreachable } from '../errors.ts';
import { parseLosslessJson } from '../lossless-json.ts';
import { alpacaRefusal } from './parser.ts';
import type { Timers } from '../../../platform/timers.ts';
import type { Pace } from '../pace.ts';

/** Where Alpaca is. Fixed by the program: no user's text ever becomes an address. */
export interface AlpacaHosts {
  readonly trading: string;
  readonly data: string;
  readonly stream: string;
}

export const ALPACA_HOSTS: Readonly<Record<'sandbox' | 'live', AlpacaHosts>> = {
  sandbox: {
    trading: 'https://paper-api.alpaca.markets',
    data: 'https://data.alpaca.markets',
    stream: 'wss://paper-api.alpaca.markets/stream',
  },
  live: {
    trading: 'https://api.alpaca.markets',
    data: 'https://data.alpaca.markets',
    stream: 'wss://api.alpaca.markets/stream',
  },
};

export interface AlpacaKeys {
  readonly keyId: string;
  readonly secret: string;
}

export interface AlpacaRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The trading host when it is left out. */
  readonly host?: 'data';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

export interface AlpacaClient {
  /** The answer, numbers as texts; undefined for one without a body. */
  ask(request: AlpacaRequest): Promise<unknown>;
}

const TIMEOUT_MS = 10_000;
const TRIES_MAX = 3;
/** A wait that the venue asks for is kept, up to this; beyond it the caller decides. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 1_000;

/** Speaks HTTP with Alpaca, and turns what goes wrong into one of the three errors of the port. */
export function createAlpacaClient({
  hosts,
  keys,
  pace,
  timers,
  timeoutMs = TIMEOUT_MS,
}: {
  readonly hosts: AlpacaHosts;
  readonly keys: AlpacaKeys;
  readonly pace: Pace;
  readonly timers: Timers;
  readonly timeoutMs?: number;
}): AlpacaClient {
  const headers = { 'APCA-API-KEY-ID': keys.keyId, 'APCA-API-SECRET-KEY': keys.secret };

  const askOnce = async ({ method, host, path, query, body }: AlpacaRequest): Promise<unknown> => {
    await pace.turn();
    const url = new URL(path, host === 'data' ? hosts.data : hosts.trading);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    let status: number;
    let retryAfter: string | null;
    let text: string;
    try {
      const response = await fetch(url, {
        method,
        headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
        ...(body && { body: JSON.stringify(body) }),
        // A redirect would take the keys to wherever it leads.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      retryAfter = response.headers.get('retry-after');
      text = await response.text();
    } catch (error) {
      throw new BrokerUnreachable(`Alpaca did not answer ${method} ${path}.`, { cause: error });
    }
    return readAnswer({ status, retryAfter, text }, `${method} ${path}`);
  };

  const ask = async (request: AlpacaRequest, triesLeft = TRIES_MAX - 1): Promise<unknown> => {
    try {
      return await askOnce(request);
    } catch (error) {
      const waitMs = waitBeforeRetry(error, request);
      if (triesLeft === 0 || waitMs === undefined) throw error;
      await new Promise<void>((resolve) => {
        timers.after(waitMs, resolve);
      });
      return ask(request, triesLeft - 1);
    }
  };
  return { ask: (request) => ask(request) };
}

/** How long until the same may be asked again; undefined when it must not, or is not worth it. */
function waitBeforeRetry(error: unknown, { method }: AlpacaRequest): number | undefined {
  if (error instanceof BrokerBusy) {
    return error.retryAfterMs <= PATIENCE_MS ? error.retryAfterMs : undefined;
  }
  // A POST that nobody answered may have been done.
  return error instanceof BrokerUnreachable && method === 'GET' ? RETRY_MS : undefined;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

function readAnswer({ status, retryAfter, text }: Answer, what: string): unknown {
  if (status === 429) throw new BrokerBusy(Number(retryAfter ?? '1') * 1_000 || RETRY_MS);
  if (status >= 500 || status === 408)
    throw new BrokerUnreachable(`Alpaca answered ${what} with ${String(status)}.`);
  if (status >= 200 && status < 300 && text === '') return undefined;
  let answer: unknown;
  try {
    answer = parseLosslessJson(text);
  } catch (error) {
    if (status >= 400) throw new BrokerRefused(String(status), `Alpaca refused ${what}.`);
    throw new BrokerUnreachable(`Alpaca's answer to ${what} is no JSON.`, { cause: error });
  }
  if (status < 400) return answer;
  const { success, data } = alpacaRefusal.safeParse(answer);
  if (!success) throw new BrokerRefused(String(status), `Alpaca refused ${what}.`);
  // 404 and the like have codes of their own beside the status, such as 40410000.
  throw new BrokerRefused(data.code, data.message);
}
