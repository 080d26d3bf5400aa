import { appendEvents } from '../platform/outbox.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { balanceChanged, positionChanged, tradeExecuted } from './events.ts';
import { lockAccountAndRelease, lockOpenPosition } from './locks.ts';
import { applyFill, type FillResult } from './position.ts';
import {
  amountsOf,
  closedAtOf,
  numbersOf,
  outcomeOf,
  refuseOtherCurrency,
  type TradeAmounts,
  type TradeTerms,
} from './trade-amounts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { TradeLiquidity, TradeSource } from '../platform/prisma/enums.ts';
import type { Account, Instrument, Position, Trade } from '../platform/prisma/client.ts';
import type { Ledger, NewTransfer } from './ledger.ts';

export interface NewTrade extends TradeTerms {
  readonly account: Pick<Account, 'id'>;
  readonly instrument: Pick<Instrument, 'id' | 'symbol' | 'currency'>;
  /** A fill of an order has both. */
  readonly orderId?: string;
  readonly fillSequence?: number;
  /** An imported trade has one: unique in its account. */
  readonly importKey?: string;
  readonly source: TradeSource;
  /** A broker's or a reporter's id of it: unique in its account. */
  readonly brokerTradeId?: string;
  readonly liquidity?: TradeLiquidity;
  /** What a fill on paper was reckoned with. */
  readonly models?: Pick<Trade, 'feeModel' | 'slippageModel' | 'liquidityModel' | 'slippage'>;
  /** The quote that it filled at. */
  readonly quote?: { readonly bid: Decimal; readonly ask: Decimal; readonly time: Date };
  readonly executedAt: Date;
  /** Cash that the order behind it held back for it, and that is free from now on. */
  readonly released?: Decimal;
  /** False for history, of which its importer tells once for all trades; true when left out. */
  readonly isAnnounced?: boolean;
}

export interface Booked {
  readonly trade: Trade;
  /** The position that is open after the trade, or the one that it closed. */
  readonly position: Position;
  readonly account: Account;
}

export interface Booking {
  /**
   * Books one trade: the trade itself, the position, FILL and FEE transfers, and the events
   * TradeExecuted, PositionChanged and BalanceChanged, all in the caller's transaction. The only
   * writer of trades and positions. Locks the account, then the position; the caller holds neither
   * a position nor a lease before.
   *
   * The fee is not part of the position's cost: gross, fee and net stay apart. It refuses nothing
   * that a person could cause, since orders are checked at the gate: an account that is not there,
   * another currency, or a quantity or cash that cannot be is a bug, and throws plainly. A fill or
   * an import key that is booked already fails on the database's unique indexes.
   */
  bookTrade(tx: Tx, trade: NewTrade): Promise<Booked>;
}

export function createBooking({
  ledger,
  clock,
  ids,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
}): Booking {
  return {
    async bookTrade(tx, command) {
      const { instrument, side, executedAt } = command;
      const account = await lockAccountOf(tx, command);
      const amounts = amountsOf(command, account.currency);
      const where = { accountId: account.id, instrumentId: instrument.id };
      const before = await lockOpenPosition(tx, where);
      const result = applyFill(before, { side, ...amounts, currency: account.currency });
      const row = { ...tradeRowOf(command, account, amounts), ...outcomeOf(result) };
      const trade = await tx.trade.create({
        data: { ...row, id: ids.next(), recordedAt: clock.now() },
      });
      const owned = { ...where, ownerId: account.ownerId };
      const positions = await savePositions(tx, ids, { before, result, owned, executedAt });
      await ledger.post(tx, ...transfersOf(trade, account));
      const cash = new Decimal(account.cash).plus(amounts.cashAmount).minus(amounts.fee);
      const after = { ...account, cash };
      if (command.isAnnounced ?? true) {
        await appendEvents(tx, [
          tradeExecuted(trade),
          ...positions.map((position) => positionChanged(position, executedAt)),
          balanceChanged(after, executedAt),
        ]);
      }
      const position = positions.at(-1);
      if (!position) throw new Error('A trade leaves a position, open or closed.');
      return { trade, position, account: after };
    },
  };
}

async function lockAccountOf(tx: Tx, command: NewTrade): Promise<Account> {
  const { account, instrument, released = ZERO } = command;
  const locked = await lockAccountAndRelease(tx, account.id, released);
  if (!locked) throw new Error(`There is no account ${account.id} to book a trade in.`);
  refuseOtherCurrency(locked, instrument);
  return locked;
}

/** A fill elsewhere pays what it paid. */
const NO_MODELS = { feeModel: null, slippageModel: null, liquidityModel: null, slippage: null };

function tradeRowOf(command: NewTrade, account: Account, amounts: TradeAmounts) {
  return {
    ...amounts,
    ownerId: account.ownerId,
    accountId: account.id,
    instrumentId: command.instrument.id,
    orderId: command.orderId ?? null,
    fillSequence: command.fillSequence ?? null,
    importKey: command.importKey ?? null,
    brokerTradeId: command.brokerTradeId ?? null,
    liquidity: command.liquidity ?? null,
    ...(command.models ?? NO_MODELS),
    source: command.source,
    side: command.side,
    quoteBid: command.quote?.bid ?? null,
    quoteAsk: command.quote?.ask ?? null,
    quoteTime: command.quote?.time ?? null,
    executedAt: command.executedAt,
  };
}

interface PositionChange {
  readonly before: Position | undefined;
  readonly result: FillResult;
  readonly owned: Pick<Position, 'ownerId' | 'accountId' | 'instrumentId'>;
  readonly executedAt: Date;
}

/** Writes the position that was open, then the one that the fill opened; returns them as they are. */
async function savePositions(
  tx: Tx,
  ids: Ids,
  { before, result: { held, opened }, owned, executedAt }: PositionChange,
): Promise<Position[]> {
  const saved: Position[] = [];
  if (before && held) {
    const data = { ...numbersOf(held), closedAt: closedAtOf(held, executedAt) };
    const where = { id: before.id };
    saved.push(await tx.position.update({ where, data: { ...data, updatedAt: executedAt } }));
  }
  if (opened) {
    const times = { openedAt: executedAt, closedAt: null, updatedAt: executedAt };
    const data = { id: ids.next(), ...owned, ...numbersOf(opened), ...times };
    saved.push(await tx.position.create({ data }));
  }
  return saved;
}

function transfersOf(trade: Trade, account: Account): NewTransfer[] {
  const common = {
    ownerId: account.ownerId,
    causeId: trade.id,
    currency: account.currency,
    occurredAt: trade.executedAt,
  };
  const move = (ledgerAccount: 'CLEARING' | 'FEES', amount: Decimal): NewTransfer['lines'] => [
    { ledgerAccount: 'CASH', accountId: account.id, amount },
    { ledgerAccount, amount: amount.negated() },
  ];
  return [
    { ...common, cause: 'FILL', lines: move('CLEARING', trade.cashAmount) },
    { ...common, cause: 'FEE', lines: move('FEES', trade.fee.negated()) },
  ];
}
