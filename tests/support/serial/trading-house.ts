import { randomUUID } from 'node:crypto';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createLastPrices } from '../../../src/services/market/last-prices.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createAccountCash } from '../../../src/services/portfolio/account-cash.ts';
import { createAccountReset } from '../../../src/services/portfolio/account-reset.ts';
import { createActionApplier } from '../../../src/services/portfolio/action-applier.ts';
import { createValuation } from '../../../src/services/portfolio/valuation.ts';
import { createOrderClearance } from '../../../src/services/trading/order-clearance.ts';
import { createHaltedOrders } from '../../../src/services/trading/risk/halted-orders.ts';
import { createKillSwitches } from '../../../src/services/trading/risk/kill-switches.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createExchange } from '../exchange.ts';
import { createTradingFloor, decimal } from '../trading-floor.ts';
import type { Fees } from './plain-money.ts';

interface Priced {
  readonly instrument: Instrument;
  readonly fees: Fees;
}

export const NO_FEES: Fees = { bps: 0n, perUnit: 0n, minimum: 0n };
/** What venues take: nothing, a share, or an amount for each and at least something. */
const FEES: readonly Fees[] = [
  NO_FEES,
  { bps: 25n, perUnit: 0n, minimum: 0n },
  { bps: 10n, perUnit: 1n, minimum: 100n },
];

/** No quote of a history grows old, however slow the machine is. */
const QUOTE_FRESHNESS_MS = 3_600_000;

const cash = (cents: bigint) => decimal(String(cents)).dividedBy(100);

/** Everything that moves cash and positions of an account on paper, with pairs of instruments. */
export async function openTradingHouse(pairs: number) {
  const database = await createTestDatabase();
  const { worker: workerDb, server: db } = database;
  const floor = createTradingFloor(database);
  const { clock, ids } = floor;
  // There is one connection to look with, and many histories look.
  let last: Promise<unknown> = Promise.resolve();
  const query: TestDatabase['query'] = (sql, values) => {
    const rows = last.then(() => database.query(sql, values));
    last = rows.catch(() => undefined);
    return rows as Promise<never[]>;
  };
  const exchange = createExchange(database, floor, {
    engine: { quoteFreshnessMs: QUOTE_FRESHNESS_MS },
    orders: { quoteFreshnessMs: QUOTE_FRESHNESS_MS },
  });
  const owner = await floor.addPerson();
  const priced: Priced[] = [];
  for (let index = 0; index < pairs * 2; index += 1) {
    const fees = FEES[index % FEES.length] ?? NO_FEES;
    const { perUnit: feePerUnit, minimum: feeMinimum } = fees;
    const instrument = await floor.addInstrument({
      feeBps: decimal(String(fees.bps)),
      ...{ feePerUnit: cash(feePerUnit), feeMinimum: cash(feeMinimum) },
    });
    priced.push({ instrument, fees });
  }
  const logger = {
    error: (fields: object, message: string) => void exchange.errors.push({ fields, message }),
  };
  const audit = createAudit({ clock, ids });
  const clearance = createOrderClearance({ clock, onCanceled: exchange.engine.drop });
  const lastPrices = createLastPrices({ db: workerDb, quotes: exchange.quotes, clock });
  const valuation = createValuation({ lastPrices, clock, quoteFreshnessMs: QUOTE_FRESHNESS_MS });
  const ports = { ...floor, ...{ db, workerDb, audit, clearance, valuation, lastPrices, logger } };
  const halted = createHaltedOrders({
    ...{ workerDb, clock, logger, onCanceled: exchange.engine.drop },
  });

  let quotes = 0;

  return {
    /** How many there were with this one. */
    countQuote: () => (quotes += 1),
    ...{ database: { ...database, query }, floor, exchange, owner, priced },
    cash: createAccountCash(ports),
    resets: createAccountReset(ports),
    actions: createActionApplier(ports),
    switches: createKillSwitches({ db, clock, ids, audit }),
    /** Cancels what works under a switch that is on. */
    clearHalted: () => halted.cancelAll(),

    async openAccount(startingCash: string, allowsShort: boolean): Promise<Account> {
      const account = await floor.openAccount(owner, startingCash);
      return workerDb.withViewer(systemViewer(), (tx) =>
        tx.account.update({ where: { id: account.id }, data: { allowsShort } }),
      );
    },

    /** An action that is effective now. */
    async act(
      { id }: Pick<Instrument, 'id'>,
      terms: { readonly ratio: readonly [number, number] } | { readonly cents: number },
    ): Promise<void> {
      const [from, to] = 'ratio' in terms ? terms.ratio : [null, null];
      const amount = 'cents' in terms ? decimal(terms.cents).dividedBy(100).toFixed() : null;
      const now = clock.now();
      await query(
        `INSERT INTO corporate_actions (id, instrument_id, kind, ratio_from, ratio_to, amount,
           effective_at, created_by, created_at)
         VALUES ($1, $2, $3::corporate_action_kind, $4, $5, $6, $7, $8, $7)`,
        [randomUUID(), id, amount ? 'DIVIDEND' : 'SPLIT', from, to, amount, now, owner.userId],
      );
    },

    /** Nothing looks at them any more. */
    async forgetActions(instrumentIds: readonly string[]): Promise<void> {
      await query('UPDATE corporate_actions SET applied_at = now() WHERE instrument_id = ANY($1)', [
        instrumentIds,
      ]);
    },
  };
}

export type TradingHouse = Awaited<ReturnType<typeof openTradingHouse>>;
