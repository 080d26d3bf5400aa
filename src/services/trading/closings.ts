import { z } from 'zod';
import { requireCapability } from '../accounts/capabilities.ts';
import type { Database } from '../platform/database.ts';
import { derivedId } from '../platform/derived-id.ts';
import { DomainError, InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { inAccountsOf } from '../platform/owner-filter.ts';
import type { Instrument, Order, Position } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { InsufficientPosition, NothingHeld } from './errors.ts';
import type { Orders } from './orders.ts';

export interface ClosePosition {
  readonly accountId: string;
  readonly symbol: string;
  /** How much of it; all when this and `percent` are left out. Not more than is held. */
  readonly quantity?: Decimal;
  /** How much of it, above 0 to 100; rounded down to the lot. */
  readonly percent?: Decimal;
  /** Of the order that closes it. */
  readonly clientOrderId: string;
}

export interface CloseAllPositions {
  readonly accountId: string;
  /** Whether all open orders of the account are canceled first. */
  readonly isCanceling: boolean;
  readonly idempotencyKey: string;
}

export interface Closings {
  /**
   * Cancels the open orders of the instrument, so that nothing is closed twice, and places the market
   * order that closes the position, or a part of it. The same client order id gets the same order.
   * Throws NothingHeld, and cancels nothing, where there is no position; what `place` throws besides.
   */
  close(viewer: Viewer, command: ClosePosition): Promise<Order>;
  /**
   * The same for all that the account holds, the oldest 100 positions at once: the order or the refusal of
   * each. Without the cancellations, what open orders close already is refused by the gate.
   */
  closeAll(viewer: Viewer, command: CloseAllPositions): Promise<readonly (Order | DomainError)[]>;
}

type Held = Position & { readonly instrument: Instrument };

const AT_ONCE_MAX = 100;
const uuid = z.uuid();

/*
 * Two steps, each whole in itself, and not one: when the order that closes is refused, the others stay
 * canceled. A repeated request finds the order of its client order id, and goes on where it was cut off.
 */
export function createClosings({
  db,
  orders,
}: {
  readonly db: Database;
  readonly orders: Pick<Orders, 'cancelAll' | 'place' | 'submit'>;
}): Closings {
  const { heldBy, expectAccount, commandOf } = createClosingReads(db);
  return {
    async close(viewer, command) {
      requireCapability(viewer, 'TRADE');
      const { accountId, symbol, clientOrderId } = command;
      await expectAccount(viewer, accountId);
      const [held] = await heldBy(viewer, accountId, symbol);
      const order = await commandOf(viewer, command, held);
      const idempotencyKey = derivedId(['close position', accountId, clientOrderId]);
      await orders.cancelAll(viewer, { accountId, symbol, idempotencyKey });
      return orders.place(viewer, order);
    },

    async closeAll(viewer, { accountId, isCanceling, idempotencyKey: key }) {
      requireCapability(viewer, 'TRADE');
      await expectAccount(viewer, accountId);
      if (isCanceling) {
        const idempotencyKey = derivedId(['close all positions', accountId, key]);
        await orders.cancelAll(viewer, { accountId, idempotencyKey });
      }
      const submissions = [];
      for (const held of await heldBy(viewer, accountId)) {
        const { symbol, id } = held.instrument;
        const clientOrderId = derivedId(['close all positions', accountId, key, id]);
        const order = await commandOf(viewer, { accountId, symbol, clientOrderId }, held);
        submissions.push(await orders.submit(viewer, order).catch(refusalOf));
      }
      // Read when all are written: a viewer's reads end when they write.
      return Promise.all(
        submissions.map(async (each) => (each instanceof DomainError ? each : each.newest())),
      );
    },
  };
}

/** What a closing has to know before. */
function createClosingReads(db: Database) {
  const heldBy = (viewer: Viewer, accountId: string, symbol?: string): Promise<Held[]> =>
    db.snapshot({ ...viewer }, (tx) =>
      tx.position.findMany({
        where: {
          ...{ accountId, closedAt: null, ...inAccountsOf(viewer) },
          ...(symbol !== undefined && { instrument: { symbol } }),
        },
        include: { instrument: true },
        orderBy: [{ openedAt: 'asc' }, { id: 'asc' }],
        take: AT_ONCE_MAX,
      }),
    );
  const expectAccount = async (viewer: Viewer, accountId: string): Promise<void> => {
    const found =
      uuid.safeParse(accountId).success &&
      (await db.snapshot({ ...viewer }, (tx) =>
        tx.account.findFirst({
          where: { id: accountId, ownerId: inAccountsOf(viewer).ownerId },
          select: { id: true },
        }),
      ));
    if (!found) throw new NotFound('Account');
  };
  const earlierOf = (
    viewer: Viewer,
    { accountId, clientOrderId }: Pick<ClosePosition, 'accountId' | 'clientOrderId'>,
  ) =>
    db.snapshot({ ...viewer }, (tx) =>
      tx.order.findFirst({
        where: { accountId, clientOrderId, ...inAccountsOf(viewer) },
        include: { instrument: true },
      }),
    );
  /** The order that closes so much, or the one that the client order id had before. */
  const commandOf = async (
    viewer: Viewer,
    command: ClosePosition,
    held: Held | undefined,
  ): Promise<Parameters<Orders['place']>[1]> => {
    const { accountId, symbol, clientOrderId } = command;
    const earlier = await earlierOf(viewer, command);
    if (earlier?.instrument.symbol === symbol) {
      return { accountId, symbol, clientOrderId, side: earlier.side, quantity: earlier.quantity };
    }
    if (!held) throw new NothingHeld(symbol);
    const side = held.quantity.isNegative() ? 'BUY' : 'SELL';
    return { accountId, symbol, clientOrderId, side, quantity: amountOf(command, held) };
  };

  return { heldBy, expectAccount, commandOf };
}

function amountOf(
  { quantity, percent }: Pick<ClosePosition, 'quantity' | 'percent'>,
  { quantity: all, instrument: { lotSize } }: Held,
): Decimal {
  const held = new Decimal(all).abs();
  if (quantity && percent) {
    throw new InvalidInput('percent', 'Give a quantity or a percent, not both.');
  }
  if (quantity) {
    if (quantity.lessThanOrEqualTo(held)) return quantity;
    throw new InsufficientPosition(null, { required: quantity, available: held });
  }
  if (percent && !(percent.greaterThan(ZERO) && percent.lessThanOrEqualTo(100))) {
    throw new InvalidInput('percent', 'A percent is above 0 and at most 100.');
  }
  const wanted = percent ? held.times(percent).dividedBy(100) : held;
  return wanted.dividedToIntegerBy(lotSize).times(lotSize);
}

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  throw error;
}
