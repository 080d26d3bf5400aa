import { createRunner, type RunnerPorts } from '../../../src/services/agents/runner.ts';
import type {
  Briefing,
  Decision,
  Trader,
  TraderLogLine,
  TraderOutcome,
} from '../../../src/services/agents/trader.ts';
import { createBars } from '../../../src/services/market/bars.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { Decimal, ZERO } from '../../../src/services/platform/money.ts';
import type { TradingModel } from '../../../src/services/platform/prisma/client.ts';
import { createBooking } from '../../../src/services/portfolio/booking.ts';
import { createLedger } from '../../../src/services/portfolio/ledger.ts';
import { createOrders } from '../../../src/services/trading/orders.ts';
import { createPaperEngine } from '../../../src/services/trading/paper-engine.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { createHouse } from './house.ts';

type Decide = (briefing: Briefing, signal: AbortSignal) => TraderOutcome | Promise<TraderOutcome>;

export const buy = (symbol: string, quantity: string): Decision => ({
  action: 'BUY',
  symbol,
  quantity: new Decimal(quantity),
  reason: `Buying ${quantity} ${symbol}.`,
});

export const outcome = (
  decisions: readonly Decision[] = [],
  log: readonly TraderLogLine[] = [],
  costUsd = ZERO,
): TraderOutcome => ({ decisions, log, usage: { inputTokens: 0, outputTokens: 0, costUsd } });

/** A trader that does what the test says, and remembers what it was told. */
export function createScript(decide: Decide) {
  const briefings: Briefing[] = [];
  const trader: Trader = {
    async decide(briefing, signal) {
      briefings.push(briefing);
      return decide(briefing, signal);
    },
  };
  return { trader, briefings };
}

/** Models with accounts, a market of two symbols, orders and the engine that fills them. */
export async function createRunHouse() {
  const house = await createHouse();
  const { clock, database, ids } = house;
  const { server: db, worker: workerDb } = database;
  const logger = createSilentLogger();
  const quotes = createQuoteBook();
  const booking = createBooking({ ledger: createLedger({ clock, ids }), clock, ids });
  const engine = createPaperEngine({ workerDb, quotes, booking, clock, ids, logger });
  const orders = createOrders({
    ...{ db, clock, ids, quotes, onAccepted: engine.accept },
    // Long enough for every order to be filled before it is told of, on a busy machine too.
    firstNewsMs: 10_000,
  });
  const instruments = {
    'AAA.SIM': await house.addInstrument({ symbol: 'AAA.SIM' }),
    'BBB.SIM': await house.addInstrument({ symbol: 'BBB.SIM' }),
  };
  const owner = await house.addUser();
  await engine.start();

  return {
    ...house,
    bars: createBars({ db, clock }),
    engine,
    instruments,
    logger,
    orders,
    owner,
    quotes,

    /** 99 bid, 101 asked, a thousand of each. */
    quote(symbol: keyof typeof instruments, time = clock.now()) {
      const [bid, ask, size] = [new Decimal(99), new Decimal(101), new Decimal(1_000)];
      const sides = { bid, ask, last: bid, bidSize: size, askSize: size };
      const instrumentId = instruments[symbol];
      quotes.put({ instrumentId, symbol, ...sides, time, source: 'SIMULATED' });
    },

    async addRunning(changed: Parameters<typeof house.settings>[0] = {}) {
      const { id } = await house.models.create(owner.viewer(), house.settings(changed));
      const command = { id, idempotencyKey: house.nextKey() };
      return house.models.start(owner.viewer(), command);
    },

    /** Stops all models, so that the next test meets its own alone. */
    stopAll: () => database.query(`UPDATE models SET status = 'STOPPED' WHERE status = 'ACTIVE'`),

    runner: (trader: Trader, given: Partial<RunnerPorts> = {}) =>
      createRunner({
        ...{ workerDb, db, orders, quotes, bars: createBars({ db, clock }), clock, logger },
        agentLog: house.agentLog,
        traders: { MOMENTUM: trader },
        ...given,
      }),

    logOf: (model: Pick<TradingModel, 'id'>) =>
      database.query(
        `SELECT run_id, sequence, kind, content, data FROM agent_log WHERE model_id = $1
         ORDER BY run_id, sequence`,
        [model.id],
      ),

    ordersOf: (model: Pick<TradingModel, 'id'>) =>
      database.query(
        `SELECT o.client_order_id, o.side, o.quantity::float AS quantity, o.status, o.run_id
         FROM orders o JOIN accounts a ON a.id = o.account_id WHERE a.model_id = $1 ORDER BY o.id`,
        [model.id],
      ),
  };
}
