import type { Clock } from '../../platform/clock.ts';
import { Decimal } from '../../platform/money.ts';
import type { Random } from '../../platform/random.ts';
import { systemTimers, type Timers } from '../../platform/timers.ts';
import type { Quote } from '../quote.ts';
import type { SimulatedInstrument } from '../simulated-instruments.ts';
import type { Feed } from './feed.ts';
import { createNormals, type Normals } from './normal.ts';
import { nextPrice } from './price-process.ts';

export interface SimulatedFeedPorts {
  readonly instruments: readonly SimulatedInstrument[];
  readonly clock: Clock;
  /** Decides every price and size: the same seed gives the same quotes, tick by tick. */
  readonly random: Random;
  /** Time between two quotes of an instrument, in market time too. */
  readonly tickMs: number;
  /** Prices to go on from, by instrument id; the reference price where there is none. */
  readonly startPrices: ReadonlyMap<string, Decimal>;
  readonly timers?: Timers;
}

/**
 * A market out of a seed: at the start and with each tick every instrument gets one quote, in the
 * order of `instruments`. Inside it the numbers are JavaScript's, since no money hangs on them yet;
 * prices and sizes leave as decimals on the grid of the tick and the lot. The time of a quote is
 * the clock's, the step of the price is always `tickMs`: a process that was asleep does not jump
 * when it wakes.
 */
export function createSimulatedFeed(ports: SimulatedFeedPorts): Feed {
  const { instruments, clock, random, tickMs, startPrices, timers = systemTimers } = ports;
  const dice: Dice = { random, normals: createNormals(random), elapsedMs: tickMs };
  const markets = instruments.map((instrument) => ({
    instrument,
    price: startPrices.get(instrument.id)?.toNumber() ?? instrument.process.referencePrice,
  }));
  let cancel: (() => void) | undefined;

  return {
    async start(onQuote) {
      if (cancel) throw new Error('The simulated feed runs already.');
      const tick = (): void => {
        const time = clock.now();
        for (const market of markets) {
          // A listener may have stopped the feed.
          if (!cancel) return;
          market.price = nextPrice(market.price, market.instrument.process, dice);
          onQuote(quoteOf(market.instrument, market.price, time, dice));
        }
      };
      cancel = timers.every(tickMs, tick);
      // Whoever trades as soon as the program answers finds a price.
      tick();
    },
    async stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

interface Dice {
  readonly random: Random;
  readonly normals: Normals;
  readonly elapsedMs: number;
}

/** Chance that somebody traded since the tick before. */
const TRADE_CHANCE = 0.6;

/**
 * Half the spread to either side, rounded outwards to the tick: never crossed, never at one price.
 */
function quoteOf(instrument: SimulatedInstrument, price: number, time: Date, dice: Dice): Quote {
  const { id, symbol, tickSize, spreadBps } = instrument;
  const tick = tickSize.toNumber();
  const halfSpread = (price * spreadBps) / 20_000;
  const bidTicks = Math.max(1, Math.floor((price - halfSpread) / tick));
  const askTicks = Math.max(bidTicks + 1, Math.ceil((price + halfSpread) / tick));
  const lastTicks = Math.min(askTicks, Math.max(bidTicks, Math.round(price / tick)));
  const onGrid = (ticks: number): Decimal => tickSize.times(ticks);
  const bidSize = sizeOf(instrument, dice);
  const askSize = sizeOf(instrument, dice);
  const isTraded = dice.random.next() < TRADE_CHANCE;
  const traded = sizeOf(instrument, dice);
  return {
    instrumentId: id,
    symbol,
    bid: onGrid(bidTicks),
    ask: onGrid(askTicks),
    last: onGrid(lastTicks),
    bidSize,
    askSize,
    volume: isTraded ? traded : new Decimal(0),
    time,
    source: 'SIMULATED',
  };
}

/** Log-normal about the typical size, in whole lots, at least one. */
function sizeOf({ typicalSize, lotSize }: SimulatedInstrument, { normals }: Dice): Decimal {
  const lots = Math.round((typicalSize * Math.exp(normals.next() / 2)) / lotSize.toNumber());
  return lotSize.times(Math.max(1, lots));
}
