import { parameterOf, type Query } from '../platform/query.ts';
import { applyWrites, type Writes } from '../platform/writes.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { balanceChanged, positionChanged, tradeExecuted } from './events.ts';
import { insertPositions, insertTrades } from './booked-rows.ts';
import { lockAccount, lockOpenPosition, reserveMore } from './locks.ts';
import { applyFill, type FillResult } from './position.ts';
import { shortReserveChange } from './short-reserve.ts';
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
import type { Ledger } from './ledger.ts';

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

/** A trade that was reckoned and is not stored yet. */
export interface Prepared {
  readonly booked: Booked;
  /** Its rows and its events; not what it frees of the reserved cash, which whoever prepared it stores. */
  readonly writes: Writes;
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
  /**
   * The same without the database, for who holds both locks and has read both rows under them: the
   * account, and the position that is open, if one is. What comes of it is stored by the caller.
   */
  prepare(trade: NewTrade, account: Account, position: Position | undefined): Prepared;
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
  const prepare: Booking['prepare'] = (command, account, before) => {
    const { instrument, side, executedAt, released = ZERO } = command;
    refuseOtherCurrency(account, instrument);
    const amounts = amountsOf(command, account.currency);
    const result = applyFill(before, { side, ...amounts, currency: account.currency });
    const row = { ...tradeRowOf(command, account, amounts), ...outcomeOf(result) };
    const trade: Trade = { ...row, flags: [], id: ids.next(), recordedAt: clock.now() };
    const owned = {
      ownerId: account.ownerId,
      accountId: account.id,
      instrumentId: instrument.id,
    };
    const { positions, queries, opening } = positionsOf(ids, { before, result, owned, executedAt });
    const position = positions.at(-1);
    if (!position) throw new Error('A trade leaves a position, open or closed.');
    const cash = new Decimal(account.cash).plus(amounts.cashAmount).minus(amounts.fee);
    const reserved = new Decimal(account.reserved)
      .minus(released)
      .plus(shortReserveChange(account.kind, before, result));
    const after = { ...account, cash, reserved };
    const events = [
      tradeExecuted(trade),
      ...positions.map((changed) => positionChanged(changed, executedAt)),
      balanceChanged(after, executedAt),
    ];
    return {
      booked: { trade, position, account: after },
      writes: {
        queries: [insertTrades([trade]), ...queries],
        calls: [...opening, ledger.postingsOf(trade, account)],
        events: (command.isAnnounced ?? true) ? events : [],
      },
    };
  };

  return {
    prepare,
    async bookTrade(tx, command) {
      const { account, instrument } = command;
      const locked = await lockAccount(tx, account.id);
      if (!locked) throw new Error(`There is no account ${account.id} to book a trade in.`);
      const where = { accountId: account.id, instrumentId: instrument.id };
      const { booked, writes } = prepare(command, locked, await lockOpenPosition(tx, where));
      const more = new Decimal(booked.account.reserved).minus(locked.reserved);
      const held = reserveMore(account.id, more);
      await applyWrites(tx, { ...writes, queries: [...writes.queries, ...held] });
      return booked;
    },
  };
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

const UPDATE_POSITION = `UPDATE positions SET quantity = $2::numeric, total_cost = $3::numeric,
  realized_pnl = $4::numeric, closed_at = $5, updated_at = $6 WHERE id = $1::uuid`;

/** The position that was open, as the fill leaves it, then the one that it opened. */
function positionsOf(
  ids: Ids,
  { before, result: { held, opened }, owned, executedAt }: PositionChange,
): {
  readonly positions: readonly Position[];
  readonly queries: readonly Query[];
  /** Beyond zero one position closes, and the other can only open in a later statement. */
  readonly opening: readonly Query[];
} {
  const positions: Position[] = [];
  const queries: Query[] = [];
  const opening: Query[] = [];
  if (before && held) {
    const numbers = numbersOf(held);
    const closedAt = closedAtOf(held, executedAt);
    const { quantity, totalCost, realizedPnl } = numbers;
    const values = [before.id, quantity, totalCost, realizedPnl, closedAt, executedAt];
    positions.push({ ...before, ...numbers, closedAt, updatedAt: executedAt });
    queries.push({ text: UPDATE_POSITION, values: values.map(parameterOf) });
  }
  if (opened) {
    const times = { openedAt: executedAt, closedAt: null, updatedAt: executedAt };
    const position = { id: ids.next(), ...owned, ...numbersOf(opened), ...times };
    positions.push(position);
    (held ? opening : queries).push(insertPositions([position]));
  }
  return { positions, queries, opening };
}
