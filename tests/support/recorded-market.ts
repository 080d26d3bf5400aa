import { randomUUID } from 'node:crypto';
import { createEquityHistory } from '../../src/services/portfolio/equity-history.ts';
import { systemViewer, type AuthenticatedViewer } from '../../src/services/platform/viewer.ts';
import type { Clock } from '../../src/services/platform/clock.ts';
import type { Tx } from '../../src/services/platform/database.ts';
import type { Account, Instrument } from '../../src/services/platform/prisma/client.ts';
import type {
  BarInterval,
  OrderSide,
  Visibility,
} from '../../src/services/platform/prisma/enums.ts';
import type { TestDatabase } from './database.ts';
import { createTradingFloor, decimal } from './trading-floor.ts';

export interface RecordedBar {
  readonly interval?: BarInterval;
  readonly openTime: string;
  readonly closeTime: string;
  /** The close when it is left out, as for what was known when it was made. */
  readonly knownAt?: string;
  readonly close: string | number;
}

export interface RecordedTrade {
  readonly side?: OrderSide;
  readonly quantity: string | number;
  readonly price: string | number;
  readonly fee?: string | number;
  readonly at: string;
}

/** Imported instruments with bars, and accounts whose trades are booked at times of the past. */
export function createRecordedMarket(database: TestDatabase, clock?: Clock) {
  const floor = createTradingFloor(database, clock);
  const equity = createEquityHistory();
  const asWorker = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    database.worker.withViewer(systemViewer(), work);

  return {
    ...floor,

    addRecorded: (symbol: string, given: Partial<Instrument> = {}) =>
      floor.addInstrument({ symbol, source: 'IMPORTED', isTradable: false, ...given }),

    async addBars({ id, source }: Instrument, bars: readonly RecordedBar[]): Promise<void> {
      for (const { interval = 'DAY_1', openTime, closeTime, knownAt = closeTime, close } of bars) {
        await database.query(
          `INSERT INTO bars (instrument_id, interval, open_time, close_time, known_at, open, high,
             low, close, volume, source)
           VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $6, 1, $7)`,
          [id, interval, openTime, closeTime, knownAt, close, source],
        );
      }
    },

    /** A model without an account; answers with its id. */
    async addModel(
      owner: AuthenticatedViewer,
      given: { name?: string; visibility?: Visibility; universe?: readonly string[] } = {},
    ): Promise<string> {
      const { name = 'A model of the tests', visibility = 'PUBLIC', universe = [] } = given;
      const id = randomUUID();
      await database.query(
        `INSERT INTO models (id, owner_id, name, trader, provider, model_name, universe,
           starting_cash, currency, interval_seconds, status, visibility, log_visibility, version,
           created_at, updated_at)
         VALUES ($1, $2, $3, 'IMPORTED', 'tests', 'none', $4, 10000, 'USD', 86400, 'STOPPED', $5,
           'PRIVATE', 1, now(), now())`,
        [id, owner.userId, name, universe, visibility],
      );
      return id;
    },

    openAt(
      owner: AuthenticatedViewer,
      openedAt: string,
      given: { startingCash?: string; currency?: string; zone?: string; modelId?: string } = {},
    ): Promise<Account> {
      const { startingCash = '10000', currency = 'USD', zone = 'America/New_York' } = given;
      return asWorker((tx) =>
        floor.portfolios.open(tx, {
          ownerId: owner.userId,
          ...(given.modelId !== undefined && { modelId: given.modelId }),
          ...{ name: 'Records', kind: 'PAPER', currency, zone },
          startingCash: decimal(startingCash),
          occurredAt: new Date(openedAt),
        }),
      );
    },

    async trade(account: Account, instrument: Instrument, given: RecordedTrade): Promise<void> {
      const { side = 'BUY', quantity, price, fee = 0, at } = given;
      await asWorker((tx) =>
        floor.booking.bookTrade(tx, {
          ...{ account, instrument, side, source: 'IMPORTED' },
          ...{ quantity: decimal(quantity), price: decimal(price), fee: decimal(fee) },
          executedAt: new Date(at),
        }),
      );
    },

    computeEquity: (account: Pick<Account, 'id'>, interval: 'DAY_1' | 'HOUR_1' = 'DAY_1') =>
      asWorker((tx) => equity.compute(tx, { accountId: account.id, interval })),

    /** What is stored, oldest first: time, cash, cost, equity, time of the oldest price. */
    async pointsOf({ id }: Account): Promise<string[]> {
      const rows = await database.query<{ point: string }>(
        `SELECT concat_ws(' ', to_char(at, 'MM-DD HH24:MI'), trim_scale(cash), trim_scale(cost),
           trim_scale(equity), coalesce(to_char(oldest_mark_at, 'MM-DD HH24:MI'), '-')) AS point
         FROM equity_points WHERE account_id = $1 ORDER BY at`,
        [id],
      );
      return rows.map(({ point }) => point);
    },
  };
}
