import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../../src/services/platform/clock.ts';
import { createIds } from '../../src/services/platform/ids.ts';
import { Decimal } from '../../src/services/platform/money.ts';
import { randomBytes } from '../../src/services/platform/random.ts';
import {
  systemViewer,
  userViewer,
  type AuthenticatedViewer,
} from '../../src/services/platform/viewer.ts';
import { createBooking } from '../../src/services/portfolio/booking.ts';
import { createLedger } from '../../src/services/portfolio/ledger.ts';
import { createPortfolios } from '../../src/services/portfolio/portfolios.ts';
import type { Database } from '../../src/services/platform/database.ts';
import type { Account, Instrument } from '../../src/services/platform/prisma/client.ts';

interface Databases {
  readonly server: Database;
  readonly worker: Database;
  query(sql: string, values?: readonly unknown[]): Promise<unknown[]>;
}

export const decimal = (text: string | number): Decimal => new Decimal(text);

/** People, instruments and accounts to trade with, on the real services of the portfolio. */
export function createTradingFloor(database: Databases, clock: Clock = systemClock) {
  const ids = createIds(clock, randomBytes);
  const ledger = createLedger({ clock, ids });
  const booking = createBooking({ ledger, clock, ids });
  const portfolios = createPortfolios({ db: database.server, ledger, ids });

  return {
    clock,
    ids,
    ledger,
    booking,
    portfolios,

    async addPerson(): Promise<AuthenticatedViewer> {
      const userId = randomUUID();
      await database.query(
        `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role,
           status, token_version, created_at, updated_at)
         VALUES ($1::uuid, $2, $2, $2, $2, 'secret', 'USER', 'ACTIVE', 0, $3, $3)`,
        [userId, userId, clock.now()],
      );
      return userViewer({ userId, role: 'USER' });
    },

    addInstrument(given: Partial<Instrument> = {}): Promise<Instrument> {
      const data: Instrument = {
        id: randomUUID(),
        symbol: `${randomUUID().slice(0, 8).toUpperCase()}.SIM`,
        name: 'A company of the tests',
        assetClass: 'STOCK',
        currency: 'USD',
        zone: 'America/New_York',
        tickSize: decimal('0.01'),
        lotSize: decimal('1'),
        isTradable: true,
        source: 'SIMULATED',
        feeBps: decimal('0'),
        feePerUnit: decimal('0'),
        feeMinimum: decimal('0'),
        calendar: 'ALWAYS',
        createdAt: clock.now(),
        ...given,
      };
      return database.worker.withViewer(systemViewer(), (tx) => tx.instrument.create({ data }));
    },

    /** Books a purchase at 1, so that there is something to sell. */
    async hold(account: Account, instrument: Instrument, quantity: string): Promise<void> {
      await database.worker.withViewer(systemViewer(), (tx) =>
        booking.bookTrade(tx, {
          account,
          instrument,
          side: 'BUY',
          quantity: decimal(quantity),
          price: decimal(1),
          fee: decimal(0),
          source: 'PAPER',
          executedAt: clock.now(),
        }),
      );
    },

    openAccount(
      owner: AuthenticatedViewer,
      startingCash: string,
      currency = 'USD',
    ): Promise<Account> {
      return database.server.withViewer(owner, (tx) =>
        portfolios.open(tx, {
          ownerId: owner.userId,
          name: 'Paper',
          kind: 'PAPER',
          currency,
          zone: 'America/Chicago',
          startingCash: decimal(startingCash),
          occurredAt: clock.now(),
        }),
      );
    },
  };
}

export type TradingFloor = ReturnType<typeof createTradingFloor>;
