import type { SecretValue } from '../../accounts/credential-value.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BrokerConnection } from '../../platform/prisma/client.ts';
import type { Timers } from '../../platform/timers.ts';
import { ALPACA_HOSTS, type AlpacaHosts } from './alpaca/client.ts';
import { createAlpaca } from './alpaca/alpaca.ts';
import { createCcxt } from './ccxt/ccxt.ts';
import { loadExchange, type CcxtKeys } from './ccxt/exchange.ts';
import { BrokerRefused } from './errors.ts';
import type { Broker } from './broker.ts';

/** Which venue it is. */
export type BrokerPlace = Pick<BrokerConnection, 'broker' | 'exchange' | 'isSandbox'>;

export interface OpenBrokerPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Where Alpaca is, for tests. Nothing that users write leads here. */
  readonly alpacaHosts?: AlpacaHosts;
  readonly alpacaTimeoutMs?: number;
  /** Where the exchanges of ccxt are, and how often they are asked for news, for tests. */
  readonly ccxtUrls?: Readonly<Record<string, string>>;
  readonly ccxtTimeoutMs?: number;
  readonly ccxtPollMs?: number;
}

const CCXT_TIMEOUT_MS = 10_000;

/**
 * Makes the broker of a connection; nothing is asked of it yet. Throws BrokerRefused for unfit
 * keys.
 */
export type OpenBroker = (place: BrokerPlace, secret: SecretValue) => Promise<Broker>;

export function createOpenBroker({
  clock,
  timers,
  alpacaHosts,
  alpacaTimeoutMs,
  ccxtUrls,
  ccxtTimeoutMs = CCXT_TIMEOUT_MS,
  ccxtPollMs,
}: OpenBrokerPorts): OpenBroker {
  return async ({ broker, exchange: exchangeId, isSandbox }, secret) => {
    switch (broker) {
      case 'ALPACA': {
        const hosts = alpacaHosts ?? ALPACA_HOSTS[isSandbox ? 'sandbox' : 'live'];
        const timeout = alpacaTimeoutMs === undefined ? {} : { timeoutMs: alpacaTimeoutMs };
        const keys = { keyId: partOf(secret, 'keyId'), secret: partOf(secret, 'secret') };
        return createAlpaca({ hosts, keys, clock, timers, ...timeout });
      }
      case 'CCXT': {
        const exchange = await loadExchange({
          ...{ id: exchangeId ?? '', isSandbox, keys: exchangeKeys(secret) },
          timeoutMs: ccxtTimeoutMs,
        });
        if (ccxtUrls) exchange.urls['api'] = ccxtUrls;
        const pace = ccxtPollMs === undefined ? {} : { pollMs: ccxtPollMs };
        return createCcxt({ exchange, clock, timers, ...pace });
      }
    }
  };
}

function exchangeKeys(secret: SecretValue): CcxtKeys {
  const keys = { keyId: partOf(secret, 'keyId'), secret: partOf(secret, 'secret') };
  const isThree = typeof secret !== 'string' && secret['passphrase'] !== undefined;
  return isThree ? { ...keys, passphrase: partOf(secret, 'passphrase') } : keys;
}

/** One of the parts that a secret of a broker is kept as. What it is is never told. */
function partOf(secret: SecretValue, name: string): string {
  const part = typeof secret === 'string' ? undefined : secret[name];
  if (part !== undefined) return part;
  throw new BrokerRefused('UNFIT_CREDENTIAL', `The credential has no part "${name}".`);
}
