import { randomUUID } from 'node:crypto';
import { DomainError } from '../../../src/services/platform/errors.ts';
import type { Decimal } from '../../../src/services/platform/money.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { decimal } from '../trading-floor.ts';
import type { Asked, MarketTape } from './market-tape.ts';
import { cents, ONE, price, thousandths } from './plain-money.ts';
import type { PlainTerms } from './plain-order.ts';
import type { PlainReplacement, Wishes } from './replay.ts';
import type { Step } from './steps.ts';
import type { TradingHouse } from './trading-house.ts';

type Placed = Extract<Step, { kind: 'place' }>;
type Wanted = Omit<
  Parameters<TradingHouse['exchange']['orders']['place']>[1],
  'accountId' | 'symbol' | 'side' | 'clientOrderId' | 'quantity'
> & { readonly quantity?: string };

/** Refusals that come in the way of the one or the other; all others are bugs. */
const EXPECTED = [
  ...['INSUFFICIENT_FUNDS', 'INSUFFICIENT_POSITION', 'NOTIONAL_TOO_SMALL', 'PRICE_ON_WRONG_SIDE'],
  ...['PRICE_OUT_OF_RANGE', 'TRADING_HALTED', 'ORDER_NOT_CANCELABLE', 'ORDER_NOT_REPLACEABLE'],
  ...['WITHDRAWAL_TOO_LARGE'],
];

export interface Scene {
  readonly accounts: readonly Account[];
  readonly instruments: TradingHouse['priced'];
  readonly tape: MarketTape;
}

/** Clients of the real services, who remember what they asked for. */
export function createClients(house: TradingHouse, { accounts, instruments, tape }: Scene) {
  const { exchange, owner, floor } = house;
  const placed = new Map<string, Asked<PlainTerms>>();
  const replaced = new Map<string, Asked<PlainReplacement>>();
  const halts: { fromMs: number; toMs: number }[] = [];
  const unexpected: unknown[] = [];
  const known: { readonly accountId: string; readonly id: string; readonly instrument: string }[] =
    [];
  let isActing = false;

  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      const isExpected = error instanceof DomainError && EXPECTED.includes(error.code);
      if (!isExpected) unexpected.push(error);
      return undefined;
    }
  };
  const instrumentOf = (index: number) => pick(instruments, index).instrument;
  const accountOf = (index: number) => pick(accounts, index);

  const quote = ({ instrument: index, ask, sizes }: Extract<Step, { kind: 'quote' }>): void => {
    const instrument = instrumentOf(index);
    // No two quotes offer the same: what was taken of one says nothing of the other.
    const digits = threeDigits(house.countQuote());
    const [bidSize, askSize] = sizes.map((size) => `${String(size)}.${digits}`);
    const [bid, asked] = [ask - 7, ask].map((each) => decimal(each).dividedBy(100).toFixed(2));
    const newest = tape.of(instrument.id).at(-1);
    const timeMs = Math.max(floor.clock.now().getTime(), (newest?.timeMs ?? 0) + 1);
    tape.put(instrument.id, {
      ...{ bid: price(bid ?? ''), ask: price(asked ?? ''), timeMs },
      ...{ bidSize: thousandths(bidSize ?? ''), askSize: thousandths(askSize ?? '') },
    });
    exchange.quote(instrument, {
      ...{ bid: bid ?? '', ask: asked ?? '', bidSize: bidSize ?? '', askSize: askSize ?? '' },
      time: new Date(timeMs),
    });
  };

  const place = async (step: Placed): Promise<void> => {
    const instrument = instrumentOf(step.instrument);
    const clientOrderId = randomUUID();
    const newest = tape.of(instrument.id).at(-1);
    if (!newest) return;
    const wanted = wantedOf(step, Number(newest.ask / 100n));
    const from = tape.now(instrument.id);
    const asked = { command: plainOf(instrument.id, step, wanted), from, to: Infinity };
    placed.set(clientOrderId, asked);
    const { quantity, ...terms } = wanted;
    const account = accountOf(step.account);
    const order = await attempt(
      exchange.orders.place(owner, {
        ...{ accountId: account.id, symbol: instrument.symbol, clientOrderId },
        ...{ ...terms, side: step.side, ...(quantity && { quantity: decimal(quantity) }) },
      }),
    );
    asked.to = tape.now(instrument.id);
    if (order) known.push({ accountId: account.id, id: order.id, instrument: instrument.id });
  };

  const orderOf = (account: Account, which: number) => {
    const own = known.filter(({ accountId }) => accountId === account.id);
    return own.length === 0 ? undefined : own[own.length - 1 - (which % own.length)];
  };
  /** Of the group that it may belong to, one. */
  const memberOf = async (orderId: string, which: number) => {
    const [order] = await exchange.orders.list(owner, { where: { id: orderId } }, {});
    if (!order || order.groupId === null) return order;
    const where = { groupId: order.groupId };
    return pick(await exchange.orders.list(owner, { where }, {}), which);
  };

  const replace = async (step: Extract<Step, { kind: 'replace' }>): Promise<void> => {
    const account = accountOf(step.account);
    const found = orderOf(account, step.which);
    const order = found && (await memberOf(found.id, step.which));
    if (!found || !order || order.type === 'MARKET' || order.type === 'TRAILING_STOP') return;
    const clientOrderId = randomUUID();
    const quantity = order.groupId === null ? step.quantity : null;
    const moved = (at: Decimal | null) => at && at.plus(decimal(step.apart).dividedBy(100));
    const [limit, stop] = [moved(order.limitPrice), moved(order.stopPrice)];
    const textOf = (at: Decimal | null) => (at === null ? null : price(at.toFixed(2)));
    const asked: Asked<PlainReplacement> = {
      command: {
        ...{ orderId: order.id, limit: textOf(limit), stop: textOf(stop) },
        quantity: quantity === null ? null : BigInt(quantity) * ONE,
      },
      ...{ from: tape.now(found.instrument), to: Infinity },
    };
    replaced.set(clientOrderId, asked);
    const next = await attempt(
      exchange.orders.replace(owner, {
        ...{ orderId: order.id, clientOrderId },
        ...(quantity !== null && { quantity: decimal(quantity) }),
        ...(limit && { limitPrice: limit }),
        ...(stop && { stopPrice: stop }),
      }),
    );
    asked.to = tape.now(found.instrument);
    if (next) known.push({ accountId: account.id, id: next.id, instrument: found.instrument });
  };

  /** One at a time: what is effective later is applied later. */
  const act = async (step: Extract<Step, { kind: 'split' | 'dividend' }>): Promise<void> => {
    if (isActing) return;
    isActing = true;
    await house.act(instrumentOf(step.instrument), step);
    await house.actions.applyDue();
    isActing = false;
  };

  const halt = async (accountId: string): Promise<void> => {
    const span = { fromMs: floor.clock.now().getTime(), toMs: Infinity };
    halts.push(span);
    const turn = (isOn: boolean) =>
      attempt(
        house.switches.set(owner, {
          ...{ scope: 'ACCOUNT', accountId, isOn, idempotencyKey: randomUUID() },
        }),
      );
    await turn(true);
    await house.clearHalted();
    await turn(false);
    span.toMs = floor.clock.now().getTime();
  };

  const run = async (step: Step): Promise<void> => {
    const idempotencyKey = randomUUID();
    switch (step.kind) {
      case 'quote':
        quote(step);
        return;
      case 'place':
        return place(step);
      case 'replace':
        return replace(step);
      case 'cancel': {
        const found = orderOf(accountOf(step.account), step.which);
        const order = found && (await memberOf(found.id, step.which));
        if (order)
          await attempt(exchange.orders.cancel(owner, { orderId: order.id, idempotencyKey }));
        return;
      }
      case 'deposit':
      case 'withdraw': {
        const amount = decimal(step.cents).dividedBy(100);
        const { id: accountId } = accountOf(step.account);
        await attempt(house.cash[step.kind](owner, { accountId, amount, idempotencyKey }));
        return;
      }
      case 'split':
      case 'dividend':
        return act(step);
      case 'halt':
        return halt(accountOf(step.account).id);
      case 'cancelAll':
      case 'reset': {
        const command = { accountId: accountOf(step.account).id, idempotencyKey };
        if (step.kind === 'reset') await attempt(house.resets.reset(owner, command));
        else await attempt(exchange.orders.cancelAll(owner, command));
      }
    }
  };

  return { run, unexpected, wishes: { placed, replaced, halts } satisfies Wishes };
}

export type Clients = ReturnType<typeof createClients>;

/** The order of a step at the newest ask, in cents. */
function wantedOf(step: Placed, ask: number): Wanted {
  const { way, side, quantity: count, apart, timeInForce } = step;
  const at = (cents: number) => decimal(Math.max(1, ask + cents)).dividedBy(100);
  const up = side === 'BUY' ? 1 : -1;
  const quantity = String(count);
  const far = Math.abs(apart) + 1;
  switch (way) {
    case 'MARKET':
      return { quantity, timeInForce };
    case 'NOTIONAL':
      return { notional: decimal(count * 40), timeInForce: timeInForce === 'FOK' ? 'IOC' : 'GTC' };
    case 'LIMIT':
      return { quantity, type: 'LIMIT', limitPrice: at(apart), timeInForce };
    case 'STOP':
      return { quantity, type: 'STOP', stopPrice: at(up * apart) };
    case 'STOP_LIMIT':
      return { quantity, type: 'STOP_LIMIT', stopPrice: at(up * apart), limitPrice: at(up * far) };
    case 'TRAILING_STOP':
      return { quantity, type: 'TRAILING_STOP', trailAmount: decimal(far).dividedBy(100) };
    case 'BRACKET':
      return {
        ...{ quantity, orderClass: 'BRACKET', takeProfit: { limitPrice: at(up * far * 2) } },
        ...(apart > 0 && { type: 'LIMIT', limitPrice: at(up * far) }),
        stopLoss: { stopPrice: at(-up * far) },
      };
    case 'OTO':
      return { quantity, orderClass: 'OTO', stopLoss: { stopPrice: at(-up * far) } };
    case 'OCO':
      return {
        ...{ quantity, orderClass: 'OCO', takeProfit: { limitPrice: at(-up * far) } },
        stopLoss: { stopPrice: at(up * far) },
      };
  }
}

function plainOf(
  instrument: string,
  step: Placed,
  wanted: ReturnType<typeof wantedOf>,
): PlainTerms {
  const { side } = step;
  const { quantity, notional, limitPrice, stopPrice, trailAmount } = wanted;
  const { takeProfit, stopLoss, orderClass = 'SIMPLE' } = wanted;
  const at = (given: Decimal | undefined) => (given === undefined ? null : price(given.toFixed(2)));
  const profit = at(takeProfit?.limitPrice);
  return {
    ...{ instrument, side, orderClass, type: wanted.type ?? 'MARKET' },
    timeInForce: wanted.timeInForce ?? 'GTC',
    quantity: quantity === undefined ? null : BigInt(quantity) * ONE,
    notional: notional ? cents(notional.toFixed(2)) : null,
    limit: orderClass === 'OCO' ? profit : at(limitPrice),
    ...{ stop: at(stopPrice), trail: at(trailAmount) },
    ...{ takeProfit: profit, stopLoss: at(stopLoss?.stopPrice) },
  };
}

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing to pick.');
  return item;
}

/** Never 000. */
const threeDigits = (count: number): string => String(1 + (count % 999)).padStart(3, '0');
