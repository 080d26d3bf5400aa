import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { IdempotencyConflict, InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, toBookedCash, toColumn, ZERO } from '../platform/money.ts';
import type { Account, Instrument, Trade } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import { systemViewer, type Viewer } from '../platform/viewer.ts';
import type { Booking } from './booking.ts';
import { AccountClosed, AccountKindMismatch, TradeOutOfOrder } from './errors.ts';
import { findOwnAccount, lockOwnAccount } from './own-account.ts';

export interface RecordTrade {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive, of any number of decimals that a column keeps. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Not negative; 0 when it is left out. */
  readonly fee?: Decimal;
  readonly executedAt: Date;
  /** The reporter's id of it, unique in the account: the same again is the same trade. */
  readonly tradeId: string;
}

export interface TradeReports {
  /**
   * Books a fill that was made elsewhere, in an account of kind EXTERNAL: the same ledger, positions and
   * events as of any trade. It is a fact and no wish, so no funds are asked for: cash may go below zero,
   * and positions below nothing.
   *
   * `tradeId` makes it idempotent for as long as the account is kept: the same report again answers with
   * the same trade, another with that id throws IdempotencyConflict. Reports of one instrument come in the
   * order of their times; an older one throws TradeOutOfOrder, since what was booked after it would be
   * wrong. Throws NotFound for an account that is not the viewer's and for an unknown symbol,
   * AccountKindMismatch, AccountClosed and InvalidInput.
   */
  record(viewer: Viewer, command: RecordTrade): Promise<Trade>;
}

export interface TradeReportsPorts {
  readonly db: Database;
  /** Trades are the worker's to write. */
  readonly workerDb: Database;
  readonly booking: Booking;
  readonly clock: Clock;
}

/** Clocks of others may be ahead of ours by this much. */
const AHEAD_MAX_MS = 5_000;
const NUMBER_LIMIT = new Decimal('1e15');
const TRADE_ID_MAX = 100;

export function createTradeReports(ports: TradeReportsPorts): TradeReports {
  const { db, workerDb, clock } = ports;
  return {
    async record(viewer, given) {
      requireCapability(viewer, 'TRADE');
      const report = parseReport(given, clock.now());
      const account = await findOwnAccount(db, viewer, report.accountId);
      return workerDb.withViewer(systemViewer(), (tx) =>
        recordTrade(tx, ports, { account, report }),
      );
    },
  };
}

type Report = Required<RecordTrade>;

function parseReport(given: RecordTrade, now: Date): Report {
  const { tradeId, executedAt } = given;
  if (!/^[\x21-\x7E]+$/.test(tradeId) || tradeId.length > TRADE_ID_MAX) {
    throw new InvalidInput('tradeId', 'A trade id has 1 to 100 letters, digits and signs.');
  }
  if (executedAt.getTime() > now.getTime() + AHEAD_MAX_MS) {
    throw new InvalidInput('executedAt', 'What was not made yet cannot be reported.');
  }
  const fee = given.fee ?? ZERO;
  if (fee.lessThan(ZERO) || fee.greaterThan(NUMBER_LIMIT)) {
    throw new InvalidInput('fee', 'A fee is not negative, and below 1e15.');
  }
  return {
    ...given,
    fee,
    quantity: parseNumber('quantity', given.quantity),
    price: parseNumber('price', given.price),
  };
}

function parseNumber(field: 'quantity' | 'price', given: Decimal): Decimal {
  const number = new Decimal(given);
  const isInRange = number.greaterThan(ZERO) && number.lessThan(NUMBER_LIMIT);
  if (!isInRange || !toColumn(number).equals(number)) {
    throw new InvalidInput(
      field,
      `A ${field} is above 0, below 1e15, and has at most 18 decimals.`,
    );
  }
  return number;
}

async function recordTrade(
  tx: Tx,
  { booking }: TradeReportsPorts,
  { account: found, report }: { readonly account: Account; readonly report: Report },
): Promise<Trade> {
  const { tradeId: brokerTradeId, symbol, executedAt } = report;
  const account = await lockOwnAccount(tx, found);
  if (account.kind !== 'EXTERNAL') {
    throw new AccountKindMismatch(
      account.kind,
      'Trades are reported for accounts of kind EXTERNAL.',
    );
  }
  const instrument = await tx.instrument.findUnique({ where: { symbol } });
  if (!instrument) throw new NotFound('Instrument');
  const known = await tx.trade.findFirst({ where: { accountId: account.id, brokerTradeId } });
  if (known) {
    if (isSame(known, { report, instrument, account })) return known;
    throw new IdempotencyConflict(brokerTradeId);
  }
  if (account.status !== 'ACTIVE') throw new AccountClosed();
  refuseUnfit(account, instrument, report);
  const newest = await tx.trade.findFirst({
    where: { accountId: account.id, instrumentId: instrument.id },
    orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
    select: { executedAt: true },
  });
  if (newest && executedAt < newest.executedAt) throw new TradeOutOfOrder(newest.executedAt);
  const { side, quantity, price, fee } = report;
  const booked = await booking.bookTrade(tx, {
    ...{ account, instrument, side, quantity, price, fee, executedAt, brokerTradeId },
    source: 'EXTERNAL',
  });
  return booked.trade;
}

function refuseUnfit(account: Account, instrument: Instrument, { executedAt }: Report): void {
  if (instrument.currency !== account.currency) {
    throw new InvalidInput(
      'symbol',
      `${instrument.symbol} is in ${instrument.currency}, the account in ${account.currency}.`,
    );
  }
  if (executedAt < account.createdAt) {
    throw new InvalidInput('executedAt', 'The account was opened later.');
  }
}

interface Known {
  readonly report: Report;
  readonly instrument: Instrument;
  readonly account: Account;
}

/** Whether a report tells the trade that is booked. */
function isSame(trade: Trade, { report, instrument, account }: Known): boolean {
  return (
    trade.instrumentId === instrument.id &&
    trade.side === report.side &&
    new Decimal(trade.quantity).equals(report.quantity) &&
    new Decimal(trade.price).equals(report.price) &&
    new Decimal(trade.fee).equals(toBookedCash(report.fee, account.currency)) &&
    trade.executedAt.getTime() === report.executedAt.getTime()
  );
}
