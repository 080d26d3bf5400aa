import { randomUUID } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { createAudit } from '../../src/services/audit/audit.ts';
import { createLastPrices } from '../../src/services/market/last-prices.ts';
import { createAccountCash } from '../../src/services/portfolio/account-cash.ts';
import { createAccountFigures } from '../../src/services/portfolio/account-figures.ts';
import { createAccountReset } from '../../src/services/portfolio/account-reset.ts';
import { createActionApplier } from '../../src/services/portfolio/action-applier.ts';
import { createCorporateActions } from '../../src/services/portfolio/corporate-actions.ts';
import { auditLedger } from '../../src/services/portfolio/ledger-audit.ts';
import { createOwnAccounts } from '../../src/services/portfolio/own-accounts.ts';
import { createStatements } from '../../src/services/portfolio/statements.ts';
import { createTradeReports } from '../../src/services/portfolio/trade-reports.ts';
import { createValuation } from '../../src/services/portfolio/valuation.ts';
import { createOrderClearance } from '../../src/services/trading/order-clearance.ts';
import type { Account, Instrument } from '../../src/services/platform/prisma/client.ts';
import type { OrderSide, TradeSource } from '../../src/services/platform/prisma/enums.ts';
import { systemViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { createBooks } from './books.ts';
import { createTestDatabase } from './database.ts';
import { createExchange } from './exchange.ts';
import { createManualTime } from './manual-time.ts';
import { createTradingFloor, decimal } from './trading-floor.ts';

const ACCOUNTS_MAX = 20;

interface Traded {
  readonly side?: OrderSide;
  readonly quantity: string;
  readonly price: string;
  readonly fee?: string;
  readonly source?: TradeSource;
}

/** What people do with accounts, on the real services; after each test the books must be right. */
export async function openPortfolioHouse() {
  const database = await createTestDatabase();
  const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
  const floor = createTradingFloor(database, time.clock);
  const { ids, ledger, booking, portfolios, clock } = floor;
  const [owner, stranger] = [await floor.addPerson(), await floor.addPerson()];
  const exchange = createExchange(database, floor);
  const { quotes } = exchange;
  const common = { db: database.server, workerDb: database.worker, clock, ids, ledger, booking };
  const audit = createAudit({ clock, ids });
  const clearance = createOrderClearance({ clock });
  const quoteFreshnessMs = 15_000;
  const lastPrices = createLastPrices({ db: database.worker, quotes, clock });
  const valuation = createValuation({ lastPrices, clock, quoteFreshnessMs });
  const statements = createStatements({ db: database.server, clock });
  const errors: unknown[] = [];
  const logger = { error: (fields: unknown) => void errors.push(fields) };
  const ports = { ...common, portfolios, clearance, audit, valuation, lastPrices, logger };

  afterEach(async () => {
    const { checks } = await auditLedger(database.worker);
    expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
  });

  const run = async (account: Account, instrument: Instrument, given: Traded): Promise<void> => {
    const { side = 'BUY', quantity, price, fee = '0', source = 'PAPER' } = given;
    await database.worker.withViewer(systemViewer(), (tx) =>
      booking.bookTrade(tx, {
        ...{ account, instrument, side, source, executedAt: clock.now() },
        ...{ quantity: decimal(quantity), price: decimal(price), fee: decimal(fee) },
      }),
    );
  };

  return {
    ...{ database, time, floor, owner, stranger, exchange, quotes, errors },
    admin: userViewer({ userId: stranger.userId, role: 'ADMIN' }),
    books: createBooks(database),
    accounts: createOwnAccounts({ ...ports, accountsMax: ACCOUNTS_MAX }),
    cash: createAccountCash(ports),
    resets: createAccountReset(ports),
    reports: createTradeReports(ports),
    figures: createAccountFigures({ db: database.server, valuation, clock }),
    actions: createCorporateActions(ports),
    actionPorts: ports,
    applier: createActionApplier({ ...ports, timers: time.timers }),
    statements,
    linkPorts: { db: database.server, statements, audit, clock },
    /** Books a trade at the time of the clock, as a fill does. */
    trade: run,
    /** A key that nobody used. */
    key: () => ({ idempotencyKey: randomUUID() }),
    async newest({ id }: Account): Promise<Account> {
      return database.worker.snapshot(systemViewer(), (tx) =>
        tx.account.findUniqueOrThrow({ where: { id } }),
      );
    },
    /** Movements of an account's cash: `DEPOSIT 1000`. */
    async movements({ id }: Account): Promise<string[]> {
      const rows = await database.query<{ line: string }>(
        `SELECT cause || ' ' || trim_scale(amount) AS line FROM account_ledger
         WHERE account_id = $1 ORDER BY occurred_at, id`,
        [id],
      );
      return rows.map(({ line }) => line);
    },
    /** What is open: `10 for 100`. */
    async held({ id }: Account): Promise<string[]> {
      const rows = await database.query<{ line: string }>(
        `SELECT trim_scale(quantity) || ' for ' || trim_scale(total_cost) AS line FROM positions
         WHERE account_id = $1 AND closed_at IS NULL ORDER BY opened_at, id`,
        [id],
      );
      return rows.map(({ line }) => line);
    },
    async auditedActions(target: { readonly id: string }): Promise<string[]> {
      const rows = await database.query<{ action: string }>(
        'SELECT action FROM audit_records WHERE target_id = $1 ORDER BY id',
        [target.id],
      );
      return rows.map(({ action }) => action);
    },
  };
}
