import type { Asked, MarketTape, TakenOf } from './market-tape.ts';
import { judgePlainly } from './plain-gate.ts';
import { cents, most, least, price, thousandths } from './plain-money.ts';
import {
  farSide,
  isArmed,
  isExit,
  isFillable,
  isOpen,
  isReplaceable,
  leftOf,
  plainStateOf,
  type PlainLeg,
  type PlainOrder,
  type PlainTerms,
  type PlainType,
} from './plain-order.ts';
import type { PlainPortfolio } from './plain-portfolio.ts';
import { bookWithoutOrders } from './replay-movements.ts';
import type { ToldOrder, ToldTrade, ToldTransaction } from './told.ts';

/** What is to be otherwise in an order. */
export interface PlainReplacement {
  readonly orderId: string;
  readonly quantity: bigint | null;
  readonly limit: bigint | null;
  readonly stop: bigint | null;
}

/** What clients asked for, by client order id. */
export interface Wishes {
  readonly placed: ReadonlyMap<string, Asked<PlainTerms>>;
  readonly replaced: ReadonlyMap<string, Asked<PlainReplacement>>;
  /** When a switch was on, or about to be turned. */
  readonly halts: readonly { readonly fromMs: number; readonly toMs: number }[];
}

export interface Replayed {
  /** What the plain model does not understand. */
  readonly findings: readonly string[];
  readonly fills: readonly TakenOf[];
}

const priced = (text: string | null): bigint | null => (text === null ? null : price(text));

/**
 * Does to a plain account what each transaction told that it did, one after the other, and finds where
 * the plain account comes to another result: what an order was judged to be, what a fill cost and held
 * back, what followed for the others of its group, and the cash, the reserve, the orders and the positions
 * that the transaction left.
 */
export function replay(
  portfolio: PlainPortfolio,
  told: readonly ToldTransaction[],
  { tape, wishes }: { readonly tape: MarketTape; readonly wishes: Wishes },
): Replayed {
  const findings: string[] = [];
  const fills: TakenOf[] = [];
  const { orders } = portfolio;

  const find = (what: string, given: unknown): void => {
    findings.push(`${what}: ${JSON.stringify(given, (_, value: unknown) => plain(value))}`);
  };
  const same = (what: string, found: unknown, expected: unknown): void => {
    const [one, other] = [found, expected].map((each) => JSON.stringify(each, (_, v) => plain(v)));
    if (one !== other) findings.push(`${what}: found ${one ?? ''}, expected ${other ?? ''}`);
  };

  const add = (order: ToldOrder, terms: PlainTerms, given: Partial<PlainOrder>): PlainOrder => {
    const added: PlainOrder = {
      ...terms,
      ...{ id: order.id, leg: order.leg as PlainLeg, group: order.groupId },
      ...{ createdMs: Date.parse(order.createdAt), filled: 0n, reserved: 0n },
      ...{ status: order.status, version: order.version, quantity: thousandths(order.quantity) },
      ...given,
    };
    orders.set(order.id, added);
    return added;
  };

  /** Whether the plain gate says the same at one of the quotes that may have been the newest. */
  const judge = (order: ToldOrder, asked: Asked<PlainTerms>): PlainTerms => {
    const { command } = asked;
    const { instrument } = command;
    const timeMs = Date.parse(order.createdAt);
    const isHalted = wishes.halts.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs <= toMs);
    if (order.reasonCode === 'TRADING_HALTED' && isHalted) return command;
    const seen =
      order.status === 'DENIED'
        ? [order.reasonCode, order.quantity]
        : [cents(order.reserved), thousandths(order.quantity), priced(order.stopPrice)];
    const standing = portfolio.standing(instrument);
    const verdicts = tape.between(instrument, asked).map((quote) => {
      const verdict = judgePlainly(command, quote, standing);
      if ('refusal' in verdict) return [verdict.refusal, order.quantity];
      return [verdict.reserved, verdict.quantity, verdict.stop];
    });
    const texts = verdicts.map((verdict) => JSON.stringify(verdict, (_, value) => plain(value)));
    if (!texts.includes(JSON.stringify(seen, (_, value) => plain(value))))
      find(`order ${order.clientOrderId} was judged ${order.status}`, { seen, verdicts });
    return command;
  };

  const place = (order: ToldOrder): void => {
    const asked = wishes.placed.get(order.clientOrderId);
    if (!asked) {
      find('nobody asked for', order);
      return;
    }
    const command = judge(order, asked);
    const isDenied = order.status === 'DENIED';
    same(`a new order ${order.id}`, order.version, isDenied ? 2 : 3);
    const reserved = isDenied ? 0n : cents(order.reserved);
    const terms =
      command.orderClass === 'OCO' ? { ...command, type: 'LIMIT' as PlainType } : command;
    add(order, terms, { reserved, stop: priced(order.stopPrice) });
  };

  /** A leg comes with its entry: for the same quantity, and it holds nothing back. */
  const placeLeg = (order: ToldOrder, entry: PlainOrder): void => {
    const isOco = entry.orderClass === 'OCO';
    const side = isOco ? entry.side : entry.side === 'BUY' ? 'SELL' : 'BUY';
    const profit = order.leg === 'TAKE_PROFIT';
    const expected = [
      ...[side, entry.quantity, 0n, isOco ? 'ACCEPTED' : 'PENDING', isOco ? 3 : 1],
      ...[profit ? entry.takeProfit : null, profit ? null : entry.stopLoss],
    ];
    const { limitPrice, stopPrice, reserved, quantity, status, version } = order;
    const found = [order.side, thousandths(quantity), cents(reserved), status, version];
    same(`leg ${order.id}`, [...found, priced(limitPrice), priced(stopPrice)], expected);
    const type: PlainType = profit ? 'LIMIT' : 'STOP';
    const prices = { limit: priced(limitPrice), stop: priced(stopPrice) };
    add(order, { ...entry, side, type, timeInForce: 'GTC', ...prices }, {});
  };

  const placeInstead = (order: ToldOrder, old: PlainOrder): void => {
    const asked = wishes.replaced.get(order.clientOrderId);
    if (asked?.command.orderId !== old.id || old.status !== 'REPLACED') {
      find('nobody asked to replace', order);
      return;
    }
    const { command } = asked;
    const terms: PlainTerms = {
      ...old,
      ...{ quantity: (command.quantity ?? old.quantity) - old.filled, notional: null },
      ...{ limit: command.limit ?? old.limit, stop: command.stop ?? old.stop },
    };
    const { quantity, limit, stop } = terms;
    const isWaiting = old.version === 2;
    const given = { reserved: 0n, limit, stop: old.type === 'TRAILING_STOP' ? null : stop };
    if (isExit(old)) {
      const found = [thousandths(order.quantity), cents(order.reserved), order.version];
      same(`a leg in the place of ${old.id}`, found, [quantity, 0n, isWaiting ? 1 : 3]);
      add(order, terms, { ...given, stop });
      return;
    }
    const legs = [...orders.values()].filter((leg) => leg.group === old.group && isOpen(leg));
    const inGroup = old.group === null ? [] : legs;
    const takeProfit = inGroup.find(({ leg }) => leg === 'TAKE_PROFIT')?.limit ?? null;
    const stopLoss = inGroup.find(({ leg }) => leg === 'STOP_LOSS')?.stop ?? null;
    judge(order, { ...asked, command: { ...terms, takeProfit, stopLoss } });
    add(order, terms, { reserved: cents(order.reserved), limit, stop: priced(order.stopPrice) });
  };

  const fill = (order: PlainOrder, trade: ToldTrade, transaction: ToldTransaction): void => {
    const [quantity, at] = [thousandths(trade.quantity), price(trade.price)];
    const quoteMs = Date.parse(trade.quoteTime ?? '');
    const quote = tape.at(order.instrument, quoteMs);
    if (!quote) find('a fill at a quote that was never there', trade);
    else same(`the price of ${trade.id}`, at, farSide(order.side, quote));
    const isWorse = order.limit !== null && (order.side === 'BUY') === at > order.limit;
    if (isWorse && at !== order.limit) find('a fill past its limit', { order, trade });
    if (!isFillable(order) || isArmed(order))
      find('a fill of an order that was not to be filled', order);
    const refusal = portfolio.refusalOf(order, quantity, at);
    if (refusal !== undefined) find(`a fill that ${refusal} forbids`, { order, trade });
    const { held } = portfolio.holding(order.instrument);
    const closable = most(0n, order.side === 'SELL' ? held : -held);
    const wanted = isExit(order) ? least(leftOf(order), closable) : leftOf(order);
    fills.push({
      ...{ tradeId: trade.id, instrument: order.instrument, side: order.side },
      ...{ quoteMs, quantity, wanted, isAllOrNone: order.timeInForce === 'FOK' },
    });
    const done = portfolio.fill(order, quantity, at, Date.parse(trade.executedAt));
    same(`trade ${trade.id}`, moneyOf(trade), done);
    const isExitOver = transaction.orders.some(
      ({ id, status, reasonCode }) =>
        id === order.id && status === 'CANCELED' && reasonCode === 'NOTHING_HELD',
    );
    if (!isExitOver) portfolio.follow(order, quantity);
  };

  const end = (order: PlainOrder, told: ToldOrder, { effects }: ToldTransaction): void => {
    const { status, reasonCode, updatedAt } = told;
    if (!isOpen(order)) find(`an end as ${status}`, order);
    const quotes = tape.during(order.instrument, order.createdMs, Date.parse(updatedAt));
    const couldBeRefused = quotes.some((quote) => {
      const at = farSide(order.side, quote);
      const offered = farSide(order.side, { bid: quote.bidSize, ask: quote.askSize });
      return portfolio.refusalOf(order, least(leftOf(order), offered), at) === reasonCode;
    });
    portfolio.end(order, status);
    switch (reasonCode) {
      case null: {
        const isAsked = status === 'CANCELED' && !['IOC', 'FOK'].includes(order.timeInForce);
        if (status === 'REJECTED') find('rejected for nothing', told);
        portfolio.endGroup(order, isAsked);
        return;
      }
      case 'TRADING_HALTED':
      case 'CORPORATE_ACTION':
      case 'ACCOUNT_RESET':
        return;
      case 'NOTHING_HELD':
      case 'INSUFFICIENT_FUNDS':
      case 'INSUFFICIENT_POSITION': {
        const isCover = effects.some(({ kind }) => kind === 'DIVIDEND');
        const held = portfolio.holding(order.instrument).held;
        const isOver =
          reasonCode === 'NOTHING_HELD' && (held === 0n || held < 0n === (order.side === 'SELL'));
        if (!isCover && !couldBeRefused && !isOver) find('an end that nothing explains', told);
        if (!isCover && reasonCode !== 'NOTHING_HELD')
          same(`the end of ${order.id}`, status, order.filled === 0n ? 'REJECTED' : 'CANCELED');
        portfolio.endGroup(order, isCover);
        return;
      }
      default:
        find('an end for an unknown reason', told);
    }
  };

  const setOff = (order: PlainOrder, { stopPrice, updatedAt }: ToldOrder): void => {
    const stop = priced(stopPrice) ?? 0n;
    const quotes = tape.during(order.instrument, order.createdMs, Date.parse(updatedAt));
    const isTouched = quotes.some((quote) => {
      const far = farSide(order.side, quote);
      return order.side === 'BUY' ? far >= stop : far <= stop;
    });
    if (!isTouched || !isArmed(order)) find('a stop that nothing set off', { order, stop });
    order.status = 'TRIGGERED';
    order.version += 1;
  };

  const change = (told: ToldOrder, transaction: ToldTransaction): void => {
    const order = orders.get(told.id);
    if (!order) {
      const [group, old] = [orders.get(told.groupId ?? ''), orders.get(told.replacesId ?? '')];
      if (old) placeInstead(told, old);
      else if (group) placeLeg(told, group);
      else place(told);
      return;
    }
    // What follows from another order of the group is there already.
    if (told.version <= order.version) return;
    const trade = transaction.trades.find(
      ({ orderId, fillSequence }) => orderId === told.id && fillSequence === told.version,
    );
    if (trade) fill(order, trade, transaction);
    else if (told.status === 'TRIGGERED') setOff(order, told);
    else if (told.status === 'REPLACED') {
      if (!isReplaceable(order)) find('a replacement of what is over', order);
      portfolio.end(order, 'REPLACED');
    } else if (['CANCELED', 'EXPIRED', 'REJECTED'].includes(told.status))
      end(order, told, transaction);
    else find('a change that nothing explains', { order, told });
  };

  for (const transaction of told) {
    for (const order of transaction.orders) change(order, transaction);
    bookWithoutOrders(portfolio, transaction, same);
    const balance = transaction.balances.at(-1);
    const where = `after transaction ${transaction.id}`;
    const money = balance && [cents(balance.cash), cents(balance.reserved)];
    if (money) same(`cash and reserve ${where}`, money, [portfolio.cash, portfolio.reserved]);
    const newest = new Map(transaction.orders.map((order) => [order.id, order]));
    for (const order of newest.values()) {
      const own = orders.get(order.id);
      if (own) same(`order ${order.id} ${where}`, stateOf(order), plainStateOf(own));
    }
    const places = new Map(transaction.positions.map((each) => [each.instrumentId, each]));
    for (const { instrumentId, quantity, totalCost } of places.values()) {
      const { held, cost } = portfolio.holding(instrumentId);
      const found = [thousandths(quantity), cents(totalCost)];
      same(`position ${instrumentId} ${where}`, found, [held, cost]);
    }
  }
  return { findings, fills };
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const moneyOf = ({ fee, cashAmount, realizedGross }: ToldTrade) => ({
  ...{ fee: cents(fee), moved: cents(cashAmount), realized: cents(realizedGross) },
});

const stateOf = (order: ToldOrder) => [
  ...[order.status, order.version, thousandths(order.quantity)],
  ...[thousandths(order.filledQuantity), cents(order.reserved)],
];
