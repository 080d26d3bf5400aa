import { createBarRecorder } from '../services/market/bar-recorder.ts';
import type { Bars } from '../services/market/bars.ts';
import { createSimulatedFeed } from '../services/market/feeds/simulated.ts';
import type { QuoteBook } from '../services/market/quote-book.ts';
import { ensureSimulatedInstruments } from '../services/market/simulated-instruments.ts';
import type { Config } from '../services/platform/config/config.ts';
import { createDuty, type Duty } from '../services/platform/duty.ts';
import { createRandom } from '../services/platform/random.ts';
import { systemViewer } from '../services/platform/viewer.ts';
import type { Foundation } from './foundation.ts';

type MarketPorts = Pick<Foundation, 'workerDb' | 'clock' | 'ids' | 'timers' | 'logger'> & {
  readonly config: Config;
  readonly quotes: QuoteBook;
  readonly bars: Pick<Bars, 'latestPrices'>;
};

interface Running {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The market that the program makes by itself, with its bars, in one process of all that may. Nothing at
 * all where the config has no simulated market.
 */
export function createSimulatedMarket(ports: MarketPorts): Running {
  const { simulated } = ports.config.market;
  if (!simulated) return { start: () => Promise.resolve(), stop: () => Promise.resolve() };
  const duty: Duty = createDuty(
    'simulated-market',
    createMarket(ports, { ...simulated, isOurs: () => duty.isHeld() }),
    ports,
  );
  return duty;
}

/** It goes on from the last prices that were told, or else recorded. */
function createMarket(
  { workerDb, clock, ids, timers, logger, quotes, bars }: MarketPorts,
  simulated: { readonly seed: number; readonly tickMs: number; readonly isOurs: () => boolean },
): Running {
  const running: Pick<Running, 'stop'>[] = [];
  return {
    async start() {
      const instruments = await ensureSimulatedInstruments({ workerDb, clock, ids });
      const instrumentIds = instruments.map(({ id }) => id);
      const recorder = createBarRecorder({
        workerDb,
        quotes,
        instrumentIds,
        clock,
        logger,
        timers,
      });
      const feed = createSimulatedFeed({
        instruments,
        clock,
        timers,
        tickMs: simulated.tickMs,
        // Another stretch of dice after each start: the same ones would repeat the same moves.
        random: createRandom(simulated.seed + clock.now().getTime()),
        startPrices: new Map([
          ...(await bars.latestPrices(systemViewer(), instrumentIds)),
          ...instrumentIds.flatMap((id) => {
            const quote = quotes.latest(id);
            return quote ? [[id, quote.last] as const] : [];
          }),
        ]),
      });
      await recorder.start();
      running.push(recorder);
      await feed.start((quote) => {
        // A process that slept is not the only one any more, and does not know it yet.
        if (simulated.isOurs()) quotes.put(quote);
      });
      running.push(feed);
    },
    async stop() {
      for (let part = running.pop(); part; part = running.pop()) await part.stop();
    },
  };
}
