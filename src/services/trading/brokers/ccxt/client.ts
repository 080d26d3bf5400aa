import { z } from 'zod';
import { BrokerBusy, BrokerRefused, BrokerUnreachable } from '../errors.ts';
import type { Timers } from '../../../platform/timers.ts';
import type { CcxtExchange } from './exchange.ts';

export interface CcxtClient {
  readonly exchange: CcxtExchange;
  /** What can be asked again when nobody answers: it changes nothing there. */
  read<Schema extends z.ZodType>(
    schema: Schema,
    work: (exchange: CcxtExchange) => Promise<unknown>,
  ): Promise<z.output<Schema>>;
  /** What is asked once, unless the exchange says that it took nothing. */
  write<Schema extends z.ZodType>(
    schema: Schema,
    work: (exchange: CcxtExchange) => Promise<unknown>,
  ): Promise<z.output<Schema>>;
}

const TRIES_MAX = 3;
/** A wait that the venue asks for is kept, up to this; beyond it the caller decides. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Asks an exchange through ccxt, and turns what goes wrong into one of the three errors of the
 * port.
 */
export function createCcxtClient(exchange: CcxtExchange, timers: Timers): CcxtClient {
  judgeByStatus(exchange);

  const ask = async <T>(work: () => Promise<T>, isRead: boolean, triesLeft: number): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const error = translate(cause, exchange.id);
      const waitMs = waitBeforeRetry(error, isRead);
      if (triesLeft === 0 || waitMs === undefined) throw error;
      await new Promise<void>((resolve) => {
        timers.after(waitMs, resolve);
      });
      return ask(work, isRead, triesLeft - 1);
    }
  };
  const asking =
    (isRead: boolean): CcxtClient['read'] =>
    async (schema, work) => {
      const answer = await ask(
        async () => {
          // Names and limits first: without them ccxt asks for them in the middle of an order.
          await exchange.loadMarkets().catch((error: unknown) => forgetMarkets(exchange, error));
          return work(exchange);
        },
        isRead,
        TRIES_MAX - 1,
      );
      const { success, data, error: problem } = schema.safeParse(answer);
      if (success) return data;
      const message = `What ${exchange.id} answered is not as ccxt describes it.`;
      throw new BrokerUnreachable(message, { cause: problem });
    };
  return { exchange, read: asking(true), write: asking(false) };
}

/** ccxt keeps the promise of the first try, failed or not; the next try begins anew. */
function forgetMarkets(exchange: CcxtExchange, error: unknown): never {
  Object.assign(exchange, { marketsLoading: undefined });
  throw error;
}

const FIRST_REFUSAL_STATUS = 400;
const FIRST_TROUBLE_STATUS = 500;
const TIMED_OUT = 408;
const BUSY = [418, 429];

/**
 * ccxt takes an error's class from the words of the exchange, whatever the status: one that is
 * broken and explains itself would pass for a refusal. So the status comes first.
 */
function judgeByStatus(exchange: CcxtExchange): void {
  const { handleErrors } = exchange;
  exchange.handleErrors = (...answer) => {
    const status = Number(answer[0]);
    if (BUSY.includes(status)) throw new BrokerBusy(retryAfterMs(answer[4]));
    if (status >= FIRST_TROUBLE_STATUS || status === TIMED_OUT) {
      throw new BrokerUnreachable(`${exchange.id} answered with ${String(status)}.`);
    }
    try {
      return handleErrors.apply(exchange, [...answer]);
    } catch (error) {
      const [kind] = kindsOf(error);
      if (status >= FIRST_REFUSAL_STATUS || kind !== 'ExchangeError') throw error;
      // Words that ccxt does not know, with a status that says nothing: Kraken's "EService:Timeout"
      // is such.
      throw new BrokerUnreachable(wordsOf(error, exchange.id));
    }
  };
}

const headers = z.object({ 'Retry-After': z.coerce.number().positive() });

function retryAfterMs(given: unknown): number {
  const { success, data } = headers.safeParse(given);
  return success ? data['Retry-After'] * 1_000 : RETRY_MS;
}

/** How long until the same may be asked again; undefined when it must not, or is not worth it. */
function waitBeforeRetry(error: unknown, isRead: boolean): number | undefined {
  if (error instanceof BrokerBusy) {
    return error.retryAfterMs <= PATIENCE_MS ? error.retryAfterMs : undefined;
  }
  return error instanceof BrokerUnreachable && isRead ? RETRY_MS : undefined;
}

/**
 * A request that comes out of turn is thrown away: another process may have asked in the same
 * moment.
 */
const BUSY_KINDS = ['RateLimitExceeded', 'DDoSProtection', 'InvalidNonce'];

/**
 * By ccxt's classes, which are told by their names. Addresses in its messages carry signatures, so
 * of an error of the network only the kind is passed on.
 */
function translate(error: unknown, exchangeId: string): unknown {
  if ([BrokerBusy, BrokerRefused, BrokerUnreachable].some((kind) => error instanceof kind)) {
    return error;
  }
  const kinds = kindsOf(error);
  const [kind = 'Error'] = kinds;
  if (kinds.some((name) => BUSY_KINDS.includes(name))) return new BrokerBusy(RETRY_MS);
  const isRefusal = kinds.includes('ExchangeError') || isNotReplaced(error);
  if (isRefusal) {
    return new BrokerRefused(kind, wordsOf(error, exchangeId));
  }
  return new BrokerUnreachable(`${exchangeId} did not answer as it should: ${kind}.`);
}

/**
 * Binance's words for an order that is not there, since the one whose place it was to take could
 * not be ended (-2022), or was ended in vain (-2021). ccxt takes them for an answer that cannot be
 * read.
 */
const NOT_REPLACED = /"code":\s*"?-202[12]\b/;

const isNotReplaced = (error: unknown): boolean =>
  error instanceof Error && NOT_REPLACED.test(error.message);

function kindsOf(error: unknown): readonly string[] {
  const kinds: string[] = [];
  let kind: unknown = error instanceof Error ? error.constructor : undefined;
  while (typeof kind === 'function' && kind.name !== '') {
    kinds.push(kind.name);
    kind = Object.getPrototypeOf(kind);
  }
  return kinds;
}

const ADDRESS = /https?:\/\/\S+/g;
const WORDS_MAX = 300;

function wordsOf(error: unknown, exchangeId: string): string {
  const message = error instanceof Error ? error.message : '';
  const words = message.replaceAll(ADDRESS, '').slice(0, WORDS_MAX).trim();
  return words === '' ? `${exchangeId} refused it.` : words;
}
