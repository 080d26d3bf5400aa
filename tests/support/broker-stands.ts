import { createCcxt } from '../../src/services/trading/brokers/ccxt/ccxt.ts';
import { loadExchange } from '../../src/services/trading/brokers/ccxt/exchange.ts';
import {
  createOpenBroker,
  type BrokerPlace,
  type OpenBroker,
  type OpenBrokerPorts,
} from '../../src/services/trading/brokers/open-broker.ts';
import { startFakeAlpaca, type FakeAlpaca } from './fake-alpaca.ts';
import { startFakeBinance, type FakeBinance } from './fake-binance.ts';
import type { FakeVenue } from './broker-venue.ts';

export interface RunningFake {
  readonly venue: FakeVenue;
  readonly keys: { readonly keyId: string; readonly secret: string };
  stop(): Promise<void>;
}

/** A fake venue, and how an account is connected with it. */
export interface BrokerStand<Fake extends RunningFake> {
  readonly place: Omit<BrokerPlace, 'isSandbox'>;
  /** Whom keys must be for. */
  readonly provider: string;
  /** What is traded there, by our name for it. */
  readonly symbol: string;
  start(): Promise<Fake>;
  openBroker(fake: Fake, ports: Pick<OpenBrokerPorts, 'clock' | 'timers'>): OpenBroker;
  /** Whether somebody listens; always for who only answers. */
  isHeard(fake: Fake): boolean;
}

export const ALPACA_STAND: BrokerStand<FakeAlpaca> = {
  place: { broker: 'ALPACA', exchange: null },
  provider: 'alpaca',
  symbol: 'AAPL.ALPACA',
  start: startFakeAlpaca,
  openBroker: ({ hosts }, ports) =>
    createOpenBroker({ ...ports, alpacaHosts: hosts, alpacaTimeoutMs: 2_000 }),
  isHeard: (fake) => fake.listenerCount() === 1,
};

export const BINANCE_STAND: BrokerStand<FakeBinance> = {
  place: { broker: 'CCXT', exchange: 'binance' },
  provider: 'binance',
  symbol: 'BTC/USDT.BINANCE',
  start: startFakeBinance,
  openBroker:
    ({ keys, urls }, ports) =>
    async ({ isSandbox }) => {
      const exchange = await loadExchange({ id: 'binance', isSandbox, keys, timeoutMs: 2_000 });
      // The pace of the real one is not what is looked at.
      Object.assign(exchange, { enableRateLimit: false });
      exchange.urls['api'] = urls;
      return createCcxt({ ...ports, exchange, pollMs: 100 });
    },
  isHeard: () => true,
};
