import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { IdempotencyConflict, InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import type { Account, Instrument, Trade } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import { systemViewer, type Viewer } from '../platform/viewer.ts';
import { inMinorUnits } from './account-settings.ts';
import type { Booked, Booking } from './booking.ts';
import { AccountClosed, AccountKindMismatch } from './errors.ts';
import { findOwnAccount, lockOwnAccount } from './own-account.ts';
import { refuseOutOfOrder } from './report-order.ts';

export interface RecordTrade {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive, of any number of decimals that a column keeps. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Not negative, in whole minor units of the account's currency; 0 when it is left out. */
  readonly fee?: Decimal;
  readonly executedAt: Date;
  /** The reporter's id of it, unique in the account: the same again is the same trade. */
  readonly tradeId: string;
}

export interface TradeReports {
  /**
   * Books a fill that was made elsewhere, in an account of kind EXTERNAL: the same ledger,
   * positions and events as of any trade. It is a fact and no wish, so no funds are asked for: cash
   * may go below zero, and positions below nothing.
   *
   * `tradeId` makes it idempotent for as long as the account is kept: the same report again answers
   * with the same trade, another with that id throws IdempotencyConflict. Reports of one instrument
   * come in the order of their times; one that is older than a trade, or than a split or dividend
   * that is applied, throws TradeOutOfOrder, since what was booked after it would be wrong. What no
   * account can hold is InvalidInput: a price, a quantity, their product, and what the trade makes
   * of cash and position go to 1e15. Throws NotFound for an account that is not the viewer's and
   * for an unknown symbol, AccountKindMismatch, AccountClosed and InvalidInput.
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
/** A column holds below 1e20, so that a split of 10,000 for one has room above it. */
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
  const quantity = parseNumber('quantity', given.quantity);
  const price = parseNumber('price', given.price);
  if (quantity.times(price).greaterThan(NUMBER_LIMIT)) {
    throw new InvalidInput('quantity', 'Quantity times price is at most 1e15.');
  }
  return { ...given, fee, quantity, price };
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
    if (isSame(known, { report, instrument })) return known;
    throw new IdempotencyConflict(brokerTradeId);
  }
  if (account.status !== 'ACTIVE') throw new AccountClosed();
  refuseUnfit(account, instrument, report);
  await refuseOutOfOrder(tx, { account, instrument, executedAt });
  const { side, quantity, price, fee } = report;
  const booked = await booking.bookTrade(tx, {
    ...{ account, instrument, side, quantity, price, fee, executedAt, brokerTradeId },
    source: 'EXTERNAL',
  });
  refuseAbsurd(account, booked);
  return booked.trade;
}

/**
 * Looks at what was booked, which goes back with the transaction; what comes nearer to zero is
 * taken.
 */
function refuseAbsurd(before: Account, { account, trade }: Booked): void {
  const traded = trade.side === 'BUY' ? trade.quantity : trade.quantity.negated();
  const changes = [
    ['quantity', trade.positionQuantity, traded, 'A position'],
    ['quantity', trade.positionRealized, trade.realizedGross, 'What a position realized'],
    ['price', account.cash, account.cash.minus(before.cash), 'Cash'],
  ] as const;
  for (const [field, after, change, what] of changes) {
    const isNearer = after.abs().lessThanOrEqualTo(after.minus(change).abs());
    if (isNearer || after.abs().lessThanOrEqualTo(NUMBER_LIMIT)) continue;
    throw new InvalidInput(field, `${what} is at most 1e15, to either side of zero.`);
  }
}

function refuseUnfit(account: Account, instrument: Instrument, report: Report): void {
  const { executedAt, fee } = report;
  if (instrument.currency !== account.currency) {
    throw new InvalidInput(
      'symbol',
      `${instrument.symbol} is in ${instrument.currency}, the account in ${account.currency}.`,
    );
  }
  inMinorUnits('fee', fee, account.currency);
  if (executedAt < account.createdAt) {
    throw new InvalidInput('executedAt', 'The account was opened later.');
  }
}

interface Known {
  readonly report: Report;
  readonly instrument: Instrument;
}

/** Whether a report tells the trade that is booked. */
function isSame(trade: Trade, { report, instrument }: Known): boolean {
  return (
    trade.instrumentId === instrument.id &&
    trade.side === report.side &&
    new Decimal(trade.quantity).equals(report.quantity) &&
    new Decimal(trade.price).equals(report.price) &&
    new Decimal(trade.fee).equals(report.fee) &&
    trade.executedAt.getTime() === report.executedAt.getTime()
  );
}
