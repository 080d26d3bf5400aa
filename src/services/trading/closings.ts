import { z } from 'zod';
import { requireCapability } from '../accounts/capabilities.ts';
import type { Database } from '../platform/database.ts';
import { derivedId } from '../platform/derived-id.ts';
import { NotFound, type DomainError } from '../platform/errors.ts';
import { useOfKey } from '../platform/idempotency.ts';
import { Decimal, toText } from '../platform/money.ts';
import type { NewEvent } from '../platform/outbox.ts';
import { inAccountsOf, isOnPaper } from '../platform/owner-filter.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { accountLock } from '../portfolio/locks.ts';
import type { AdmissionPorts } from './admission.ts';
import { closeHeld, type Closed, type ClosingOutcome } from './closing.ts';
import {
  closingOrder,
  heldBy,
  isDust,
  partOf,
  type ClosePosition,
  type Held,
} from './closing-order.ts';
import { isCancelable } from './engine/order-state.ts';
import { InvalidQuantity, NothingHeld, OrdersAtBroker } from './errors.ts';
import { massCancellation } from './mass-cancellation.ts';
import { workingOrdersLock } from './order-rows.ts';
import type { PlaceOrder } from './placement.ts';
import { denialOf } from './refusal.ts';

export interface CloseAllPositions {
  readonly accountId: string;
  /** Whether all open orders of the account are canceled first. */
  readonly isCanceling: boolean;
  readonly idempotencyKey: string;
}

export interface ClosingsPorts extends AdmissionPorts {
  /** The server's. */
  readonly db: Database;
  /** Gives an order to the engine, and answers with its first news, if they come soon. */
  readonly begin: (order: Order) => Promise<Order | undefined>;
  /** Hears of each canceled order after the commit. */
  readonly onCanceled?: (order: Order) => void;
  /** Learns what an order at a broker is judged by, before it is. */
  readonly beforePlacing?: (
    viewer: Viewer,
    order: Pick<PlaceOrder, 'accountId' | 'symbol'>,
  ) => Promise<void>;
}

export interface Closings {
  /**
   * Cancels the open orders of an instrument, so that nothing is closed twice, and places the
   * market order that closes the position, or a part of it: all at once, or, when the order is
   * refused, only the denied order, and the others stand. The same client order id gets the same
   * answer. Throws NothingHeld where there is no position, OrdersAtBroker where an open order is at
   * a broker, what `place` throws besides.
   */
  closePosition(viewer: Viewer, command: ClosePosition): Promise<Order>;
  /**
   * The same for all that the account holds, the oldest 100 positions at once and in one
   * transaction: the order or the refusal of each; one that is refused keeps its open orders, and
   * InvalidQuantity is that of what is less than a lot. Cancels up to 1,000 orders, those of what
   * is not held as well. The same key gets the first answers again.
   */
  closeAllPositions(
    viewer: Viewer,
    command: CloseAllPositions,
  ): Promise<readonly (Order | DomainError)[]>;
}

/** What closings have stored. */
interface Closure {
  readonly outcomes: readonly ClosingOutcome[];
  readonly orders: readonly Order[];
  readonly canceled: readonly Order[];
}

const uuid = z.uuid();

export function createClosings(ports: ClosingsPorts): Closings {
  const { db, clock } = ports;
  const answersOf = createAnswers(ports);
  return {
    async closePosition(viewer, command) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const { accountId, symbol, clientOrderId } = command;
      expectId(accountId);
      await ports.beforePlacing?.(viewer, { accountId, symbol });
      const key = useOfKey<ClosingOutcome>({
        ...{ ownerId, operation: 'closePosition', key: clientOrderId, scope: accountId },
        ...{ command: { symbol, ...partOf(command) }, now: clock.now() },
      });
      const closure = await db.pipeline(viewer, async (pipeline): Promise<Closure> => {
        const [[account], [earlier], [held], open] = await pipeline.ask(
          ...([accountLock(accountId), key.lookUp, heldBy(accountId, symbol)] as const),
          workingOrdersLock(accountId, symbol),
        );
        expectOwn(viewer, account);
        if (earlier) return { outcomes: [key.outcomeOf(earlier)], orders: [], canceled: [] };
        if (!held) throw new NothingHeld(symbol);
        const order = closingOrder(command, held);
        const closed = await closeHeld(pipeline, ports, { viewer, order, open });
        // Thrown, so that the same request is tried anew once they are canceled.
        if ('atBroker' in closed.outcome) throw new OrdersAtBroker(symbol);
        pipeline.store({ queries: [key.keep(closed.outcome)], events: closed.events });
        return closureOf([closed]);
      });
      const [answer] = await answersOf(viewer, closure);
      if (!answer) throw new Error('A closing has one answer.');
      if (answer instanceof Error) throw answer;
      return answer;
    },

    async closeAllPositions(viewer, { accountId, isCanceling, idempotencyKey }) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      expectId(accountId);
      for (const symbol of await symbolsHeld(db, viewer, accountId)) {
        await ports.beforePlacing?.(viewer, { accountId, symbol });
      }
      const key = useOfKey<{ readonly closings: readonly ClosingOutcome[] }>({
        ...{ ownerId, operation: 'closeAllPositions', key: idempotencyKey, scope: accountId },
        ...{ command: { isCanceling }, now: clock.now() },
      });
      const closure = await db.pipeline(viewer, async (pipeline): Promise<Closure> => {
        const [[account], [earlier], held, working] = await pipeline.ask(
          ...([accountLock(accountId), key.lookUp, heldBy(accountId)] as const),
          workingOrdersLock(accountId),
        );
        expectOwn(viewer, account);
        if (earlier) {
          return { outcomes: key.outcomeOf(earlier).closings, orders: [], canceled: [] };
        }
        const open = isCanceling ? working : [];
        const others = await cancelOthers(pipeline, ports, { account, held, open });
        const which = { viewer, accountId, idempotencyKey, held, open };
        const closings = await closeEach(pipeline, ports, which);
        const { outcomes, orders, canceled } = closureOf(closings);
        pipeline.store({
          queries: [key.keep({ closings: outcomes })],
          events: [...others.events, ...closings.flatMap(({ events }) => events)],
        });
        return { outcomes, orders, canceled: [...others.orders, ...canceled] };
      });
      return answersOf(viewer, closure);
    },
  };
}

function expectId(accountId: string): void {
  // An id that cannot be is answered like one that never was.
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
}

function expectOwn(viewer: Viewer, account: Account | undefined): asserts account is Account {
  const isOwn = account?.ownerId === requireUser(viewer).userId;
  if (!isOwn || (isOnPaper(viewer) && account.kind !== 'PAPER')) throw new NotFound('Account');
}

/** Whose quotes are asked for; what counts is read again under the account's lock. */
async function symbolsHeld(
  db: Database,
  viewer: Viewer,
  accountId: string,
): Promise<readonly string[]> {
  const where = { accountId, closedAt: null, ...inAccountsOf(viewer) };
  const positions = await db.snapshot({ ...viewer }, (tx) =>
    tx.position.findMany({ where, select: { instrument: { select: { symbol: true } } } }),
  );
  return positions.map(({ instrument }) => instrument.symbol);
}

/** Cancels the open orders of what is not held: no closing depends on them. */
async function cancelOthers(
  pipeline: Pipeline,
  { clock }: Pick<ClosingsPorts, 'clock'>,
  {
    account,
    held,
    open,
  }: { readonly account: Account; readonly held: readonly Held[]; readonly open: readonly Order[] },
): Promise<{ readonly orders: readonly Order[]; readonly events: readonly NewEvent[] }> {
  const ids = new Set(held.map(({ instrumentId }) => instrumentId));
  const orders = open.filter(
    ({ instrumentId, status }) => !ids.has(instrumentId) && isCancelable(status),
  );
  const cancellation = massCancellation({ account, orders, now: clock.now() });
  if (orders.length > 0) await pipeline.ask(...cancellation.queries);
  return cancellation;
}

/** One position after the other, each with what those before have freed. */
async function closeEach(
  pipeline: Pipeline,
  ports: ClosingsPorts,
  {
    viewer,
    accountId,
    idempotencyKey,
    held,
    open,
  }: Omit<CloseAllPositions, 'isCanceling'> & {
    readonly viewer: Viewer;
    readonly held: readonly Held[];
    readonly open: readonly Order[];
  },
): Promise<readonly Closed[]> {
  const closings: Closed[] = [];
  for (const each of held) {
    const { symbol, instrumentId } = each;
    if (isDust(each)) {
      closings.push(leftAlone(each));
      continue;
    }
    const parts = ['close all positions', accountId, idempotencyKey, instrumentId];
    const order = closingOrder({ accountId, symbol, clientOrderId: derivedId(parts) }, each);
    const ofIt = open.filter((one) => one.instrumentId === instrumentId);
    closings.push(await closeHeld(pipeline, ports, { viewer, order, open: ofIt }));
  }
  return closings;
}

/** No order is for so little: none is denied, and none is canceled. */
const leftAlone = ({ symbol, quantity, lotSize }: Held): Closed => {
  const dust = { symbol, held: toText(new Decimal(quantity).abs()), lot: toText(lotSize) };
  return { outcome: { dust }, order: undefined, canceled: [], events: [] };
};

const closureOf = (closings: readonly Closed[]): Closure => ({
  outcomes: closings.map(({ outcome }) => outcome),
  orders: closings.flatMap(({ order }) => order ?? []),
  canceled: closings.flatMap(({ canceled }) => canceled),
});

/**
 * What follows the commit: the engine hears of it, and each outcome becomes an order or an error.
 */
function createAnswers({ db, begin, onCanceled }: ClosingsPorts) {
  return async (
    viewer: Viewer,
    { outcomes, orders, canceled }: Closure,
  ): Promise<readonly (Order | DomainError)[]> => {
    for (const order of canceled) onCanceled?.(order);
    const news = new Map(orders.map((order) => [order.id, begin(order)]));
    return Promise.all(
      outcomes.map(async (outcome) => {
        if ('atBroker' in outcome) return new OrdersAtBroker(outcome.atBroker);
        if ('dust' in outcome) {
          const { symbol, held, lot } = outcome.dust;
          return new InvalidQuantity(null, new Decimal(held), new Decimal(lot), symbol);
        }
        const { orderId: id, refusal } = outcome;
        if (refusal) return denialOf(refusal, id);
        const first = await news.get(id);
        return first ?? db.snapshot(viewer, (tx) => tx.order.findUniqueOrThrow({ where: { id } }));
      }),
    );
  };
}
